//! The leaves of Galen's own documents: money, dates, rates, small counts, each with its refusal.

use std::fmt;

use galen_rules::{BasisPoints, Cents, Date, Remark};
use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::problem::{coded, Problem};

/// An amount as documents write it: an integer number of cents, zero or more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub Cents);

/// A day as documents write it: `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

/// A rate as documents write it: basis points from 0 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub BasisPoints);

/// A remittance advice remark code (RARC), as `N130`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemarkCode(pub Remark);

/// A procedure modifier: two characters, as `RT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Modifier(pub [u8; 2]);

/// A name, a code or a number that is only compared: any text that is not blank.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Name(pub String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().is_empty() {
            let message = "A blank says nothing here; leave it out.";
            return Err(de::Error::custom(coded("empty_value", message)));
        }
        Ok(Self(text))
    }
}

/// Days from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first; null: since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last; null: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
}

/// Characters of a code, at most.
pub const MAX_CODE: usize = 32;

/// Refuses what is no code of a procedure: codes are compared to the letter, here and by their keys on the ledger, where a blank
/// that nobody sees would make another one for good.
///
/// # Errors
/// `empty_value`; `invalid_code` for blanks at the ends or several together, what cannot be printed, and more than 32
/// characters.
pub fn check_code(code: &str, at: impl Into<String>) -> Result<(), Problem> {
    if code.trim().is_empty() {
        return Err(Problem::new("empty_value", at, "A code is needed here."));
    }
    let blanks = code.trim() != code
        || code.contains("  ")
        || code
            .chars()
            .any(|letter| letter.is_whitespace() && letter != ' ');
    let message = if blanks {
        "A code has no blanks at its ends, nor two together; remove them.".to_owned()
    } else if code.chars().any(char::is_control) {
        "A code has a character that cannot be printed; remove it.".to_owned()
    } else if code.chars().count() > MAX_CODE {
        format!("A code has at most {MAX_CODE} characters.")
    } else {
        return Ok(());
    };
    Err(Problem::new("invalid_code", at, message))
}

impl Modifier {
    /// Reads a modifier: two capital letters or digits.
    pub fn new(text: &str) -> Option<Self> {
        let modifier: [u8; 2] = text.as_bytes().try_into().ok()?;
        modifier
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            .then_some(Self(modifier))
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [first, second] = self.0.map(char::from);
        write!(f, "{first}{second}")
    }
}

impl Serialize for Modifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Modifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refused = || {
            de::Error::invalid_value(
                Unexpected::Str(&text),
                &"a modifier of two capital letters or digits, as \"RT\"",
            )
        };
        Self::new(&text).ok_or_else(refused)
    }
}

impl Serialize for RemarkCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RemarkCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refused =
            || de::Error::invalid_value(Unexpected::Str(&text), &"a remark code, as \"N130\"");
        Remark::new(&text).map(Self).ok_or_else(refused)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.get())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.0.get())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Amount;
        impl Visitor<'_> for Amount {
            type Value = Money;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an amount as a whole number of cents, zero or more")
            }

            fn visit_u64<E: de::Error>(self, cents: u64) -> Result<Money, E> {
                Ok(Money(Cents::new(cents)))
            }

            fn visit_i64<E: de::Error>(self, cents: i64) -> Result<Money, E> {
                let message = format!("An amount cannot be negative; found {cents}.");
                u64::try_from(cents)
                    .map(|cents| Money(Cents::new(cents)))
                    .map_err(|_| E::custom(coded("negative_money", message)))
            }
        }
        deserializer.deserialize_u64(Amount)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Day;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a date as \"YYYY-MM-DD\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Day, E> {
                text.parse().map(Day).map_err(|error| {
                    E::custom(coded("invalid_date", format!("\"{text}\" is {error}.")))
                })
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = u16::deserialize(deserializer)?;
        let refused = || {
            de::Error::invalid_value(
                Unexpected::Unsigned(points.into()),
                &"a rate from 0 to 10000 basis points",
            )
        };
        BasisPoints::new(points).map(Rate).ok_or_else(refused)
    }
}
