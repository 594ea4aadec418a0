//! `galen trial visit`: visits that a site does not attest, or that nobody countersigns, and the ethics board's arbiter.

mod arbitrate;
mod claim;
mod close;
mod escalate;
mod found;
mod grant;
mod list;
mod refuse;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do about visits on which somebody is silent.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Claim a visit that nobody attests or countersigns; by the participant or somebody independent of the site
    Claim(claim::Args),
    /// Say that a claimed visit was not made; by the site
    Refuse(refuse::Args),
    /// Pass claims to the arbiter where the site has let its time pass; by anyone
    Escalate(escalate::Args),
    /// Decide a claim, or overrule a refusal; by the ethics board's arbiter
    Arbitrate(arbitrate::Args),
    /// Have visits earned where the arbiter has let the time pass; by anyone
    Grant(grant::Args),
    /// Close claims that are earned or settled, for their rent; by anyone
    Close(close::Args),
    /// List a trial's claims
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
            Self::Claim(args) => claim::run(&args, &settings),
            Self::Refuse(args) => refuse::run(&args, &settings),
            Self::Escalate(args) => escalate::run(&args, &settings),
            Self::Arbitrate(args) => arbitrate::run(&args, &settings),
            Self::Grant(args) => grant::run(&args, &settings),
            Self::Close(args) => close::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
        }
    }
}
