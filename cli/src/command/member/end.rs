//! `galen member end`

use claims::instructions::EndCoverageArgs;
use claims::{accounts, instruction};
use galen_rules::Date;
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::bulk::{keep, value_or, Fault, Table};
use super::change::{Case, Desk, SomeMember, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::people;
use crate::command::trial::rows;
use crate::config::Settings;
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
        (Some(_), _) => table(args, settings),
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
    let admin = args.admin.at(case.now(), case.member.sequence);
    let intent = Intent::new("Set a member's last day of coverage")
        .with("member", case.address)
        .with("so far", people::day(case.member.covered_to)?.0)
        .with("from now on", to)
        .with_admin(&admin);
    let end = EndCoverageArgs {
        admin,
        covered_to: to.days(),
    };
    let desk = case.desk(Permission::EnrolMember)?;
    case.execute_all(&intent, &[instruction_of(&desk, case.address, end)])
}

/// Ends the coverage of a table's members.
fn table(args: &Args, settings: &Settings) -> Result<Answer> {
    args.admin.require_no_sequence()?;
    let who = &args.who;
    let staff = (who.pool, Permission::EnrolMember);
    let mut table = Table::open(&who.many, (&COLUMNS, &[]), staff, &who.people, settings)?;
    let rows = table.rows(true, |_, record, faults| {
        let to = value_or(record, "to", args.to.as_ref(), rows::date);
        Ok(keep(faults, to).map(|to| to.days()))
    })?;
    for (row, to) in rows {
        let mut ended = row.member;
        let checked = ended
            .end_coverage(to)
            .map_err(|error| Fault::at(row.line, "to", foreseen_by_claims(&error)));
        if keep(&mut table.work.faults, checked).is_none() {
            continue;
        }
        let end = EndCoverageArgs {
            admin: args.admin.at_each(table.session.now, row.member.sequence),
            covered_to: to,
        };
        let end = instruction_of(&table.desk, row.address, end);
        table
            .work
            .change(row, end, move |there| there.covered_to == to);
    }
    table.finish("Set members' last days of coverage", CHANGE_MEMBERS)
}

fn instruction_of(desk: &Desk, member: Pubkey, args: EndCoverageArgs) -> Instruction {
    let accounts = accounts::EndCoverage {
        operator: desk.operator,
        operator_record: desk.operator_record,
        insurer: desk.insurer,
        pool: desk.pool,
        member,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    crate::chain::instruction(claims::ID, &accounts, &instruction::EndCoverage { args })
}
