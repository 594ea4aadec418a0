//! `galen plan`: what insurers pay, and for what.

pub mod categories;
pub mod code_key;
pub mod convoy;
pub mod create;
pub mod demands;
pub mod details;
pub mod list;
pub mod publish;
pub mod schedule;
pub mod show;
pub mod terms;
pub mod version;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a plan.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a plan, without a version yet; by an operator of the insurer
    Create(create::Args),
    /// Upload a plan document's fee schedule and publish the document as the plan's next version
    Publish(publish::Args),
    /// Show a plan, its versions and their terms
    Show(show::Args),
    /// List plans
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
            Self::Create(args) => create::run(&args, &settings),
            Self::Publish(args) => publish::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
        }
    }
}
