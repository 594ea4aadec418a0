//! `galen pool`: insurers' money for claims.

pub mod change;
pub mod crank;
pub mod create;
pub mod draws;
pub mod export;
pub mod fund;
pub mod list;
pub mod set_outflow_limit;
pub mod set_ticket_key;
pub mod show;
pub mod view;
pub mod withdrawal;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a pool.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a pool with a vault of its own; by an operator of the insurer
    Create(create::Args),
    /// Put money into a pool; by anyone who has it
    Fund(fund::Args),
    /// Show a pool, its ledger and its vault
    Show(show::Args),
    /// List pools
    List(list::Args),
    /// Write everything that the ledger has of a pool to a file, or hold such a file against the ledger
    Export(export::Args),
    /// Set the key that signs eligibility tickets; by an operator of the insurer
    SetTicketKey(set_ticket_key::Args),
    /// Limit what claims are paid out of a pool in a day; by an operator of the insurer
    SetOutflowLimit(set_outflow_limit::Args),
    /// Announce that money will be taken out of a pool; by an operator of the insurer
    AnnounceWithdrawal(withdrawal::Announce),
    /// Take the announcement back; by an operator of the insurer
    CancelWithdrawal(withdrawal::Cancel),
    /// Take the money that was announced 14 days ago; by an operator of the insurer
    Withdraw(withdrawal::Withdraw),
    /// Commit the secret by which a year's claims are drawn for review; by an operator of the insurer
    CommitDraws(draws::Commit),
    /// Reveal which claims are drawn of the days that are over; by whoever has the secret
    RevealDraws(draws::Reveal),
    /// Show what was committed and revealed of a pool's draws
    Draws(draws::Show),
    /// Do everything about a pool's claims whose time has come; anybody may
    Crank(crank::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Create(args) => create::run(&args, &settings),
            Self::Fund(args) => fund::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
            Self::Export(args) => export::run(&args, &settings),
            Self::SetTicketKey(args) => set_ticket_key::run(&args, &settings),
            Self::SetOutflowLimit(args) => set_outflow_limit::run(&args, &settings),
            Self::AnnounceWithdrawal(args) => withdrawal::announce(&args, &settings),
            Self::CancelWithdrawal(args) => withdrawal::cancel(&args, &settings),
            Self::Withdraw(args) => withdrawal::withdraw(&args, &settings),
            Self::CommitDraws(args) => draws::commit(&args, &settings),
            Self::RevealDraws(args) => draws::reveal(&args, &settings),
            Self::Draws(args) => draws::show(&args, &settings),
            Self::Crank(args) => crank::run(&args, &settings),
        }
    }
}
