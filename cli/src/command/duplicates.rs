//! `galen duplicates`: the registry in which insurers find that a service was claimed elsewhere too.
//!
//! The insurer asks, the blinding service answers without seeing whom it is asked about, the insurer screens its claims. Questions
//! and answers are files: how they travel is for the two to agree.

pub mod answer;
pub mod ask;
pub mod close;
pub mod files;
pub mod keys;
pub mod release;
pub mod screen;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with the registry of duplicates.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the key of a blinding service; needs no network
    CreateKey(keys::KeyArgs),
    /// Make the secret that the insurers of a registry share; needs no network
    CreateSecret(keys::SecretArgs),
    /// Write questions about the claims of a pool that wait to be screened; by the insurer
    Ask(ask::Args),
    /// Answer questions with the key of a blinding service, seeing nobody; needs no network
    Answer(answer::Args),
    /// Take the answers, and screen the claims that were asked about; by an operator of the insurer
    Screen(screen::Args),
    /// Take a denied or reversed claim out of the registry; anybody may
    Release(release::Args),
    /// Close entries whose time is over, for their rent; anybody may
    Close(close::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = || Settings::load(globals);
        match self {
            Self::CreateKey(args) => keys::create_key(&args),
            Self::CreateSecret(args) => keys::create_secret(&args),
            Self::Ask(args) => ask::run(&args, &settings()?),
            Self::Answer(args) => answer::run(&args),
            Self::Screen(args) => screen::run(&args, &settings()?),
            Self::Release(args) => release::run(&args, &settings()?),
            Self::Close(args) => close::run(&args, &settings()?),
        }
    }
}
