//! `galen member set-facts`

use std::path::{Path, PathBuf};

use claims::instructions::SetMemberFactsArgs;
use claims::state::{MemberFact, MemberFacts, Plan, PlanVersion};
use claims::{accounts, instruction};
use galen_rules::Date;
use sha2::{Digest, Sha256};

use super::change::{Case, Target};
use super::stated::{self, Reach};
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::command::claim::submission::schedule;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen member set-facts`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member set-facts --pool POOL --id M-4711 --plan plan.json --facts member.json
  galen member set-facts --pool POOL --id M-4711 --plan plan-2027.json --facts member.json --plan-version 2
  galen member set-facts --pool POOL --id M-4711 --none

Signed by an operator of the insurer with the permission enrol-member. PLAN.json is the document of the version; of
MEMBER.json only what it asks for goes to the ledger, as keyed categories with the days on which they hold: never the day
of birth. Whether the member is of an age is stated until the end of the coverage or of the next calendar year, whichever
comes first: state it anew then. What was stated for other versions stays; what the member has used is the ledger's own.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The document of the plan version
    #[arg(long, value_name = "PLAN.json", required_unless_present = "none")]
    plan: Option<PathBuf>,
    /// What is known of the member
    #[arg(long, value_name = "MEMBER.json", required_unless_present = "none")]
    facts: Option<PathBuf>,
    /// Number of the plan version [default: the latest]
    #[arg(long, value_name = "NUMBER")]
    plan_version: Option<u16>,
    /// Last day for which ages are stated [default: the end of the next calendar year, or of the coverage]
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// State nothing any more, for no version
    #[arg(long, conflicts_with_all = ["plan", "facts"])]
    none: bool,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, `plan_version_differs`, those of [`stated::facts`], and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let (address, _) = MemberFacts::find_address(&case.address);
    let so_far = entity::find::<MemberFacts>(case.cluster(), &address)?;
    let so_far = so_far.map_or_else(Vec::new, |facts| facts.entries);
    let wanted = match (&args.plan, &args.facts) {
        (Some(plan), Some(member)) => wanted(&case, args, plan, member, &so_far)?,
        _ => Vec::new(),
    };
    if wanted == so_far {
        return case.unchanged();
    }
    let accounts = accounts::SetMemberFacts {
        operator: case.operator(),
        operator_record: case.operator_record()?,
        insurer: case.insurer,
        pool: case.pool,
        member: case.address,
        facts: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("State what plans ask about a member")
        .with("member", case.address)
        .with("facts so far", so_far.len())
        .with("facts from now on", wanted.len());
    let data = instruction::SetMemberFacts {
        args: SetMemberFactsArgs { entries: wanted },
    };
    case.execute(&intent, &accounts, &data)
}

/// What is to be stated: the facts of this version, and those of others as they are.
fn wanted(
    case: &Case<'_>,
    args: &Args,
    plan: &Path,
    member: &Path,
    so_far: &[MemberFact],
) -> Result<Vec<MemberFact>> {
    let document = document::plan(plan)?;
    let on_ledger: Plan = entity::get(case.cluster(), &case.member.plan)?;
    let number = match args.plan_version {
        Some(number) => number,
        None => on_ledger.latest().map_or(1, |entry| entry.version),
    };
    let (address, _) = PlanVersion::find_address(&case.member.plan, number);
    let version: PlanVersion = entity::get(case.cluster(), &address)?;
    let digest: [u8; 32] = Sha256::digest(document::bytes(plan)?).into();
    if version.document != digest {
        return Err(CliError::new(
            "plan_version_differs",
            format!("Version {number} of the member's plan was published from another document than {}; name the one it is of.", document::name(plan)),
        ));
    }
    let (header, _) = schedule(case.cluster(), &version.schedule)?;
    let key = case.code_key(header.number)?;
    let known = document::member(member)?;
    let reach = Reach::of(
        &case.member,
        &version,
        args.until.unwrap_or(case.end_of_next_year()),
    );
    let own = stated::facts(&document, &known, &key, &reach, &document::name(member))?;
    let of_others = so_far.iter().filter(|fact| !reach.has(fact)).copied();
    let mut facts: Vec<MemberFact> = of_others.chain(own).collect();
    facts.sort_by_key(|fact| (fact.kind, fact.key, fact.from));
    facts.dedup();
    Ok(facts)
}
