//! `galen trial visit escalate`

use trials::state::ClaimTurn;
use trials::{accounts, instruction};

use super::super::bulk::{Job, Work};
use super::super::case::{instruction as of_trials, Case, Target};
use super::found;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Refusals that only say that it is not time yet, or that somebody else was quicker.
const WAITING: [&str; 3] = [
    "claim_with_the_site",
    "claim_with_the_arbiter",
    "claim_decided",
];

/// Flags of `galen trial visit escalate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial visit escalate TRIAL

Passes every claim to the ethics board's arbiter that the site has left without an answer; the others wait. Anybody can run it, as
often as they like.")]
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
        if claim.turn != ClaimTurn::Site || !pending {
            continue;
        }
        // The program's own check, run here.
        if claim.clone().escalate(pending, today).is_err() {
            work.unchanged.push((None, participant));
            continue;
        }
        let accounts = accounts::EscalateVisit {
            cohort: place.cohort,
            claim: address,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        work.jobs.push(Job {
            line: None,
            participant,
            instructions: vec![of_trials(&accounts, &instruction::EscalateVisit {})],
            signer: None,
        });
    }
    let intent = Intent::new("Pass claims to the arbiter").with("trial", case.address);
    work.finish_crank(&case.session, intent, &WAITING)
}
