//! `galen treaty`: reinsurance of a pool's awards.

pub mod accept;
pub mod cede;
pub mod change;
pub mod fund;
pub mod list;
pub mod offer;
pub mod show;
pub mod view;
pub mod withdrawal;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a treaty.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Offer a reinsurer a treaty on a pool's awards; by an operator of the insurer
    Offer(offer::Args),
    /// Accept a treaty: its layer gets a vault of its own; by an operator of the reinsurer
    Accept(accept::Args),
    /// Put money into a treaty's layer; by anyone who has it
    Fund(fund::Args),
    /// Count claims under a treaty, and move what layer and pool owe each other; anybody may
    Cede(cede::Args),
    /// Announce that money will be taken out of a layer; by an operator of the reinsurer
    AnnounceWithdrawal(withdrawal::Announce),
    /// Take the announcement back; by an operator of the reinsurer
    CancelWithdrawal(withdrawal::Cancel),
    /// Take the money that was announced 14 days ago; by an operator of the reinsurer
    Withdraw(withdrawal::Withdraw),
    /// Show a treaty, its terms and its ledger
    Show(show::Args),
    /// List treaties
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
            Self::Offer(args) => offer::run(&args, &settings),
            Self::Accept(args) => accept::run(&args, &settings),
            Self::Fund(args) => fund::run(&args, &settings),
            Self::Cede(args) => cede::run(&args, &settings),
            Self::AnnounceWithdrawal(args) => withdrawal::announce(&args, &settings),
            Self::CancelWithdrawal(args) => withdrawal::cancel(&args, &settings),
            Self::Withdraw(args) => withdrawal::withdraw(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
        }
    }
}
