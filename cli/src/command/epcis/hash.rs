//! `galen epcis hash`: the hash of each event of a document.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen epcis hash`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen epcis hash document.json
  galen epcis hash document.json --output json
  galen epcis hash document.json --canonical

DOCUMENT is EPCIS 2.0 in JSON-LD: an EPCISDocument, an EPCISQueryDocument, or one event; `-` reads it from stdin. The
hash is the same for every form of the same event: order of keys and lists, EPC URN or Digital Link, offset from UTC.")]
pub struct Args {
    /// The document
    #[arg(value_name = "DOCUMENT")]
    document: PathBuf,
    /// Show the canonical string that is hashed, too
    #[arg(long)]
    canonical: bool,
}

#[derive(Serialize)]
struct Event {
    hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical: Option<String>,
}

#[derive(Serialize)]
struct Report {
    events: Vec<Event>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let json = document::json(&args.document)?;
    let refused = |error: galen_epcis::EpcisError| CliError {
        code: error.code.to_owned(),
        message: format!("{}: {}", document::name(&args.document), error.message),
        at: Some(error.at),
    };
    let strings = galen_epcis::canonical_strings(&json).map_err(refused)?;
    let hashes = galen_epcis::hashes(&json).map_err(refused)?;
    let events = hashes
        .into_iter()
        .zip(strings)
        .map(|(hash, canonical)| Event {
            hash,
            canonical: args.canonical.then_some(canonical),
        })
        .collect();
    Answer::new(&Report { events })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for event in &self.events {
            writeln!(f, "{}", event.hash)?;
            if let Some(canonical) = &event.canonical {
                writeln!(f, "  {canonical}")?;
            }
        }
        Ok(())
    }
}
