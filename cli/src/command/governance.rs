//! `galen governance`: who decides on organisations, who may pause, and the pause.

pub mod accept;
pub mod change;
pub mod init;
pub mod pause;
pub mod propose;
pub mod resume;
pub mod set_guardian;
pub mod show;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with the registry's configuration.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Configure the registry, once; by the program's upgrade authority
    Init(init::Args),
    /// Show who governs, who may pause, and whether a pause is running
    Show(show::Args),
    /// Hold back new awards of money for at most 72 hours; by the guardian or governance
    Pause(pause::Args),
    /// End a pause before its time; by governance
    Resume(resume::Args),
    /// Offer governance to another key, or withdraw the offer; by governance
    Propose(propose::Args),
    /// Take governance over; by the key to which it was offered
    Accept(accept::Args),
    /// Appoint the guardian; by governance
    SetGuardian(set_guardian::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Init(args) => init::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::Pause(args) => pause::run(&args, &settings),
            Self::Resume(args) => resume::run(&args, &settings),
            Self::Propose(args) => propose::run(&args, &settings),
            Self::Accept(args) => accept::run(&args, &settings),
            Self::SetGuardian(args) => set_guardian::run(&args, &settings),
        }
    }
}
