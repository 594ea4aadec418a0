//! `galen credential`: what one organization states about another.

pub mod issue;
pub mod list;
pub mod revoke;
pub mod show;
pub mod view;
pub mod withdraw;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a credential.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// State something about another organization, for a time; by an operator of the issuer
    Issue(issue::Args),
    /// Take a credential back, with a reason; by an operator of the issuer
    Revoke(revoke::Args),
    /// Take back a credential whose issuer is suspended or closed; by governance
    Withdraw(withdraw::Args),
    /// Show a credential and what it is worth
    Show(show::Args),
    /// List credentials
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
            Self::Issue(args) => issue::run(&args, &settings),
            Self::Revoke(args) => revoke::run(&args, &settings),
            Self::Withdraw(args) => withdraw::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
        }
    }
}
