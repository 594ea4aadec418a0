//! `galen claim reverse`

use claims::instructions::ReverseClaimArgs;
use claims::state::{ClaimStatus, History};
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim reverse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim reverse ADDRESS --reason 7

What the claim used up is given back to the member; what it was paid is owed by the provider and kept back from its next
awards. The member's later claims saw what is given back: `galen claim reprocess` has each adjudicated anew.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// Why, as a number of the insurer's own; from 1 to 65534
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..u16::MAX.into()))]
    reason: u16,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `claim_not_reversible`, `appeal_still_open`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let case = Case::open(session, args.address)?;
    let Case {
        session,
        claim,
        pool,
        ..
    } = &case;
    if claim.status == ClaimStatus::Reversed && claim.reversal_reason == args.reason {
        return case.unchanged();
    }
    let accounts = accounts::ReverseClaim {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::DecideClaim)?,
        insurer: pool.insurer,
        pool: claim.pool,
        agreement: case.agreement()?.0,
        plan_version: claim.plan_version,
        member: claim.member,
        history: History::find_address(&claim.member).0,
        claim: case.address,
        vault: pool.vault,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Take a claim back")
        .with("claim", case.address)
        .with("reason", args.reason)
        .with("plan paid", money(claim.totals.paid));
    let data = instruction::ReverseClaim {
        args: ReverseClaimArgs {
            reason: args.reason,
        },
    };
    case.execute_for_member(&intent, &accounts, &data, &[])
}
