//! `galen member void-tickets`

use claims::instructions::RaiseTicketFloorArgs;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::bulk::{keep, value_or, Table};
use super::change::{Case, Desk, SomeMember, Target};
use crate::chain::intent::Intent;
use crate::command::trial::rows;
use crate::config::Settings;
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
        (Some(_), _) => table(args, settings),
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
    let intent = Intent::new("Void a member's older eligibility tickets")
        .with("member", case.address)
        .with("void so far below", case.member.ticket_floor)
        .with("void from now on below", below);
    let desk = case.desk(Permission::EnrolMember)?;
    case.execute_all(&intent, &[instruction_of(&desk, case.address, below)])
}

/// Voids the tickets of a table's members.
fn table(args: &Args, settings: &Settings) -> Result<Answer> {
    let who = &args.who;
    let staff = (who.pool, Permission::EnrolMember);
    let mut table = Table::open(&who.many, (&COLUMNS, &[]), staff, &who.people, settings)?;
    let rows = table.rows(true, |_, record, faults| {
        let below = value_or(record, "below", args.below.as_ref(), rows::ticket_number);
        Ok(keep(faults, below))
    })?;
    for (row, below) in rows {
        let raise = instruction_of(&table.desk, row.address, below);
        // Those below a higher floor are void as well.
        table
            .work
            .change(row, raise, move |there| there.ticket_floor >= below);
    }
    table.finish("Void members' older eligibility tickets", CHANGE_MEMBERS)
}

fn instruction_of(desk: &Desk, member: Pubkey, below: u64) -> Instruction {
    let accounts = accounts::RaiseTicketFloor {
        operator: desk.operator,
        operator_record: desk.operator_record,
        insurer: desk.insurer,
        pool: desk.pool,
        member,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let args = RaiseTicketFloorArgs { floor: below };
    crate::chain::instruction(
        claims::ID,
        &accounts,
        &instruction::RaiseTicketFloor { args },
    )
}
