//! `galen member join-family`

use claims::instructions::CreateFamilyArgs;
use claims::state::Family;
use claims::{accounts, instruction};

use super::change::{Case, Target};
use crate::chain::intent::Intent;
use crate::chain::text::some_key;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen member join-family`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member join-family --pool POOL --id M-4711 F-12
  galen member join-family --pool POOL --id M-4712 F-12

Deductibles and out-of-pocket maxima of a family count together, as the plan says. The family is created when its first
member joins; on the ledger stands a salted commitment to its identifier. A member joins before its first claim.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The family's identifier at the insurer
    #[arg(value_name = "FAMILY")]
    family: String,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, `family_joined`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let commitment = case.family_commitment(&args.family)?;
    let (family, _) = Family::find_address(&case.pool, &commitment);
    match some_key(case.member.family) {
        Some(joined) if joined == family => return case.unchanged(),
        Some(joined) => {
            let message = format!("The member belongs to another family, {joined}.");
            return Err(CliError::new("family_joined", message));
        }
        None => {}
    }
    let operator_record = case.operator_record()?;
    let mut instructions = Vec::with_capacity(2);
    if !case.exists(&family)? {
        let create = accounts::CreateFamily {
            operator: case.operator(),
            operator_record,
            insurer: case.insurer,
            pool: case.pool,
            plan: case.member.plan,
            family,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = CreateFamilyArgs { commitment };
        instructions.push(crate::chain::instruction(
            claims::ID,
            &create,
            &instruction::CreateFamily { args },
        ));
    }
    let join = accounts::JoinFamily {
        operator: case.operator(),
        operator_record,
        insurer: case.insurer,
        pool: case.pool,
        family,
        member: case.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    instructions.push(crate::chain::instruction(
        claims::ID,
        &join,
        &instruction::JoinFamily {},
    ));
    let intent = Intent::new("Have a member join a family")
        .with("member", case.address)
        .with("family", family);
    case.execute_all(&intent, &instructions)
}
