//! `galen claim close`

use std::fmt;

use claims::state::Claim;
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

/// Flags of `galen claim close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim close ADDRESS

Only a draft can be closed; a claim that was submitted stays.")]
pub struct Args {
    /// The draft's account
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
/// The program's refusals: `claim_not_draft`, `not_claim_opener`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let address = args.address.to_string();
    if entity::find::<Claim>(session.cluster(), &args.address)?.is_none() {
        return Answer::new(&Report {
            address,
            transaction: None,
        });
    }
    let accounts = accounts::CloseDraftClaim {
        opener: session.key(),
        claim: args.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Give up a draft")
        .with("claim", args.address)
        .with("rent goes to", session.key());
    let receipt = session.perform(
        &intent,
        claims::ID,
        &accounts,
        &instruction::CloseDraftClaim {},
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
