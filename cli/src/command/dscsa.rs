//! `galen dscsa`: what the Drug Supply Chain Security Act wants with each sale of a medicine.

mod details;
mod document;
pub mod statement;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Transaction information, statement and history of a shipment (FDCA 581 and 582)
    Statement(statement::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Statement(args) => statement::run(&args, &settings),
        }
    }
}
