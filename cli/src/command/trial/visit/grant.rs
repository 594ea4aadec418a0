//! `galen trial visit grant`

use trials::state::{ClaimTurn, Schedule};
use trials::{accounts, instruction};

use super::super::bulk::{Job, Work};
use super::super::case::{instruction as of_trials, Case, Target};
use super::found;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Refusals that only say that it is not time yet, or that somebody else was quicker.
const WAITING: [&str; 2] = ["claim_with_the_arbiter", "claim_decided"];

/// Flags of `galen trial visit grant`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial visit grant TRIAL

Has every claimed visit earned on which the ethics board's arbiter was silent for 30 days; the others wait. Anybody can run it, as
often as they like; `galen trial pay` pays what it earns.")]
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
    let today = case.today()?;
    let mut work = Work::default();
    for (address, claim, place) in found::all(case.cluster(), &case.cohorts()?)? {
        let participant = place.participant.key.to_string();
        let pending = place.participant.has_claim(claim.milestone);
        if claim.turn != ClaimTurn::Arbiter || !pending {
            continue;
        }
        // The program's own check, run here.
        if claim.clone().lapse(pending, today).is_err() {
            work.unchanged.push((None, participant));
            continue;
        }
        let accounts = accounts::GrantVisit {
            trial: case.address,
            site: place.site,
            schedule: Schedule::find_address(&case.address, place.participant.schedule).0,
            cohort: place.cohort,
            person: place.participant.person,
            claim: address,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        work.jobs.push(Job {
            line: None,
            participant,
            instructions: vec![of_trials(&accounts, &instruction::GrantVisit {})],
            signer: None,
        });
    }
    let intent = Intent::new("Have claimed visits earned").with("trial", case.address);
    work.finish_crank(&case.session, intent, &WAITING)
}
