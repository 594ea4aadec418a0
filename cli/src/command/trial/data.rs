//! `galen trial data`: a trial's data points, committed to as they come in, and provable one by one.

mod add;
mod anchor;
mod beneficiary;
mod forfeit;
mod lock;
mod log;
mod plan;
mod point;
mod proof;
mod prove;
mod results;
mod show;
mod tree;
mod verify;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a trial's data.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Commit to the analysis plan, before the first participant; by the sponsor
    Plan(plan::Args),
    /// Add data points to a log file; needs no network
    Add(add::Args),
    /// Anchor what a log file has gained; by the sponsor
    Anchor(anchor::Args),
    /// Lock the data of a trial that has ended; by the sponsor
    Lock(lock::Args),
    /// Commit to the results; by the sponsor
    Results(results::Args),
    /// Name who gets the bond if results are late; by the ethics board
    Beneficiary(beneficiary::Args),
    /// Forfeit the bond of a sponsor whose results are late; by anyone
    Forfeit(forfeit::Args),
    /// Prove a data point and what it was before; needs the log file
    Prove(prove::Args),
    /// Check a proof against the ledger: OK, FAIL or NOT ENOUGH DATA; by anyone
    Verify(verify::Args),
    /// Show what a trial has committed to
    Show(show::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        // A log file is added to where config and cluster do not work.
        let settings = || Settings::load(globals);
        match self {
            Self::Plan(args) => plan::run(&args, &settings()?),
            Self::Add(args) => add::run(&args),
            Self::Anchor(args) => anchor::run(&args, &settings()?),
            Self::Lock(args) => lock::run(&args, &settings()?),
            Self::Results(args) => results::run(&args, &settings()?),
            Self::Beneficiary(args) => beneficiary::run(&args, &settings()?),
            Self::Forfeit(args) => forfeit::run(&args, &settings()?),
            Self::Prove(args) => prove::run(&args, &settings()?),
            Self::Verify(args) => verify::run(&args, &settings()?),
            Self::Show(args) => show::run(&args, &settings()?),
        }
    }
}
