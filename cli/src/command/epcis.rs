//! `galen epcis`: EPCIS 2.0 documents. Needs no network.

pub mod hash;

use clap::Subcommand;

use crate::error::Result;
use crate::output::Answer;

/// What to do with a document.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The hash that identifies each event (CBV 2.0)
    Hash(hash::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self) -> Result<Answer> {
        match self {
            Self::Hash(args) => hash::run(&args),
        }
    }
}
