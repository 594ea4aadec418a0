//! `galen claim archive`

use std::fmt;

use claims::state::{Claim, Member};
use claims::{accounts, instruction};
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::others::with_others;
use crate::chain::people;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::Receipt;

/// Flags of `galen claim archive`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim archive ADDRESS

Anybody may, once the plan's archive clock is over and nothing can happen to the claim any more. A commitment to it stays
at its address; most of the rent goes back to who opened it. Print it before with `galen claim show`.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

#[derive(Serialize)]
struct Report {
    address: String,
    /// Who got the rent back.
    opener: String,
    transaction: Receipt,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `archive_too_early`, `claim_not_final`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let claim: Claim = entity::get(session.cluster(), &args.address)?;
    let intent = Intent::new("Archive a claim")
        .with("claim", args.address)
        .with("rent goes to", claim.opener);
    let member = people::member(session.cluster(), &claim.member)?;
    let archive = instruction_of(args.address, &claim, &member);
    let transaction = session.execute(&intent, &[archive], &[])?;
    Answer::new(&Report {
        address: args.address.to_string(),
        opener: claim.opener.to_string(),
        transaction,
    })
}

/// What leaves a commitment in the claim's place.
pub fn instruction_of(address: Pubkey, claim: &Claim, member: &Member) -> Instruction {
    let accounts = accounts::ArchiveClaim {
        opener: claim.opener,
        plan_version: claim.plan_version,
        member: claim.member,
        claim: address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    with_others(
        crate::chain::instruction(claims::ID, &accounts, &instruction::ArchiveClaim {}),
        &claim.member,
        member,
        [],
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Archived {}.\n{}", self.address, self.transaction)
    }
}
