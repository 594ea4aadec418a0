//! `galen claim release`

use std::fmt;

use claims::state::PackCommitment;
use claims::{accounts, instruction};
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::when::moment;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::Receipt;

/// Flags of `galen claim release`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim release ADDRESS

The claim becomes a draft again: it can be bound to another pack, submitted without one, or closed. Who paid the rent of the
commitment gets it back, and may release it at any time; anybody else once the member's consent is over, or the claim is
archived. Nothing was set aside for the claim, so nothing is set free; the reservation of the pack ends by itself.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

#[derive(Serialize)]
struct Report {
    address: String,
    /// Null where there was nothing to release.
    transaction: Option<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// The program's refusals: `pack_commitment_in_force`, `pack_still_needed`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let address = args.address.to_string();
    let (pack, _) = PackCommitment::find_address(&args.address);
    let Some(commitment) = entity::find::<PackCommitment>(session.cluster(), &pack)? else {
        return Answer::new(&Report {
            address,
            transaction: None,
        });
    };
    let release = instruction_of(&session.key(), args.address, &commitment);
    let intent = Intent::new("Release a claim from its pack")
        .with("claim", args.address)
        .with("member agreed until", moment(commitment.until))
        .with("rent goes to", commitment.payer);
    let receipt = session.execute(&intent, &[release], &[])?;
    Answer::new(&Report {
        address,
        transaction: Some(receipt),
    })
}

/// What releases the claim from its pack; `key` signs where it has paid for the commitment.
pub fn instruction_of(key: &Pubkey, claim: Pubkey, commitment: &PackCommitment) -> Instruction {
    let accounts = accounts::ReleasePack {
        releaser: (*key == commitment.payer).then_some(*key),
        claim,
        pack: PackCommitment::find_address(&claim).0,
        payer: commitment.payer,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    crate::chain::instruction(claims::ID, &accounts, &instruction::ReleasePack {})
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.transaction {
            Some(receipt) => write!(f, "Released {}.\n{receipt}", self.address),
            None => write!(f, "{} is bound to no pack; nothing was sent.", self.address),
        }
    }
}
