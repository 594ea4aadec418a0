//! `galen shipment`: handing packs, cases, pallets and batches over, in two signed steps.

pub mod accept;
pub mod end;
pub mod list;
pub mod offer;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a shipment.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Accept a shipment; by its recipient
    Accept(accept::Args),
    /// Withdraw or reject a shipment; make a lapsed one void
    End(end::Args),
    /// List what is on offer to and by an organization
    List(list::Args),
    /// Offer to hand something over; by who has it
    Offer(offer::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Accept(args) => accept::run(&args, &settings),
            Self::End(args) => end::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
            Self::Offer(args) => offer::run(&args, &settings),
        }
    }
}
