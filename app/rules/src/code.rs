//! The code on a pack.

use galen_rules::gs1::{self, Fault, Gs1Error, Pack, Place};
use serde::{Deserialize, Serialize};

use crate::{Refused, Result};

/// A code to be read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// As it was scanned or typed.
    text: String,
    /// The present year: dates of codes have two digits for theirs.
    year: u16,
}

/// What a code says.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Code {
    gtin: Option<String>,
    serial: Option<String>,
    lot: Option<String>,
    expiry: Option<Expiry>,
    elements: Vec<Element>,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct Expiry {
    /// `YYYY-MM-DD`.
    date: String,
    /// In days since 1970-01-01.
    days: i32,
    /// The code names the month only.
    is_month: bool,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct Element {
    ai: String,
    value: String,
}

/// Reads a code.
///
/// # Errors
/// What `galen_rules::gs1` refuses, by its name and place.
pub fn read(request: &Request) -> Result<Code> {
    let message = gs1::parse(&request.text, request.year).map_err(refused)?;
    let pack = Pack::of(&message, request.year);
    let own = |text: Option<&str>| text.map(str::to_owned);
    Ok(Code {
        gtin: own(pack.gtin),
        serial: own(pack.serial),
        lot: own(pack.lot),
        expiry: pack.expiry.map(|expiry| Expiry {
            date: expiry.date.to_string(),
            days: expiry.date.days(),
            is_month: expiry.is_month,
        }),
        elements: message
            .elements()
            .map(|element| Element {
                ai: element.ai.to_string(),
                value: element.value.to_owned(),
            })
            .collect(),
    })
}

/// Every fault that a code can have, by its name and in English.
pub fn faults() -> Vec<Refused> {
    Fault::ALL
        .iter()
        .map(|fault| Refused::new(fault.code(), fault.message()))
        .collect()
}

fn refused(error: Gs1Error) -> Refused {
    Refused {
        at: (error.place != Place::Whole).then(|| error.place.to_string()),
        ..Refused::new(error.fault.code(), error.fault.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<Code> {
        read(&Request {
            text: text.to_owned(),
            year: 2026,
        })
    }

    #[test]
    fn a_scan_with_its_separators() {
        let read = code("]d2010952400005910921SN1\u{1d}1727120010A1").expect("a good code");
        assert_eq!(
            (
                read.gtin.as_deref(),
                read.serial.as_deref(),
                read.lot.as_deref()
            ),
            (Some("09524000059109"), Some("SN1"), Some("A1"))
        );
        let expiry = read.expiry.expect("an expiry");
        assert_eq!(
            (expiry.date.as_str(), expiry.is_month),
            ("2027-12-31", true)
        );
        assert_eq!(read.elements.len(), 4);
    }

    #[test]
    fn refusals_have_their_names_and_places() {
        let refused = code("(01)09524000059108(21)SN1").expect_err("a wrong check digit");
        assert_eq!(
            (refused.code.as_str(), refused.at.as_deref()),
            ("bad_check_digit", Some("(01)"))
        );
        assert_eq!(code(" ").expect_err("nothing").code, "empty");
        assert_eq!(faults().len(), Fault::ALL.len());
    }
}
