//! `galen trial dose`: devices that record doses, and the doses that they have signed.

mod device;
mod record;

use clap::Subcommand;
use trials::state::Adherence;

use super::read::Copied;
use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do about doses. They gate a bonus; no stipend ever depends on them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give participants devices that record doses; by the site
    Device(device::Args),
    /// Record doses that devices have signed; by anyone
    Record(record::Args),
}

impl Copied for Adherence {
    const NAME: &'static str = "record of doses";
    const HINT: &'static str =
        "It begins when the site gives the participant a device: `galen trial dose device`.";
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Device(args) => device::run(&args, &settings),
            Self::Record(args) => record::run(&args, &settings),
        }
    }
}
