//! `galen epcis`: EPCIS 2.0 documents. Validating and hashing need no network.

pub mod capture;
mod deed;
pub mod export;
pub mod hash;
pub mod parties;
pub mod tell;
pub mod validate;
pub mod what;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a document.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Whether a document is EPCIS 2.0: GS1's schema, identifiers, times, vocabularies, histories
    Validate(validate::Args),
    /// The hash that identifies each event (CBV 2.0)
    Hash(hash::Args),
    /// Record a document's events on the ledger
    Capture(capture::Args),
    /// Tell a batch's history on the ledger as a document
    Export(export::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        match self {
            Self::Validate(args) => validate::run(&args),
            Self::Hash(args) => hash::run(&args),
            Self::Capture(args) => capture::run(&args, &Settings::load(globals)?),
            Self::Export(args) => export::run(&args, &Settings::load(globals)?),
        }
    }
}
