//! `galen claim decide`

use claims::constants::MAX_LINES;
use claims::instructions::{DecideClaimArgs, Decision};
use claims::state::{
    AdjustmentGroup, Claim, ClaimFactKind, ClaimFacts, ClaimStatus, History, PlanVersion,
};
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
use crate::send::foreseen_by_claims;

/// Flags of `galen claim decide`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim decide ADDRESS --approve
  galen claim decide ADDRESS --approve --deny-line 3=50 --deny-line 4=150
  galen claim decide ADDRESS --deny 50

Approval adjudicates by what the member has used at that moment and pays whatever the limits are. A denial gives a
claim adjustment reason code (X12 code list 139). Of single lines it is 50 (not necessary) or 150 (the documents do not support what was
billed); that is kept with the claim, for when it is adjudicated anew, until an appeal waives it (`--waive review`). While a claim
waits, attachments can come, which are among its `facts` (`galen claim show`): --facts binds the decision to those that were there.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// Adjudicate and pay
    #[arg(long, conflicts_with = "deny", required_unless_present = "deny")]
    approve: bool,
    /// Approve all lines but this one, counted from 1, which is denied for 50 or 150; can be given several times
    #[arg(long, value_name = "LINE=REASON", requires = "approve", value_parser = Denied::read)]
    deny_line: Vec<Denied>,
    /// Deny every line that is not denied yet, for this reason
    #[arg(long, value_name = "REASON")]
    deny: Option<u16>,
    /// Number of an authorization of the member that lines use up; can be given several times
    #[arg(long, value_name = "NUMBER")]
    authorization: Vec<u8>,
    /// Refuse if the claim states another number of facts than when it was looked at [default: as read from the cluster]
    #[arg(long, value_name = "NUMBER")]
    facts: Option<u8>,
    #[command(flatten)]
    people: PeopleFlags,
}

/// A line that is not approved.
#[derive(Debug, Clone, Copy)]
struct Denied {
    /// Counted from 1.
    line: u8,
    reason: u16,
}

impl Denied {
    fn read(text: &str) -> std::result::Result<Self, String> {
        let parts = text.split_once('=').and_then(|(line, reason)| {
            Some(Self {
                line: line.parse().ok().filter(|line| *line > 0)?,
                reason: reason.parse().ok()?,
            })
        });
        parts.ok_or_else(|| "a line and a reason, such as 3=50".to_owned())
    }

    /// The line's bit.
    fn bit(self) -> Result<u16> {
        let index = u32::from(self.line).saturating_sub(1);
        1_u16.checked_shl(index).ok_or_else(|| {
            CliError::new(
                "finding_outside_claim",
                format!(
                    "There is no line {}: a claim has at most {MAX_LINES}.",
                    self.line
                ),
            )
        })
    }
}

/// Runs the command.
///
/// # Errors
/// `reason_unknown`, `finding_unknown`, `claim_not_pended`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let mut case = Case::open(session, args.address)?;
    let decision = decision(args, case.claim.in_network)?;
    match (case.claim.status, decision) {
        (ClaimStatus::Pended, _) => {}
        (ClaimStatus::Paid | ClaimStatus::Payable | ClaimStatus::NothingDue, Decision::Approve)
        | (ClaimStatus::Denied, Decision::Deny { .. }) => return case.unchanged(),
        (
            ClaimStatus::Paid
            | ClaimStatus::Payable
            | ClaimStatus::NothingDue
            | ClaimStatus::Denied,
            Decision::ApproveInPart { .. },
        ) if found(&case.claim) == decision => return case.unchanged(),
        (status, _) => {
            let message = format!(
                "The claim does not wait for a decision; it is {}.",
                super::view::Status::from(status)
            );
            return Err(CliError::new("claim_not_pended", message));
        }
    }
    let facts = facts_seen(args, &case.claim)?;
    if let Decision::ApproveInPart {
        not_necessary,
        level_unsupported,
    } = decision
    {
        let claim = &mut case.claim;
        claim
            .find_against(not_necessary, level_unsupported)
            .map_err(|error| foreseen_by_claims(&error))?;
    }
    let Case {
        session,
        claim,
        pool,
        ..
    } = &case;
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
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let what = match decision {
        Decision::Approve => "approve and pay".to_owned(),
        Decision::ApproveInPart { .. } => {
            let lines = args.deny_line.iter();
            let denied: Vec<String> = lines
                .map(|denied| format!("line {}, CARC {}", denied.line, denied.reason))
                .collect();
            format!("approve and pay, but deny {}", denied.join("; "))
        }
        Decision::Deny { reason, .. } => format!(
            "deny, CARC {reason} ({})",
            Reason::from_code(reason).map_or("", Reason::text)
        ),
    };
    let intent = Intent::new("Decide a claim")
        .with("claim", args.address)
        .with("decision", what)
        .with("facts", facts);
    let data = instruction::DecideClaim {
        args: DecideClaimArgs { decision, facts },
    };
    case.execute_for_member(&intent, &accounts, &data, &args.authorization)
}

/// How many facts the decider knows of.
fn facts_seen(args: &Args, claim: &Claim) -> Result<u8> {
    let facts = match args.facts {
        Some(facts) => facts,
        // It keeps their number in a byte.
        None => u8::try_from(claim.facts.entries().len()).unwrap_or(u8::MAX),
    };
    claim.check_facts_seen(facts).map_err(|_| {
        let message = format!("The claim states another number of facts than --facts says: {}, and not {facts}. Look at it again with `galen claim show`.", claim.facts.entries().len());
        CliError::new("facts_changed", message)
    })?;
    Ok(facts)
}

/// Who bears a denial follows from its reason, as in the rulebook; it is not the decider's to choose.
fn decision(args: &Args, in_network: bool) -> Result<Decision> {
    let Some(code) = args.deny else {
        return approval(&args.deny_line);
    };
    let Some(reason) = Reason::from_code(code) else {
        let known: Vec<String> = Reason::ALL
            .iter()
            .map(|reason| reason.code().to_string())
            .collect();
        let message = format!("{code} is no claim adjustment reason code (X12 code list 139) that the rulebook knows. It knows {}.", known.join(", "));
        return Err(CliError::new("reason_unknown", message));
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

/// The approval of all lines but these.
fn approval(denied: &[Denied]) -> Result<Decision> {
    let (mut not_necessary, mut level_unsupported) = (0, 0);
    for one in denied {
        let lines = match Reason::from_code(one.reason) {
            Some(Reason::NotNecessary) => &mut not_necessary,
            Some(Reason::LevelOfService) => &mut level_unsupported,
            _ => {
                let message = format!("CARC {} is none that is found of single lines: 50 is that one was not necessary, 150 that the documents do not support it.", one.reason);
                return Err(CliError::new("finding_unknown", message));
            }
        };
        *lines |= one.bit()?;
    }
    Ok(if denied.is_empty() {
        Decision::Approve
    } else {
        Decision::ApproveInPart {
            not_necessary,
            level_unsupported,
        }
    })
}

/// The approval that a claim has had, as far as single lines go.
fn found(claim: &Claim) -> Decision {
    let of = |kind| {
        let facts = claim.facts.entries().iter();
        let lines = facts.filter(|fact| fact.kind == kind);
        lines.fold(0, |bits, fact| bits | ClaimFacts::bit(fact.line))
    };
    Decision::ApproveInPart {
        not_necessary: of(ClaimFactKind::NotNecessary),
        level_unsupported: of(ClaimFactKind::LevelUnsupported),
    }
}
