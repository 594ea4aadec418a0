//! `galen member authorize`

use claims::instructions::GrantAuthorizationArgs;
use claims::state::{Authorization, Grant, Plan, PlanVersion};
use claims::{accounts, instruction};
use galen_rules::Date;
use solana_pubkey::Pubkey;

use super::change::{Case, Target};
use crate::chain::intent::Intent;
use crate::chain::text::key_or_none;
use crate::chain::{codes, entity, organization};
use crate::command::claim::submission::schedule;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen member authorize`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member authorize --pool POOL --id M-4711 27447 --number 1 --units 1 --from 2026-03-01 --to 2026-05-31
  galen member authorize --pool POOL --id M-4711 97110 --number 2 --units 12 --from 2026-03-01 --to 2026-05-31 --provider CLINIC

Signed by an operator of the insurer with the permission decide-claim. Claims name it by its number (`galen claim submit
--authorization`) and use its units up. It is for the schedule in force on its first day: one that replaces it may have
another code key, and needs another authorization.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The procedure's code
    #[arg(value_name = "CODE")]
    code: String,
    /// Number among the member's authorizations, from 1
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..))]
    number: u8,
    /// Units that may be used up
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    units: u32,
    /// First service date
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// Last service date
    #[arg(long, value_name = "DATE")]
    to: Date,
    /// Only with this provider: its organization's address or id
    #[arg(long, value_name = "ORG")]
    provider: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, `no_plan_version`, `code_key_missing`, `authorization_exists`, and the program's
/// refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let (authorization, _) = Authorization::find_address(&case.address, args.number);
    if case.exists(&authorization)? {
        let message = format!(
            "The member has an authorization number {} already; take another number.",
            args.number
        );
        return Err(CliError::new("authorization_exists", message));
    }
    let provider = args
        .provider
        .map(|key| organization::resolve(case.cluster(), &key))
        .transpose()?
        .map(|(address, _)| address);
    let grant = Grant {
        number: args.number,
        provider: provider.unwrap_or_default(),
        code_key: code_key(&case, args)?,
        from: args.from.days(),
        to: args.to.days(),
        units: args.units,
    };
    let accounts = accounts::GrantAuthorization {
        operator: case.operator(),
        operator_record: case.decider_record()?,
        insurer: case.insurer,
        pool: case.pool,
        member: case.address,
        authorization,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Authorize a service beforehand")
        .with("member", case.address)
        .with("code", &args.code)
        .with("units", args.units)
        .with("from", args.from)
        .with("to", args.to)
        .with("provider", key_or_none(provider));
    let data = instruction::GrantAuthorization {
        args: GrantAuthorizationArgs { grant },
    };
    case.execute(&intent, &accounts, &data)
}

/// The code's key in the schedule that is in force on the first day.
fn code_key(case: &Case<'_>, args: &Args) -> Result<[u8; 8]> {
    let cluster = case.cluster();
    let plan: Plan = entity::get(cluster, &case.member.plan)?;
    let entry = plan.version_on(args.from.days()).ok_or_else(|| {
        CliError::new(
            "no_plan_version",
            format!(
                "The plan {} has no version in force on {}; its first one begins later.",
                case.member.plan, args.from
            ),
        )
    })?;
    let (address, _) = PlanVersion::find_address(&case.member.plan, entry.version);
    let version: PlanVersion = entity::get(cluster, &address)?;
    let (schedule, _) = schedule(cluster, &version.schedule)?;
    codes::procedure(&case.code_key(schedule.number)?, &args.code)
}
