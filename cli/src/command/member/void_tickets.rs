//! `galen member void-tickets`

use claims::instructions::RaiseTicketFloorArgs;
use claims::{accounts, instruction};

use super::change::{Case, Target};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen member void-tickets`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member void-tickets --pool POOL --id M-4711 --below 1

A ticket has a number (`galen member ticket --nonce`; by default the member's ticket floor, which is 0 at first). Those
with a lower number than this are void from then on, for claims that were not submitted yet. The floor never sinks.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The lowest number of a ticket that is still good
    #[arg(long, value_name = "NUMBER")]
    below: u64,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, and the program's refusals: `ticket_floor_not_higher`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    if case.member.ticket_floor == args.below {
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
        .with("void from now on below", args.below);
    let data = instruction::RaiseTicketFloor {
        args: RaiseTicketFloorArgs { floor: args.below },
    };
    case.execute(&intent, &accounts, &data)
}
