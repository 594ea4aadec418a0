//! `galen member end`

use claims::instructions::EndCoverageArgs;
use claims::{accounts, instruction};
use galen_rules::Date;

use super::change::{Case, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::people;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen member end`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member end --pool POOL --id M-4711 --to 2026-06-30

The last day may also be later than before.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Last day of coverage
    #[arg(long, value_name = "DATE")]
    to: Date,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    if case.member.covered_to == args.to.days() {
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
        .with("from now on", args.to)
        .with_admin(&admin);
    let data = instruction::EndCoverage {
        args: EndCoverageArgs {
            admin,
            covered_to: args.to.days(),
        },
    };
    case.execute(&intent, &accounts, &data)
}
