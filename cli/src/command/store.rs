//! `galen store`

pub mod export;
pub mod forget;
pub mod import;
pub mod receive;
pub mod send;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with the local store.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write salts, code keys and claims to a file that only you can read
    Export(export::Args),
    /// Add what an export has; refused where an entry differs from yours
    Import(import::Args),
    /// Seal documents, salts and code keys for another organization
    Send(send::Args),
    /// Open what another organization has sent, hold it against the ledger, and keep it
    Receive(receive::Args),
    /// Delete a person's salts for good, with all else that says who they are
    Forget(forget::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Export(args) => export::run(&args, &settings),
            Self::Import(args) => import::run(&args, &settings),
            Self::Send(args) => send::run(&args, &settings),
            Self::Receive(args) => receive::run(&args, &settings),
            Self::Forget(args) => forget::run(&args, &settings),
        }
    }
}
