//! `galen cold-chain`: what temperature readings mean. Needs no network.

pub mod check;
pub mod mkt;
pub mod readings;

use clap::Subcommand;

use crate::error::Result;
use crate::output::Answer;

/// What to do with temperature readings.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Mean kinetic temperature and extremes of a series of readings
    Mkt(mkt::Args),
    /// Whether readings keep to a USP storage profile: exit code 1 where the product must be set aside
    Check(check::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self) -> Result<Answer> {
        match self {
            Self::Mkt(args) => mkt::run(&args),
            Self::Check(args) => check::run(&args),
        }
    }
}
