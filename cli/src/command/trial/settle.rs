//! `galen trial settle`

use trials::instructions::SettleParticipantArgs;
use trials::state::Schedule;
use trials::{accounts, instruction};

use super::bulk::{Job, Work};
use super::case::{instruction as of_trials, Case, Target};
use trials::constants::NO_DAY;

use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Refusals that only say that it is not time yet.
const WAITING: [&str; 3] = [
    "settlement_too_early",
    "countersignature_pending",
    "claim_pending",
];

/// Flags of `galen trial settle`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial settle TRIAL

Settles everybody whose participation has ended, or whose trial has: the bonus in proportion to the milestones that count, and
what can no longer be earned is free again. Whose visits can still be attested, or wait for a countersignature or for the
decision of a claim, waits. Anybody can run it, as often as they like.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`, and the program's refusals, by participant.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let over = case.trial.ended_on != NO_DAY;
    let mut work = Work::default();
    for page in case.cohorts()? {
        for (index, participant) in (0..).zip(&page.participants) {
            if participant.is_settled() || !(over || participant.ended_on != NO_DAY) {
                continue;
            }
            let accounts = accounts::SettleParticipant {
                trial: case.address,
                site: page.header.site,
                schedule: Schedule::find_address(&case.address, participant.schedule).0,
                cohort: page.address,
                person: participant.person,
                event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
                program: trials::ID,
            };
            let data = instruction::SettleParticipant {
                args: SettleParticipantArgs { index },
            };
            work.jobs.push(Job {
                line: None,
                participant: participant.key.to_string(),
                instructions: vec![of_trials(&accounts, &data)],
                signer: None,
            });
        }
    }
    let intent = Intent::new("Settle participations").with("trial", case.address);
    work.finish_crank(&case.session, intent, &WAITING)
}
