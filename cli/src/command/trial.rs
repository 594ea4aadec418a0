//! `galen trial`: clinical trials, and paying who takes part in them.

pub mod fund;
pub mod pay;
pub mod payout;
pub mod read;
pub mod show;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a trial.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put money into a trial's escrow; by anyone who has it
    Fund(fund::Args),
    /// Pay everybody what is due to them; by anyone, as often as you like
    Pay(pay::Args),
    /// Show a trial, its ledger and its cohorts
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
            Self::Fund(args) => fund::run(&args, &settings),
            Self::Pay(args) => pay::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
        }
    }
}
