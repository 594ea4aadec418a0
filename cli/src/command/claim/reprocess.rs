//! `galen claim reprocess`

use claims::instructions::ReprocessClaimArgs;
use claims::state::{Claim, ClaimStatus, History, PlanVersion};
use claims::{accounts, instruction};
use registry::state::{Config, Permission};
use solana_pubkey::Pubkey;

use super::change::Case;
use super::submit::new_claim_id;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim reprocess`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim reprocess ADDRESS

For a claim that was adjudicated after one that has been reversed since: it is taken back, and another, with the same lines,
is adjudicated in its place by what is used up now. The provider is paid the difference, or owes it. Of several, begin with
the lowest turn: `galen claim list --flagged` has them in that order. `galen claim show` then has the claim in its place.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `claim_not_flagged`, `claim_not_reversible`, `awards_paused`.
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
    if claim.status == ClaimStatus::Reversed
        && claim.reversal_reason == Claim::REPROCESSED
        && claim.course.replaced_by != [0; 16]
    {
        return case.unchanged();
    }
    let (agreement_address, agreement) = case.agreement()?;
    let plan_version: PlanVersion = entity::get(session.cluster(), &claim.plan_version)?;
    let claim_id = new_claim_id(session, &claim.pool, &claim.provider)?;
    let replacement = Claim::find_address(&claim.pool, &claim.provider, &claim_id).0;
    let accounts = accounts::ReprocessClaim {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::DecideClaim)?,
        insurer: pool.insurer,
        config: Config::find_address().0,
        pool: claim.pool,
        agreement: agreement_address,
        plan_version: claim.plan_version,
        schedule: plan_version.schedule,
        member: claim.member,
        history: History::find_address(&claim.member).0,
        claim: case.address,
        replacement,
        vault: pool.vault,
        payout: agreement.effective_payout(session.now),
        mint: pool.mint,
        token_program: pool.token_program,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Have a claim adjudicated anew")
        .with("claim", case.address)
        .with("in its place", replacement)
        .with("plan paid so far", money(claim.totals.paid));
    let data = instruction::ReprocessClaim {
        args: ReprocessClaimArgs { claim_id },
    };
    case.execute_for_member(&intent, &accounts, &data, &[])
}
