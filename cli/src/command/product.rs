//! `galen product`: what a GTIN names.

pub mod register;
pub mod show;
pub mod transfer;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a product.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Register a product; by its manufacturer
    Register(register::Args),
    /// Show who makes what a GTIN names
    Show(show::Args),
    /// Give a product to another manufacturer; by its owner or governance
    Transfer(transfer::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Register(args) => register::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::Transfer(args) => transfer::run(&args, &settings),
        }
    }
}
