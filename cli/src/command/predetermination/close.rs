//! `galen predetermination close`

use std::fmt;

use claims::state::Predetermination;
use claims::{accounts, instruction};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::Receipt;

/// Flags of `galen predetermination close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen predetermination close ADDRESS

Once it has served: a price that is held is held no more, but for a draft that has cited it already.")]
pub struct Args {
    /// The answer's account
    address: Pubkey,
}

#[derive(Serialize)]
struct Report {
    address: String,
    /// Null where there was nothing to close.
    transaction: Option<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// The program's refusals: `not_predetermination_opener`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let address = args.address.to_string();
    if entity::find::<Predetermination>(session.cluster(), &args.address)?.is_none() {
        return Answer::new(&Report {
            address,
            transaction: None,
        });
    }
    let accounts = accounts::ClosePredetermination {
        opener: session.key(),
        predetermination: args.address,
    };
    let intent = Intent::new("Close a predetermination")
        .with("predetermination", args.address)
        .with("rent goes to", session.key());
    let receipt = session.perform(
        &intent,
        claims::ID,
        &accounts,
        &instruction::ClosePredetermination {},
    )?;
    Answer::new(&Report {
        address,
        transaction: Some(receipt),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.transaction {
            Some(receipt) => write!(f, "Closed {}.\n{receipt}", self.address),
            None => write!(f, "There is nothing at {}; nothing was sent.", self.address),
        }
    }
}
