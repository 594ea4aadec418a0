//! `galen agreement`: which provider a pool pays, where to, and how much without a look.

pub mod accept;
pub mod cancel_payout;
pub mod end;
pub mod list;
pub mod offer;
pub mod propose_payout;
pub mod resume;
pub mod set;
pub mod show;
pub mod status;
pub mod suspend;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with an agreement.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Offer an agreement to a provider; by an operator of the insurer
    Offer(offer::Args),
    /// Accept an agreement and name the account to be paid; by the provider's authority
    Accept(accept::Args),
    /// Change network status and limits; by an operator of the insurer
    Set(set::Args),
    /// Suspend an agreement; by an operator of the insurer
    Suspend(suspend::Args),
    /// End a suspension; by an operator of the insurer
    Resume(resume::Args),
    /// End an agreement; by an operator of the insurer
    End(end::Args),
    /// Show an agreement
    Show(show::Args),
    /// List agreements
    List(list::Args),
    /// Announce another account to be paid, from 72 hours on; by the provider's authority
    ProposePayout(propose_payout::Args),
    /// Withdraw the announcement of another account; by the provider's authority or the key that set the present one
    CancelPayout(cancel_payout::Args),
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
            Self::Accept(args) => accept::run(&args, &settings),
            Self::Set(args) => set::run(&args, &settings),
            Self::Suspend(args) => suspend::run(&args, &settings),
            Self::Resume(args) => resume::run(&args, &settings),
            Self::End(args) => end::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
            Self::ProposePayout(args) => propose_payout::run(&args, &settings),
            Self::CancelPayout(args) => cancel_payout::run(&args, &settings),
        }
    }
}
