//! What is wrong with a code, and where.

use core::fmt;

use super::message::Ai;

/// Where in a code something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The code as a whole.
    Whole,
    /// The value of an Application Identifier.
    Ai(Ai),
    /// The byte of the text at which reading stopped, counted from 0.
    Byte(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Ai(ai) => write!(f, "({ai})"),
            Self::Byte(at) => write!(f, "byte {at}"),
        }
    }
}

/// A code that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gs1Error {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub place: Place,
}

impl Gs1Error {
    pub(crate) const fn new(fault: Fault, place: Place) -> Self {
        Self { fault, place }
    }

    pub(crate) const fn at(fault: Fault, ai: Ai) -> Self {
        Self::new(fault, Place::Ai(ai))
    }
}

impl fmt::Display for Gs1Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.place {
            Place::Whole => write!(f, "{}", self.fault.message()),
            place => write!(f, "{} (at {place})", self.fault.message()),
        }
    }
}

impl core::error::Error for Gs1Error {}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)*) => {
        /// Why a code is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name, for programs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What is wrong and what to do, in a sentence.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

faults! {
    /// Nothing to read.
    Empty = "empty", "The code is empty; scan the pack again.";
    /// Longer than any GS1 symbol.
    TooLarge = "too_large", "The text is longer than a GS1 code can be; scan one code at a time.";
    /// Neither element string nor Digital Link.
    NotGs1 = "not_gs1", "This is not a GS1 code; scan the two-dimensional code on the pack.";
    /// A raw scan without any FNC1.
    NoFnc1 = "no_fnc1",
        "Nothing marks this as a GS1 code: the FNC1 in front is missing. Set the scanner to send symbology identifiers (]d2), or type the code with brackets.";
    /// Where a value ends cannot be told.
    Ambiguous = "ambiguous",
        "Where this value ends cannot be told: the separator (GS, FNC1) after it is missing. Set the scanner to send separators, or type the code with brackets.";
    /// Brackets that do not fit.
    BadBrackets = "bad_brackets",
        "The brackets do not fit: write each Application Identifier as (01), and a bracket inside a value as \\(.";
    /// No such Application Identifier.
    UnknownAi = "unknown_ai", "There is no such GS1 Application Identifier.";
    /// An Application Identifier without a value.
    EmptyValue = "empty_value", "The Application Identifier has no value.";
    /// A value below its length.
    TooShort = "value_too_short", "The value is shorter than its Application Identifier allows.";
    /// A value above its length.
    TooLong = "value_too_long", "The value is longer than its Application Identifier allows.";
    /// A character outside the value's set.
    InvalidCharacter = "invalid_character",
        "The value has a character that its Application Identifier does not allow.";
    /// The check digit, or pair of characters, is another.
    BadCheckDigit = "bad_check_digit", "The check digit does not fit; scan or type the code again.";
    /// A key that does not begin with a company prefix.
    BadCompanyPrefix = "bad_company_prefix", "The value does not begin with the digits of a GS1 Company Prefix.";
    /// No such day.
    InvalidDate = "invalid_date", "There is no such date.";
    /// No such time of day.
    InvalidTime = "invalid_time", "There is no such time of day.";
    /// A value outside what its Application Identifier means.
    InvalidValue = "invalid_value", "The value is not one that its Application Identifier can have.";
    /// A value cut short inside one of its parts.
    BadPercentEncoding = "bad_percent_encoding", "A percent sign must be followed by two hexadecimal digits.";
    /// Another Application Identifier must be there.
    MissingAi = "missing_ai",
        "The Application Identifier stands without one that it needs beside it: a serial number or a lot says nothing without a GTIN.";
    /// Another Application Identifier must not be there.
    ConflictingAi = "conflicting_ai", "The Application Identifier stands beside one that excludes it.";
    /// Two values of one Application Identifier.
    RepeatedAi = "repeated_ai", "The Application Identifier stands here twice with different values.";
    /// AI 17 and AI 7003 name two days.
    ExpiriesDiffer = "expiries_differ",
        "The code names two expiry dates, (17) and (7003), that are not the same day: set the pack aside and ask the manufacturer.";
    /// A URI without a key.
    NoPrimaryKey = "no_primary_key",
        "The link has no GS1 key in its path, as https://example.com/01/09524000059109; a compressed link must be expanded first.";
    /// Qualifiers out of order.
    QualifierOrder = "qualifier_order",
        "A key qualifier is not one of this key's, or not in its order: after 01 come 22, 10, 21.";
    /// An Application Identifier that belongs into the path.
    NotAnAttribute = "not_an_attribute",
        "The Application Identifier cannot be in the query of a GS1 Digital Link; keys and qualifiers belong into the path.";
}
