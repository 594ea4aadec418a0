//! `galen predetermination`: what a claim would come to, asked before care, and the price that an insurer holds for it.

pub mod ask;
pub mod close;
pub mod hold;
pub mod list;
pub mod show;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a predetermination.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask what a claim would come to: adjudicated on the ledger, and nothing moves; by an operator of the provider
    Ask(ask::Args),
    /// Hold the price of an answer up to a day; by an operator of the insurer
    Hold(hold::Args),
    /// Close an answer and get its rent back; by who asked
    Close(close::Args),
    /// Show an answer, line by line
    Show(show::Args),
    /// List answers
    List(list::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Ask(args) => ask::run(&args, &settings),
            Self::Hold(args) => hold::run(&args, &settings),
            Self::Close(args) => close::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
        }
    }
}
