//! `galen member end`

use std::collections::BTreeMap;
use std::path::Path;

use claims::instructions::EndCoverageArgs;
use claims::state::Pool;
use claims::{accounts, instruction};
use galen_rules::Date;
use registry::state::Permission;

use super::bulk::{keep, value_or, Fault, Job, Work};
use super::change::{Case, SomeMember, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people;
use crate::chain::session::Session;
use crate::command::trial::rows;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::{foreseen_by_claims, CHANGE_MEMBERS};

/// The columns of a table of members whose coverage ends.
const COLUMNS: [&str; 3] = ["id", "member", "to"];

/// Flags of `galen member end`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member end --pool POOL --id M-4711 --to 2026-06-30
  galen member end --pool POOL --file members.csv --dry-run
  galen member end --pool POOL --to 2026-12-31 --file members.csv --yes --report report.json

The last day may also be later than before.

MEMBERS.csv has the column id, or member with the account's address, and to where it differs from the flag. Everything that is wrong
with it is said at once, and nothing is sent before. Should it be killed, run it again: whose coverage ends on that day already is
left as it is. The exit code is 1 while something is wrong or was refused.")]
pub struct Args {
    #[command(flatten)]
    who: SomeMember,
    /// Last day of coverage; of a table, for rows that name none
    #[arg(long, value_name = "DATE", required_unless_present = "file")]
    to: Option<Date>,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, `contradiction`, and the program's refusals. What single rows of a table are refused for stands
/// in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    match (&args.who.many.file, args.to) {
        (Some(path), _) => table(args, path, settings),
        (None, Some(to)) => one(args, to, settings),
        (None, None) => Err(CliError::new(
            "missing_value",
            "Say which day is the last one, with --to.",
        )),
    }
}

fn one(args: &Args, to: Date, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&Target::of(&args.who), settings)?;
    if case.member.covered_to == to.days() {
        return case.unchanged();
    }
    let accounts = accounts::EndCoverage {
        operator: case.operator(),
        operator_record: case.operator_record()?,
        insurer: case.insurer,
        pool: case.pool,
        member: case.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(case.now(), case.member.sequence);
    let intent = Intent::new("Set a member's last day of coverage")
        .with("member", case.address)
        .with("so far", people::day(case.member.covered_to)?.0)
        .with("from now on", to)
        .with_admin(&admin);
    let data = instruction::EndCoverage {
        args: EndCoverageArgs {
            admin,
            covered_to: to.days(),
        },
    };
    case.execute(&intent, &accounts, &data)
}

/// Sets the last days of a table's members.
fn table(args: &Args, path: &Path, settings: &Settings) -> Result<Answer> {
    args.admin.require_no_sequence()?;
    let mut sheet = rows::read_columns(path, &COLUMNS, &[])?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.who.people.public_ledger_accepted)?;
    let pool_address = args.who.pool;
    let pool: Pool = entity::get(cluster, &pool_address)?;
    let operator_record = session.staff(&pool.insurer, Permission::EnrolMember)?;
    let mut work = Work::of(&mut sheet);
    // Of every row, whether its member is known or not: all that is wrong is said at once.
    let mut days = BTreeMap::new();
    for record in &sheet.records {
        let to = value_or(record, "to", args.to.as_ref(), rows::date);
        if let Some(to) = keep(&mut work.faults, to) {
            days.insert(record.line, to);
        }
    }
    let store = &session.ledger.store;
    for row in work.members(cluster, store, &pool_address, &sheet.records, true)? {
        let Some(to) = days.get(&row.record.line).map(|to| to.days()) else {
            continue;
        };
        let mut member = row.member;
        let so_far = member.covered_to;
        let checked = member
            .end_coverage(to)
            .map_err(|error| Fault::of(row.record, "to", foreseen_by_claims(&error)));
        if keep(&mut work.faults, checked).is_none() {
            continue;
        }
        member.covered_to = so_far;
        let accounts = accounts::EndCoverage {
            operator: session.key(),
            operator_record,
            insurer: pool.insurer,
            pool: pool_address,
            member: row.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let data = instruction::EndCoverage {
            args: EndCoverageArgs {
                admin: args.admin.at_each(session.now, member.sequence),
                covered_to: to,
            },
        };
        let job = Job {
            line: row.record.line.unwrap_or_default(),
            id: row.id,
            member: Some(row.address),
            instructions: vec![crate::chain::instruction(claims::ID, &accounts, &data)],
            is_so: Box::new(move |there| there.covered_to == to),
        };
        work.take(job, &member);
    }
    let intent = Intent::new("Set members' last days of coverage")
        .with("pool", pool_address)
        .with("table", document::name(path));
    work.finish(&session, &args.who.many, intent, CHANGE_MEMBERS)
}
