//! A pack's code as it is printed.

use std::fmt;

use galen_rules::gs1::{self, Gs1Error, Pack, Place};
use serde::Serialize;

use crate::chain::when::this_year;
use crate::error::{CliError, Result};

/// FNC1 as scanners send it.
const SEPARATOR: char = '\u{1d}';

/// An element of the code.
#[derive(Debug, Serialize)]
pub struct Element {
    ai: String,
    value: String,
}

/// What the code says.
#[derive(Debug, Serialize)]
pub struct View {
    gtin: Option<String>,
    serial: Option<String>,
    lot: Option<String>,
    expiry: Option<String>,
    elements: Vec<Element>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'static str>,
}

/// Reads a code in any form.
///
/// # Errors
/// What `galen_rules::gs1` refuses, by its name and place.
pub fn read(text: &str) -> Result<View> {
    let year = this_year()?;
    let message = gs1::parse(text, year).map_err(refused)?;
    let pack = Pack::of(&message, year);
    let own = |text: Option<&str>| text.map(str::to_owned);
    Ok(View {
        gtin: own(pack.gtin),
        serial: own(pack.serial),
        lot: own(pack.lot),
        expiry: pack.expiry.map(|expiry| expiry.date.to_string()),
        elements: message
            .elements()
            .map(|element| Element {
                ai: element.ai.to_string(),
                value: element.value.to_owned(),
            })
            .collect(),
        flags: pack
            .expiry
            .filter(|expiry| expiry.is_month)
            .map(|_| "expiry_day_00")
            .into_iter()
            .collect(),
    })
}

/// A code in any form as the element string that a symbol carries, with the character 0x1D after each value whose length readers do not
/// know, but the last.
///
/// # Errors
/// What `galen_rules::gs1` refuses, by its name and place.
pub fn element_string(text: &str) -> Result<String> {
    let message = gs1::parse(text, this_year()?).map_err(refused)?;
    let mut string = String::new();
    let mut is_open = false;
    for element in message.elements() {
        if is_open {
            string.push(SEPARATOR);
        }
        string.push_str(element.ai.as_str());
        string.push_str(element.value);
        is_open = !element.ai.is_predefined();
    }
    Ok(string)
}

fn refused(error: Gs1Error) -> CliError {
    let at = (error.place != Place::Whole).then(|| error.place.to_string());
    CliError {
        code: error.fault.code().to_owned(),
        message: error.fault.message().to_owned(),
        at,
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let month_only = if self.flags.is_empty() {
            ""
        } else {
            " (the code names the month only)"
        };
        for (name, value, note) in [
            ("GTIN", &self.gtin, ""),
            ("Serial number", &self.serial, ""),
            ("Lot", &self.lot, ""),
            ("Expiry", &self.expiry, month_only),
        ] {
            writeln!(
                f,
                "{name:<14}{}{note}",
                value.as_deref().unwrap_or("not in the code")
            )?;
        }
        for element in &self.elements {
            writeln!(f, "  ({}) {}", element.ai, element.value)?;
        }
        Ok(())
    }
}
