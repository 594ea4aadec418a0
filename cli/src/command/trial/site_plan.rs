//! `galen trial site-plan`: what a site earns beside its fees for visits.

mod answer;
mod declare;
mod document;
mod earn;
mod lapse;
mod offer;
mod plans;
mod show;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do about a site's own milestones.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Promise a site payments beside its fees, and set them aside; by the sponsor
    Offer(offer::Args),
    /// Say that a milestone is done; by the site
    Declare(declare::Args),
    /// Confirm a milestone, or say that it is not done; by the sponsor
    Answer(answer::Args),
    /// Have milestones earned: enough are enrolled, or the sponsor was silent; by anyone
    Earn(earn::Args),
    /// Free what can no longer be earned, 90 days after the end; by anyone
    Lapse(lapse::Args),
    /// Show a site's milestones
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
            Self::Offer(args) => offer::run(&args, &settings),
            Self::Declare(args) => declare::run(&args, &settings),
            Self::Answer(args) => answer::run(&args, &settings),
            Self::Earn(args) => earn::run(&args, &settings),
            Self::Lapse(args) => lapse::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
        }
    }
}
