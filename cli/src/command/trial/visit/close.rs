//! `galen trial visit close`

use galen_rules::trial::Bits;
use trials::{accounts, instruction};

use super::super::bulk::{Job, Work};
use super::super::case::{instruction as of_trials, Case, Target};
use super::found;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial visit close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial visit close TRIAL

Closes every claim whose milestone is earned, or whose participant is settled; the rent goes back to whoever paid it. The others
stay. Anybody can run it, as often as they like.")]
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
    let mut work = Work::default();
    for (address, claim, place) in found::all(case.cluster(), &case.cohorts()?)? {
        let participant = place.participant.key.to_string();
        let earned = Bits(place.participant.earned).has(claim.milestone);
        if !earned && !place.participant.is_settled() {
            work.unchanged.push((None, participant));
            continue;
        }
        let accounts = accounts::CloseVisitClaim {
            cohort: place.cohort,
            claim: address,
            payer: claim.payer,
        };
        work.jobs.push(Job {
            line: None,
            participant,
            instructions: vec![of_trials(&accounts, &instruction::CloseVisitClaim {})],
            signer: None,
        });
    }
    let intent = Intent::new("Close claims").with("trial", case.address);
    work.finish_crank(&case.session, intent, &["claim_stays"])
}
