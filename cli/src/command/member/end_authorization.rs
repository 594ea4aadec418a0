//! `galen member end-authorization`

use claims::instructions::EndAuthorizationArgs;
use claims::state::Authorization;
use claims::{accounts, instruction};
use galen_rules::Date;

use super::change::{Case, Target};
use crate::chain::intent::Intent;
use crate::chain::people;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen member end-authorization`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member end-authorization --pool POOL --id M-4711 --number 1 --to 2026-04-30

Signed by an operator of the insurer with the permission decide-claim. The last day is today at the earliest: what was done by then
stays covered. It may also be later than before.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Number among the member's authorizations
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..))]
    number: u8,
    /// Last service date
    #[arg(long, value_name = "DATE")]
    to: Date,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, `authorization_unknown`, and the program's refusals: `authorization_invalid`,
/// `authorization_ends_too_early`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let (address, _) = Authorization::find_address(&case.address, args.number);
    let authorization = people::find_authorization(case.cluster(), &address)?.ok_or_else(|| {
        let message = format!(
            "The member has no authorization number {}; the insurer grants one with `galen member authorize`.",
            args.number
        );
        CliError::new("authorization_unknown", message)
    })?;
    if authorization.to == args.to.days() {
        return case.unchanged();
    }
    let accounts = accounts::EndAuthorization {
        operator: case.operator(),
        operator_record: case.decider_record()?,
        insurer: case.insurer,
        pool: case.pool,
        member: case.address,
        authorization: address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Set an authorization's last service date")
        .with("member", case.address)
        .with("number", args.number)
        .with("so far", people::day(authorization.to)?.0)
        .with("from now on", args.to);
    let data = instruction::EndAuthorization {
        args: EndAuthorizationArgs { to: args.to.days() },
    };
    case.execute(&intent, &accounts, &data)
}
