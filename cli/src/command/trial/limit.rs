//! Amounts that may be without limit, as flags.

use std::fmt;
use std::str::FromStr;

use crate::output::money;

/// A number of cents, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(Option<u64>);

impl Limit {
    /// The cents, or what stands for none on the ledger.
    pub fn or(self, none: u64) -> u64 {
        self.0.unwrap_or(none)
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        // The largest number stands for none on the ledger, so nobody can mean it.
        match text.parse() {
            Ok(cents) if cents < u64::MAX => Ok(Self(Some(cents))),
            _ => Err("write a whole number of cents, or none".to_owned()),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.0 {
            Some(cents) => f.write_str(&money(cents)),
            None => f.write_str("none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_cents_or_none() {
        assert_eq!("none".parse().map(|limit: Limit| limit.or(9)), Ok(9));
        assert_eq!("1234".parse().map(|limit: Limit| limit.or(9)), Ok(1_234));
        for refused in ["", "-1", "1.5", "18446744073709551615", "None"] {
            assert!(refused.parse::<Limit>().is_err(), "{refused}");
        }
    }
}
