//! `galen cold-chain`: what temperature readings mean, which needs no network; devices that watch over goods on the ledger.

pub mod assess;
pub mod check;
pub mod end;
pub mod mkt;
pub mod readings;
pub mod record;
pub mod register;
pub mod show;
pub mod silence;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with temperature readings.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Mean kinetic temperature and extremes of a series of readings
    Mkt(mkt::Args),
    /// Whether readings keep to a USP storage profile: exit code 1 where the product must be set aside
    Check(check::Args),
    /// Register the device that watches over goods, or another in its place; by who has them
    Register(register::Args),
    /// Record readings that the device signs; by anybody
    Record(record::Args),
    /// Count the silence of a device that has not reported for a day; by anybody
    Silence(silence::Args),
    /// Release or condemn what was outside its limits; by the manufacturer or a regulator
    Assess(assess::Args),
    /// End the watch; by who has the goods
    End(end::Args),
    /// Show what a device has read: exit code 1 where the goods are to be set aside
    Show(show::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        match self {
            Self::Mkt(args) => mkt::run(&args),
            Self::Check(args) => check::run(&args),
            Self::Register(args) => register::run(&args, &Settings::load(globals)?),
            Self::Record(args) => record::run(&args, &Settings::load(globals)?),
            Self::Silence(args) => silence::run(&args, &Settings::load(globals)?),
            Self::Assess(args) => assess::run(&args, &Settings::load(globals)?),
            Self::End(args) => end::run(&args, &Settings::load(globals)?),
            Self::Show(args) => show::run(&args, &Settings::load(globals)?),
        }
    }
}
