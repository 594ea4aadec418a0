//! `galen member join-family`

mod table;

use claims::instructions::CreateFamilyArgs;
use claims::state::Family;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::change::{Case, Desk, SomeMember, Target};
use crate::chain::intent::Intent;
use crate::chain::text::some_key;
use crate::command::trial::rows;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen member join-family`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member join-family --pool POOL --id M-4711 F-12
  galen member join-family --pool POOL --id M-4712 F-12
  galen member join-family --pool POOL --file families.csv --dry-run
  galen member join-family --pool POOL --file families.csv --yes --report report.csv

Deductibles and out-of-pocket maxima of a family count together, as the plan says. The family is created when its first
member joins; on the ledger stands a salted commitment to its identifier. A member joins before its first claim.

The table has the column id, or member with the account's address, and family. Everything that is wrong with it is said at once, and
nothing is sent before. Should it be killed, run it again with the same store: which families there are, and who has joined, is found
there. The exit code is 1 while something is wrong or was refused.")]
pub struct Args {
    #[command(flatten)]
    who: SomeMember,
    /// The family's identifier at the insurer
    #[arg(
        value_name = "FAMILY",
        value_parser = rows::identifier,
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    family: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, `family_joined`, and the program's refusals. What single rows of a table are refused for stands
/// in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    match (&args.who.many.file, &args.family) {
        (Some(_), _) => table::run(args, settings),
        (None, Some(family)) => one(args, family, settings),
        (None, None) => Err(CliError::new(
            "missing_value",
            "Say which family the member joins.",
        )),
    }
}

fn one(args: &Args, family: &str, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&Target::of(&args.who), settings)?;
    let commitment = case.family_commitment(family)?;
    let (family, _) = Family::find_address(&case.pool, &commitment);
    match some_key(case.member.family) {
        Some(joined) if joined == family => return case.unchanged(),
        Some(joined) => return Err(joined_another(&joined)),
        None => {}
    }
    let desk = case.desk(Permission::EnrolMember)?;
    let mut instructions = Vec::with_capacity(2);
    if !case.exists(&family)? {
        instructions.push(creation(&desk, case.member.plan, commitment));
    }
    instructions.push(joining(&desk, family, case.address));
    let intent = Intent::new("Have a member join a family")
        .with("member", case.address)
        .with("family", family);
    case.execute_all(&intent, &instructions)
}

fn joined_another(joined: &Pubkey) -> CliError {
    let message = format!("The member belongs to another family, {joined}.");
    CliError::new("family_joined", message)
}

fn creation(desk: &Desk, plan: Pubkey, commitment: [u8; 32]) -> Instruction {
    let accounts = accounts::CreateFamily {
        operator: desk.operator,
        operator_record: desk.operator_record,
        insurer: desk.insurer,
        pool: desk.pool,
        plan,
        family: Family::find_address(&desk.pool, &commitment).0,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let args = CreateFamilyArgs { commitment };
    crate::chain::instruction(claims::ID, &accounts, &instruction::CreateFamily { args })
}

fn joining(desk: &Desk, family: Pubkey, member: Pubkey) -> Instruction {
    let accounts = accounts::JoinFamily {
        operator: desk.operator,
        operator_record: desk.operator_record,
        insurer: desk.insurer,
        pool: desk.pool,
        family,
        member,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    crate::chain::instruction(claims::ID, &accounts, &instruction::JoinFamily {})
}
