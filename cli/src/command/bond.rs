//! `galen bond`: a manufacturer's money for claims that are recouped after a recall.

pub mod cover;
pub mod deposit;
pub mod open;
pub mod show;
pub mod view;
pub mod withdrawal;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a bond.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open a bond with a vault of its own; by an operator of the manufacturer
    Open(open::Args),
    /// Put money into a bond; by anyone who has it
    Deposit(deposit::Args),
    /// Let a bond cover a batch; by an operator of the manufacturer
    Cover(cover::Args),
    /// Show a bond, its ledger and its vault
    Show(show::Args),
    /// Announce that money will be taken out of a bond; by an operator of the manufacturer
    AnnounceWithdrawal(withdrawal::Announce),
    /// Take the announcement back; by an operator of the manufacturer
    CancelWithdrawal(withdrawal::Cancel),
    /// Take the money that was announced 14 days ago; by an operator of the manufacturer
    Withdraw(withdrawal::Withdraw),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Open(args) => open::run(&args, &settings),
            Self::Deposit(args) => deposit::run(&args, &settings),
            Self::Cover(args) => cover::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::AnnounceWithdrawal(args) => withdrawal::announce(&args, &settings),
            Self::CancelWithdrawal(args) => withdrawal::cancel(&args, &settings),
            Self::Withdraw(args) => withdrawal::withdraw(&args, &settings),
        }
    }
}
