//! READINGS.csv, from a file or from stdin.

use std::path::Path;

pub use galen_readings::{Reading, HOUR};

use crate::document;
use crate::error::{CliError, Result};

/// Reads a file, or stdin where it is `-`.
///
/// # Errors
/// Those of [`galen_readings::parse`], and those of the file itself.
pub fn read(path: &Path) -> Result<Vec<Reading>> {
    let bytes = document::bytes(path)?;
    galen_readings::parse(&bytes).map_err(|error| CliError {
        code: error.code.to_owned(),
        message: format!("{}: {}", document::name(path), error.message),
        at: error.at,
    })
}
