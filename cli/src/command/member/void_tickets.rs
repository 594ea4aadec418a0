//! `galen member void-tickets`

use std::collections::BTreeMap;
use std::path::Path;

use claims::instructions::RaiseTicketFloorArgs;
use claims::state::Pool;
use claims::{accounts, instruction};
use registry::state::Permission;

use super::bulk::{keep, value_or, Job, Work};
use super::change::{Case, SomeMember, Target};
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::command::trial::rows;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::CHANGE_MEMBERS;

/// The columns of a table of members whose tickets are void.
const COLUMNS: [&str; 3] = ["id", "member", "below"];

/// Flags of `galen member void-tickets`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member void-tickets --pool POOL --id M-4711 --below 1
  galen member void-tickets --pool POOL --below 1 --file members.csv --yes --report report.csv

A ticket has a number (`galen member ticket --nonce`; by default the member's ticket floor, which is 0 at first). Those
with a lower number than this are void from then on, for claims that were not submitted yet. The floor never sinks.

MEMBERS.csv has the column id, or member with the account's address, and below where it differs from the flag. Everything that is
wrong with it is said at once, and nothing is sent before. Should it be killed, run it again.")]
pub struct Args {
    #[command(flatten)]
    who: SomeMember,
    /// The lowest number of a ticket that is still good; of a table, for rows that name none
    #[arg(long, value_name = "NUMBER", required_unless_present = "file")]
    below: Option<u64>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, and the program's refusals: `ticket_floor_not_higher`. What single rows of a table are refused
/// for stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    match (&args.who.many.file, args.below) {
        (Some(path), _) => table(args, path, settings),
        (None, Some(below)) => one(args, below, settings),
        (None, None) => Err(CliError::new(
            "missing_value",
            "Say which tickets are void, with --below.",
        )),
    }
}

fn one(args: &Args, below: u64, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&Target::of(&args.who), settings)?;
    if case.member.ticket_floor == below {
        return case.unchanged();
    }
    let accounts = accounts::RaiseTicketFloor {
        operator: case.operator(),
        operator_record: case.operator_record()?,
        insurer: case.insurer,
        pool: case.pool,
        member: case.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Void a member's older eligibility tickets")
        .with("member", case.address)
        .with("void so far below", case.member.ticket_floor)
        .with("void from now on below", below);
    let data = instruction::RaiseTicketFloor {
        args: RaiseTicketFloorArgs { floor: below },
    };
    case.execute(&intent, &accounts, &data)
}

/// Voids the tickets of a table's members.
fn table(args: &Args, path: &Path, settings: &Settings) -> Result<Answer> {
    let mut sheet = rows::read_columns(path, &COLUMNS, &[])?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.who.people.public_ledger_accepted)?;
    let pool_address = args.who.pool;
    let pool: Pool = entity::get(cluster, &pool_address)?;
    let operator_record = session.staff(&pool.insurer, Permission::EnrolMember)?;
    let mut work = Work::of(&mut sheet);
    let mut floors = BTreeMap::new();
    for record in &sheet.records {
        let below = value_or(record, "below", args.below.as_ref(), rows::ticket_number);
        if let Some(below) = keep(&mut work.faults, below) {
            floors.insert(record.line, below);
        }
    }
    let store = &session.ledger.store;
    for row in work.members(cluster, store, &pool_address, &sheet.records, true)? {
        let Some(below) = floors.get(&row.record.line).copied() else {
            continue;
        };
        let accounts = accounts::RaiseTicketFloor {
            operator: session.key(),
            operator_record,
            insurer: pool.insurer,
            pool: pool_address,
            member: row.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let data = instruction::RaiseTicketFloor {
            args: RaiseTicketFloorArgs { floor: below },
        };
        let job = Job {
            line: row.record.line.unwrap_or_default(),
            id: row.id,
            member: Some(row.address),
            instructions: vec![crate::chain::instruction(claims::ID, &accounts, &data)],
            // Those below a higher floor are void as well.
            is_so: Box::new(move |there| there.ticket_floor >= below),
        };
        work.take(job, &row.member);
    }
    let intent = Intent::new("Void members' older eligibility tickets")
        .with("pool", pool_address)
        .with("table", document::name(path));
    work.finish(&session, &args.who.many, intent, CHANGE_MEMBERS)
}
