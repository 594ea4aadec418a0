//! `galen duplicates screen`

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use claims::instructions::ScreenClaimArgs;
use claims::state::{Claim, DuplicateEntry, History, PendReason, PlanVersion};
use claims::{accounts, instruction};
use registry::state::{Config, Permission};
use serde::Serialize;
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

use super::files::{self, Kept, Reply};
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::others::{details_of, remembered, with_details, with_others};
use crate::chain::people::{self, PeopleFlags};
use crate::chain::session::Session;
use crate::command::claim::change::Case;
use crate::command::claim::view;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, table, Answer};
use crate::send::Receipt;

/// Flags of `galen duplicates screen`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen duplicates screen --kept kept.json --answer answer.json

Refuses an answer that was not made with the key that the claims' plan names. Claims that no other insurer has are paid as ever;
the others wait for a decision. A claim that is refused holds up none of the others; the exit code is then 1. Run it again after
an interruption: what was screened is passed over.")]
pub struct Args {
    /// What was kept of the questions
    #[arg(long, value_name = "FILE")]
    kept: PathBuf,
    /// The service's answer
    #[arg(long, value_name = "FILE")]
    answer: PathBuf,
    #[command(flatten)]
    people: PeopleFlags,
}

/// A marker and the day that it is about.
type Marker = (i32, [u8; galen_blinding::MARKER_BYTES]);

/// Errors that the next claim would meet too, or after which nobody knows what became of a transaction.
const OF_THE_RUN: [&str; 6] = [
    "cluster_unreachable",
    "undecided",
    "operator_missing",
    "operator_revoked",
    "operator_expired",
    "permission_missing",
];

#[derive(Serialize)]
struct Report {
    /// Those that were refused.
    failed: usize,
    claims: Vec<Row>,
    transactions: Vec<Receipt>,
}

/// One claim of the kept questions.
#[derive(Serialize)]
struct Row {
    /// The claim's account.
    address: String,
    /// `screened`; `passed_over` where it no longer waited to be screened, so that nothing was sent; `failed`.
    outcome: &'static str,
    /// What became of it; null where there is no such claim.
    status: Option<view::Status>,
    /// Why it waits; null where it does not.
    pend_reason: Option<&'static str>,
    /// Cents that are awarded.
    paid: u64,
    /// What it was refused for.
    error: Option<CliError>,
}

/// Runs the command.
///
/// # Errors
/// `proof_invalid`, `answers_incomplete`, `answer_of_other_service`, those of the files, `operator_missing` and its kin,
/// `cluster_unreachable`, `undecided`. What single claims are refused for stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let kept: Kept = files::read(&args.kept)?;
    let reply: Reply = files::read(&args.answer)?;
    if kept.service != reply.service {
        let message = format!(
            "The questions were for the service {}; the answer is of {}.",
            kept.service, reply.service
        );
        return Err(CliError::new("answer_of_other_service", message));
    }
    let service = files::key(&kept.service)?;
    let markers = markers(&kept, &reply, &service)?;
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let intent = Intent::new("Screen claims")
        .with("service", service)
        .with("claims", markers.len());
    session.ledger.confirm(&intent)?;
    let mut report = Report {
        failed: 0,
        claims: Vec::new(),
        transactions: Vec::new(),
    };
    for (address, markers) in markers {
        let fate = match one(&session, intent.title(), address, &service, markers) {
            Err(error) if OF_THE_RUN.contains(&error.code.as_str()) => return Err(error),
            fate => fate,
        };
        report.add(&session, address, fate);
    }
    let success = report.failed == 0;
    Ok(Answer::new(&report)?.with_success(success))
}

/// Screens one claim; none where it does not wait for it.
fn one(
    session: &Session,
    label: &str,
    address: Pubkey,
    service: &Pubkey,
    markers: Vec<Marker>,
) -> Result<Option<Receipt>> {
    let claim: Claim = entity::get(session.cluster(), &address)?;
    if claim.pend_reason != PendReason::Screening {
        return Ok(None);
    }
    let instruction = screen(session, address, &claim, service, markers)?;
    session.send(label, &[instruction], &[]).map(Some)
}

impl Report {
    fn add(&mut self, session: &Session, address: Pubkey, fate: Result<Option<Receipt>>) {
        let after = entity::get::<Claim>(session.cluster(), &address).ok();
        let waits = |claim: &Claim| claim.pend_reason == PendReason::Screening;
        let (outcome, error) = match fate {
            Ok(Some(receipt)) => {
                self.transactions.push(receipt);
                ("screened", None)
            }
            Ok(None) => ("passed_over", None),
            // What somebody else has screened in the meantime is screened, whatever this transaction was refused for.
            Err(_) if after.as_ref().is_some_and(|claim| !waits(claim)) => ("passed_over", None),
            Err(error) => {
                self.failed = self.failed.saturating_add(1);
                ("failed", Some(error))
            }
        };
        let after = after.as_ref();
        self.claims.push(Row {
            address: address.to_string(),
            outcome,
            status: after.map(|claim| view::Status::from(claim.status)),
            pend_reason: after.and_then(|claim| view::pend_reason(claim.pend_reason)),
            paid: after.map_or(0, |claim| claim.totals.paid),
            error,
        });
    }
}

/// By claim, its markers in the order of their days.
fn markers(kept: &Kept, reply: &Reply, service: &Pubkey) -> Result<BTreeMap<Pubkey, Vec<Marker>>> {
    let outputs = galen_blinding::finish(&kept.restore()?, &reply.answer()?, &service.to_bytes())
        .map_err(files::refused)?;
    let mut markers: BTreeMap<Pubkey, Vec<Marker>> = BTreeMap::new();
    for (question, output) in kept.questions.iter().zip(&outputs) {
        let of_claim = markers.entry(question.claim()?).or_default();
        of_claim.push((question.day, galen_blinding::marker(output)));
    }
    for of_claim in markers.values_mut() {
        of_claim.sort_unstable();
    }
    Ok(markers)
}

fn screen(
    session: &Session,
    address: Pubkey,
    claim: &Claim,
    service: &Pubkey,
    markers: Vec<Marker>,
) -> Result<Instruction> {
    let cluster = session.cluster();
    let plan_version: PlanVersion = entity::get(cluster, &claim.plan_version)?;
    if plan_version.checks.blinder != *service {
        let message = format!(
            "The plan of the claim {address} names the service {}; ask that one.",
            plan_version.checks.blinder
        );
        return Err(CliError::new("plan_of_other_service", message));
    }
    let pool: claims::state::Pool = entity::get(cluster, &claim.pool)?;
    let (agreement_address, agreement) = Case::agreement_of(cluster, claim)?;
    let markers: Vec<_> = markers.into_iter().map(|(_, marker)| marker).collect();
    let entries: Vec<AccountMeta> = markers
        .iter()
        .map(|marker| DuplicateEntry::find_address(service, &claim.provider, marker).0)
        .map(|entry| AccountMeta::new(entry, false))
        .collect();
    let mut instruction = crate::chain::instruction(
        claims::ID,
        &accounts::ScreenClaim {
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
            claim: address,
            vault: pool.vault,
            payout: agreement.effective_payout(session.now),
            mint: pool.mint,
            token_program: pool.token_program,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        },
        &instruction::ScreenClaim {
            args: ScreenClaimArgs { markers },
        },
    );
    instruction.accounts.extend(entries);
    let member = people::member(cluster, &claim.member)?;
    let papers = remembered(claim);
    let instruction = with_others(instruction, &claim.member, &member, papers);
    let details = details_of(&plan_version);
    Ok(with_details(instruction, &claim.member, &member, details))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let columns = ["Claim", "Outcome", "Status", "Waits for", "Plan pays"];
        let mut rows = table(&columns, &[4]);
        for claim in &self.claims {
            let why = match &claim.error {
                Some(error) => error.message.clone(),
                None => claim.pend_reason.unwrap_or_default().replace('_', " "),
            };
            rows.add_row([
                claim.address.clone(),
                claim.outcome.replace('_', " "),
                claim
                    .status
                    .map(|status| status.to_string())
                    .unwrap_or_default(),
                why,
                money(claim.paid),
            ]);
        }
        write!(f, "{rows}")
    }
}
