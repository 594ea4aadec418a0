//! `galen recall`: recalls of batches and of parts of them.

pub mod ack;
pub mod issue;
pub mod lift;
pub mod list;
pub mod show;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a recall.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Acknowledge a recall; by a holder
    Ack(ack::Args),
    /// Recall something; by its manufacturer or a regulator
    Issue(issue::Args),
    /// Lift a recall; by who issued it
    Lift(lift::Args),
    /// List the recalls in force in a batch
    List(list::Args),
    /// Show who has acknowledged a recall, and who has not
    Show(show::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Ack(args) => ack::run(&args, &settings),
            Self::Issue(args) => issue::run(&args, &settings),
            Self::Lift(args) => lift::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
        }
    }
}
