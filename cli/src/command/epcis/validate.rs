//! `galen epcis validate`: whether a document is EPCIS 2.0.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen epcis validate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen epcis validate document.json
  galen epcis validate document.json --output json

DOCUMENT is EPCIS 2.0 in JSON-LD; `-` reads it from stdin. It is held against GS1's JSON schema; then its identifiers are linted, its
times and event hashes compared, its words looked up in CBV 2.0, and its events read in the order of time: nothing is
commissioned twice, has two parents, or goes on after its end. Exit code 1 where something is wrong; each fault has its place.")]
pub struct Args {
    /// The document
    #[arg(value_name = "DOCUMENT")]
    document: PathBuf,
}

/// As JSON: `{"valid": true, "events": 3, "faults": [{"code": "...", "message": "...", "at": "..."}]}`.
#[derive(Serialize)]
struct Report {
    valid: bool,
    events: usize,
    faults: Vec<CliError>,
}

/// Runs the command.
///
/// # Errors
/// Those of reading JSON; what is wrong with its EPCIS is the answer.
pub fn run(args: &Args) -> Result<Answer> {
    let json = document::json(&args.document)?;
    let faults = faults(&json)?;
    let report = Report {
        valid: faults.is_empty(),
        events: galen_epcis::events(&json).map_or(0, |events| events.len()),
        faults,
    };
    let valid = report.valid;
    Ok(Answer::new(&report)?.with_success(valid))
}

/// What is wrong with a document.
///
/// # Errors
/// `schema_damaged`: a fault of this build.
pub fn faults(document: &Value) -> Result<Vec<CliError>> {
    let found = galen_epcis::validate(document).map_err(of)?;
    Ok(found.into_iter().map(of).collect())
}

/// Refuses a document that is not valid, by its first fault.
///
/// # Errors
/// That fault; the message says how many more there are.
pub fn require(path: &Path, document: &Value) -> Result<()> {
    let mut faults = faults(document)?.into_iter();
    let Some(mut first) = faults.next() else {
        return Ok(());
    };
    let more = match faults.count() {
        0 => String::new(),
        more => format!(" {more} more: `galen epcis validate` lists them."),
    };
    first.message = format!("{}: {}{more}", document::name(path), first.message);
    Err(first)
}

/// A fault as commands answer it.
pub fn of(error: galen_epcis::EpcisError) -> CliError {
    CliError {
        code: error.code.to_owned(),
        message: error.message,
        at: Some(error.at).filter(|at| !at.is_empty()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.valid {
            return write!(f, "Valid EPCIS 2.0, events: {}", self.events);
        }
        write!(f, "Not valid EPCIS 2.0; faults: {}", self.faults.len())?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}
