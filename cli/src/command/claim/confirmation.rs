//! `galen claim confirm` and `galen claim dispute`: what a member says of a claim that was submitted without its signature.

use std::collections::BTreeSet;

use claims::state::{ClaimStatus, History, PendReason, PlanVersion};
use claims::{accounts, instruction};
use registry::state::Config;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::others::about;
use crate::chain::people::{self, PeopleFlags};
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim confirm`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim confirm ADDRESS --keypair member.json --fee-payer clinic.json

Signed by the member's own key, for a claim that waits for it (`galen claim list --status pended`): it goes on as if the
member had signed at once, and is paid where nothing else holds it up. Until the day that `galen claim show` prints as
wait_until; after it the insurer decides. Running it again is fine.")]
pub struct Confirm {
    /// The claim's account
    address: Pubkey,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Flags of `galen claim dispute`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim dispute ADDRESS --keypair member.json --fee-payer clinic.json

Signed by the member's own key, for a claim that waits for it: this was not done, or not so. Nothing is paid then before the
insurer has decided. Running it again is fine.")]
pub struct Dispute {
    /// The claim's account
    address: Pubkey,
    #[command(flatten)]
    people: PeopleFlags,
}

fn open<'a>(address: Pubkey, people: &PeopleFlags, settings: &'a Settings) -> Result<Case<'a>> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(people.public_ledger_accepted)?;
    Case::open(session, address)
}

/// Confirms.
///
/// # Errors
/// `public_ledger`, `not_found`, and the program's refusals: `confirmation_not_awaited`, `confirmation_late`,
/// `not_member_authority`.
pub fn confirm(args: &Confirm, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, &args.people, settings)?;
    let Case {
        session,
        claim,
        pool,
        ..
    } = &case;
    // It has gone on, by this command or without it.
    if matches!(
        claim.status,
        ClaimStatus::Paid | ClaimStatus::Payable | ClaimStatus::NothingDue
    ) {
        return case.unchanged();
    }
    let (agreement_address, agreement) = case.agreement()?;
    let plan_version: PlanVersion = entity::get(session.cluster(), &claim.plan_version)?;
    let accounts = accounts::ConfirmClaim {
        authority: session.key(),
        config: Config::find_address().0,
        pool: claim.pool,
        agreement: agreement_address,
        plan_version: claim.plan_version,
        schedule: plan_version.schedule,
        member: claim.member,
        history: History::find_address(&claim.member).0,
        claim: args.address,
        vault: pool.vault,
        payout: agreement.effective_payout(session.now),
        mint: pool.mint,
        token_program: pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    // What was agreed to beforehand counts whoever brings it; the member need not know the numbers.
    let members = BTreeSet::from([claim.member]);
    let papers = people::authorizations(session.cluster(), &members)?;
    let intent = Intent::new("Confirm a claim")
        .with("claim", args.address)
        .with("provider", claim.provider)
        .with("service date", people::day(claim.service_date)?.0)
        .with("charge", money(claim.totals.charge));
    case.execute_for_member(
        &intent,
        &accounts,
        &instruction::ConfirmClaim {},
        &about(claim, &papers),
    )
}

/// Disputes.
///
/// # Errors
/// `public_ledger`, `not_found`, and the program's refusals: `confirmation_not_awaited`, `confirmation_late`,
/// `not_member_authority`.
pub fn dispute(args: &Dispute, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, &args.people, settings)?;
    let Case { session, claim, .. } = &case;
    if claim.pend_reason == PendReason::Disputed {
        return case.unchanged();
    }
    let accounts = accounts::DisputeClaim {
        authority: session.key(),
        member: claim.member,
        claim: args.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Dispute a claim")
        .with("claim", args.address)
        .with("provider", claim.provider)
        .with("service date", people::day(claim.service_date)?.0)
        .with("charge", money(claim.totals.charge));
    case.execute(&intent, &accounts, &instruction::DisputeClaim {})
}
