//! What is wrong with an interchange, and where.

use std::fmt;

use galen_documents::Problem;

/// Where in an interchange one is. Printed as `segment[27].SV101-3`: the 27th segment, counted from the ISA as 1, its
/// first element, of that the third component.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The segment's number in the interchange, from 1; 0: the interchange as such.
    pub segment: usize,
    /// The segment's number in its transaction set, its ST being 1; 0: outside of one.
    pub in_set: usize,
    /// The segment's identifier, as `SV1`.
    pub id: String,
    /// The element's number, from 1.
    pub element: Option<usize>,
    /// The component's number, from 1.
    pub component: Option<usize>,
    /// The loop in which the segment is, as the implementation guide numbers it; empty where it is in none.
    pub within: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.segment == 0 {
            return Ok(());
        }
        write!(f, "segment[{}].{}", self.segment, self.id)?;
        if let Some(element) = self.element {
            write!(f, "{element:02}")?;
        }
        match self.component {
            Some(component) => write!(f, "-{component}"),
            None => Ok(()),
        }
    }
}

/// What sort of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It does not start with an ISA of 106 characters.
    NotX12,
    /// It ends in the middle.
    Truncated,
    /// Another version or implementation guide.
    UnsupportedVersion,
    /// Something that Galen does not take, though it may be right.
    Unsupported,
    /// Header and trailer do not have the same control number, or two of a kind have it.
    ControlNumber,
    /// A trailer counts something else than there is.
    Count,
    /// A segment where none such can be.
    UnexpectedSegment,
    /// A segment that has to be there is not.
    MissingSegment,
    /// More segments of a kind than there can be.
    TooManySegments,
    /// A segment after those that it has to precede.
    SegmentOrder,
    /// An element that has to be there is not.
    MissingElement,
    /// More elements than the segment has.
    TooManyElements,
    /// An element longer than it can be.
    ElementTooLong,
    /// A character that no element can have.
    InvalidCharacter,
    /// None of the codes that can stand here.
    InvalidCode,
    /// No day of the calendar.
    InvalidDate,
    /// No number, or none in the range.
    InvalidValue,
    /// An amount below zero.
    NegativeMoney,
    /// An amount with more than two decimals.
    TooManyDecimals,
    /// An amount larger than Galen counts.
    MoneyTooLarge,
    /// Amounts in another currency than the plan's.
    WrongCurrency,
    /// Amounts that do not add up.
    SumMismatch,
    /// A number that stands twice and may not.
    Duplicate,
    /// Somebody or something is referred to and not there.
    MissingReference,
    /// A claim without lines.
    NoLines,
    /// A claim with more lines than one takes.
    TooManyLines,
    /// Another payer comes first, and what it decided is not there.
    PriorPayerMissing,
}

impl Kind {
    /// The stable code of an error, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotX12 => "not_x12",
            Self::Truncated => "truncated",
            Self::UnsupportedVersion => "unsupported_version",
            Self::Unsupported => "unsupported",
            Self::ControlNumber => "control_number_mismatch",
            Self::Count => "count_mismatch",
            Self::UnexpectedSegment => "unexpected_segment",
            Self::MissingSegment => "missing_segment",
            Self::TooManySegments => "too_many_segments",
            Self::SegmentOrder => "segment_out_of_order",
            Self::MissingElement => "missing_element",
            Self::TooManyElements => "too_many_elements",
            Self::ElementTooLong => "element_too_long",
            Self::InvalidCharacter => "invalid_character",
            Self::InvalidCode => "unknown_value",
            Self::InvalidDate => "invalid_date",
            Self::InvalidValue => "invalid_value",
            Self::NegativeMoney => "negative_money",
            Self::TooManyDecimals => "too_many_decimals",
            Self::MoneyTooLarge => "money_too_large",
            Self::WrongCurrency => "wrong_currency",
            Self::SumMismatch => "sum_mismatch",
            Self::Duplicate => "duplicate_number",
            Self::MissingReference => "missing_reference",
            Self::NoLines => "no_lines",
            Self::TooManyLines => "too_many_lines",
            Self::PriorPayerMissing => "prior_payer_missing",
        }
    }

    /// Whether the structure or the form of an element is wrong, rather than what it says: a 999 reports the one, a 277CA
    /// the other.
    pub const fn is_syntax(self) -> bool {
        matches!(
            self,
            Self::ControlNumber
                | Self::Count
                | Self::UnexpectedSegment
                | Self::MissingSegment
                | Self::TooManySegments
                | Self::SegmentOrder
                | Self::MissingElement
                | Self::TooManyElements
                | Self::ElementTooLong
                | Self::InvalidCharacter
                | Self::InvalidCode
                | Self::InvalidDate
                | Self::InvalidValue
                | Self::TooManyDecimals
        )
    }
}

/// One thing wrong with an interchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What sort of thing.
    pub kind: Kind,
    /// A full sentence that says what to do.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What stands there, where it is an element.
    pub found: Option<String>,
}

impl Fault {
    /// Something wrong at a place.
    pub fn new(kind: Kind, place: Place, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            place,
            found: None,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::new(fault.kind.code(), fault.place.to_string(), fault.message)
    }
}
