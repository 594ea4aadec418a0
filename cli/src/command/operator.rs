//! `galen operator`: the staff keys that act for organizations.

pub mod add;
pub mod list;
pub mod revoke;
pub mod show;
pub mod update;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a staff key.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give a staff key permissions until an expiry; by the organization's authority
    Add(add::Args),
    /// Change a staff key's permissions and expiry; by the organization's authority
    Update(update::Args),
    /// Revoke a staff key for good; by the organization's authority
    Revoke(revoke::Args),
    /// Show what a staff key may do
    Show(show::Args),
    /// List an organization's staff keys
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
            Self::Add(args) => add::run(&args, &settings),
            Self::Update(args) => update::run(&args, &settings),
            Self::Revoke(args) => revoke::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
        }
    }
}
