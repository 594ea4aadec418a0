//! `galen claim attach`

use claims::instructions::AddClaimFactsArgs;
use claims::state::{ClaimFact, PlanVersion};
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use super::facts::attached;
use super::submission::schedule;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::chain::{codes, entity};
use crate::command::plan::details;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::foreseen_by_claims;

/// Flags of `galen claim attach`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim attach ADDRESS operative-report
  galen claim attach ADDRESS xray consent-form --line 2

For a claim that waits for the insurer and lacks what its plan asks for (pended: attachment missing, or after something else); `galen
claim show` has what, by line. The document itself travels off the ledger, for instance with `galen store send`; the ledger learns
that it has come, under a keyed identifier, and the insurer's clocks run again. The insurer then decides: what it approves is
adjudicated with what has come, and a line that still lacks something is denied by CARC 252.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// What has come, by the name that the plan's document has for it
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    /// The line that it belongs to, counted from 1; without it, to all lines
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..))]
    line: Option<u8>,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `code_key_missing`, `line_unknown`, `attachment_not_asked`, and the program's refusals: `screening_awaited`,
/// `claim_not_pended`, `too_many_facts`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let case = Case::open(session, args.address)?;
    let facts = unstated(args, &case)?;
    if facts.is_empty() {
        return case.unchanged();
    }
    // In the program's words, before anything is signed.
    case.claim
        .clone()
        .take_attachments(&facts, case.session.cluster().today()?.days())
        .map_err(|error| foreseen_by_claims(&error))?;
    let accounts = accounts::AddClaimFacts {
        operator: case.session.key(),
        operator_record: case
            .session
            .staff(&case.claim.provider, Permission::SubmitClaim)?,
        provider: case.claim.provider,
        claim: case.address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let mut intent = Intent::new("Say that attachments of a claim have come")
        .with("claim", case.address)
        .with("attached", args.names.join(", "));
    if let Some(line) = args.line {
        intent = intent.with("line", line);
    }
    let data = instruction::AddClaimFacts {
        args: AddClaimFactsArgs { facts },
    };
    case.execute(&intent, &accounts, &data)
}

/// Of what has come, what the claim does not state yet.
fn unstated(args: &Args, case: &Case<'_>) -> Result<Vec<ClaimFact>> {
    let claim = &case.claim;
    let (index, lines) = match args.line {
        None => (ClaimFact::ALL_LINES, claim.lines.as_slice()),
        Some(line) => {
            let index = line.saturating_sub(1);
            let line = claim.lines.get(usize::from(index)).ok_or_else(|| {
                let message = format!("There is no line {line}: it has {}.", claim.lines.len());
                CliError::new("line_unknown", message)
            })?;
            (index, std::slice::from_ref(line))
        }
    };
    let keys: Vec<[u8; 8]> = lines.iter().map(|line| line.code_key).collect();
    let cluster = case.session.cluster();
    let version: PlanVersion = entity::get(cluster, &claim.plan_version)?;
    let (header, _) = schedule(cluster, &version.schedule)?;
    let store = &case.session.ledger.store;
    let key = codes::needed_key_of(store, &claim.pool, header.number)?;
    let details = details::of_version(cluster, &version)?;
    let mut facts = attached(&args.names, index, &keys, &key, &details)?;
    facts.retain(|fact| !claim.facts.entries().contains(fact));
    Ok(facts)
}
