//! `galen member set-other-coverage`

use claims::instructions::SetOtherCoverageArgs;
use claims::state::DateSpan;
use claims::{accounts, instruction};
use galen_rules::Date;

use super::change::{Case, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::people;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen member set-other-coverage`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member set-other-coverage --pool POOL --id M-4711 --from 2026-01-01
  galen member set-other-coverage --pool POOL --id M-4711 --from 2026-01-01 --to 2026-06-30
  galen member set-other-coverage --pool POOL --id M-4711 --none

The days on which another payer comes first. A line of such a day that does not say what the other payer decided is denied
(CARC 22): the claim is to be sent to the other payer first. The days before are replaced.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// First day on which another payer comes first
    #[arg(long, value_name = "DATE", required_unless_present = "none")]
    from: Option<Date>,
    /// Last such day [default: without end]
    #[arg(long, value_name = "DATE", requires = "from")]
    to: Option<Date>,
    /// On no day
    #[arg(long, conflicts_with = "from")]
    none: bool,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, and the program's refusals: `coverage_invalid`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    // Without an end, the last day of the calendar stands there, as it does for the coverage itself.
    let wanted = args.from.map(|from| DateSpan {
        from: from.days(),
        to: args.to.unwrap_or(Date::MAX).days(),
    });
    let so_far = case.member.other_coverage();
    if so_far == wanted {
        return case.unchanged();
    }
    let accounts = accounts::SetOtherCoverage {
        operator: case.operator(),
        operator_record: case.operator_record()?,
        insurer: case.insurer,
        pool: case.pool,
        member: case.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(case.now(), case.member.sequence);
    let intent = Intent::new("Set on which days another payer comes first for a member")
        .with("member", case.address)
        .with("so far", days(so_far)?)
        .with("from now on", days(wanted)?)
        .with_admin(&admin);
    let data = instruction::SetOtherCoverage {
        args: SetOtherCoverageArgs {
            admin,
            first_payer: wanted,
        },
    };
    case.execute(&intent, &accounts, &data)
}

fn days(span: Option<DateSpan>) -> Result<String> {
    let Some(span) = span else {
        return Ok("on no day".to_owned());
    };
    let (from, to) = (people::day(span.from)?.0, people::day(span.to)?.0);
    Ok(match to == Date::MAX {
        true => format!("from {from} on"),
        false => format!("{from} to {to}"),
    })
}
