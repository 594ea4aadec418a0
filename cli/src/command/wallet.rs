//! `galen wallet`: a key of one's own, and money to play with.

pub mod airdrop;
pub mod issue;
pub mod new;
pub mod open_account;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with keys and their money.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key and write it to a file that only you can read
    New(new::Args),
    /// Have a local validator give a key SOL
    Airdrop(airdrop::Args),
    /// Open the account in which a key holds a currency
    OpenAccount(open_account::Args),
    /// Issue a currency to play with, on a local cluster
    Issue(issue::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::New(args) => new::run(&args, &settings),
            Self::Airdrop(args) => airdrop::run(&args, &settings),
            Self::OpenAccount(args) => open_account::run(&args, &settings),
            Self::Issue(args) => issue::run(&args, &settings),
        }
    }
}
