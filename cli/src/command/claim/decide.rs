//! `galen claim decide`

use claims::instructions::{DecideClaimArgs, Decision};
use claims::state::{AdjustmentGroup, ClaimStatus, History, PlanVersion};
use claims::{accounts, instruction};
use galen_rules::{Group, Reason};
use registry::state::{Config, Permission};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen claim decide`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim decide ADDRESS --approve
  galen claim decide ADDRESS --deny 50

Approval adjudicates by what the member has used at that moment and pays whatever the limits are. A denial gives a
claim adjustment reason code (X12 code list 139).")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// Adjudicate and pay
    #[arg(long, conflicts_with = "deny", required_unless_present = "deny")]
    approve: bool,
    /// Deny every line that is not denied yet, for this reason
    #[arg(long, value_name = "REASON")]
    deny: Option<u16>,
    /// Number of an authorization of the member that lines use up; can be given several times
    #[arg(long, value_name = "NUMBER")]
    authorization: Vec<u8>,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `reason_unknown`, `claim_not_pended`, and the program's refusals.
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
    let decision = decision(args, claim.in_network)?;
    match (claim.status, decision) {
        (ClaimStatus::Pended, _) => {}
        (ClaimStatus::Paid | ClaimStatus::Payable | ClaimStatus::NothingDue, Decision::Approve)
        | (ClaimStatus::Denied, Decision::Deny { .. }) => return case.unchanged(),
        _ => {
            let message = format!(
                "The claim does not wait for a decision; it is {}.",
                super::view::Status::from(claim.status)
            );
            return Err(CliError::new("claim_not_pended", message));
        }
    }
    let (agreement_address, agreement) = case.agreement()?;
    let plan_version: PlanVersion = entity::get(session.cluster(), &claim.plan_version)?;
    let accounts = accounts::DecideClaim {
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
        claim: args.address,
        vault: pool.vault,
        payout: agreement.effective_payout(session.now),
        mint: pool.mint,
        token_program: pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let what = match decision {
        Decision::Approve => "approve and pay".to_owned(),
        Decision::Deny { reason, .. } => format!(
            "deny, CARC {reason} ({})",
            Reason::from_code(reason).map_or("", Reason::text)
        ),
    };
    let intent = Intent::new("Decide a claim")
        .with("claim", args.address)
        .with("decision", what);
    let data = instruction::DecideClaim {
        args: DecideClaimArgs { decision },
    };
    case.execute_for_member(&intent, &accounts, &data, &args.authorization)
}

/// Who bears a denial follows from its reason, as in the rulebook; it is not the decider's to choose.
fn decision(args: &Args, in_network: bool) -> Result<Decision> {
    let Some(code) = args.deny else {
        return Ok(Decision::Approve);
    };
    let Some(reason) = Reason::from_code(code) else {
        return Err(CliError::new("reason_unknown", format!("{code} is not a reason that the rulebook knows; see the claim adjustment reason codes in docs/.")));
    };
    let group = match reason.denial_group(in_network) {
        Group::Contractual => AdjustmentGroup::Contractual,
        Group::Patient => AdjustmentGroup::Patient,
        Group::Other => AdjustmentGroup::Other,
        Group::Payer => AdjustmentGroup::Payer,
    };
    Ok(Decision::Deny {
        group,
        reason: code,
    })
}
