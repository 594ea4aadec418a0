//! `galen trial release-held`

use trials::instructions::ReleaseHeldArgs;
use trials::{accounts, instruction};

use super::bulk::{Job, Work};
use super::case::{instruction as of_trials, Case, Target};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial release-held`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial release-held TRIAL

Frees stipends that are held for tax reasons, of everybody who has a form by now or has chosen payment net of withholding; the
others wait. Anybody can run it, as often as they like; `galen trial pay` pays what it frees.")]
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
    for page in case.cohorts()? {
        for (index, participant) in (0..).zip(&page.participants) {
            if participant.held == 0 {
                continue;
            }
            let accounts = accounts::ReleaseHeld {
                trial: case.address,
                cohort: page.address,
                person: participant.person,
                event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
                program: trials::ID,
            };
            let data = instruction::ReleaseHeld {
                args: ReleaseHeldArgs { index },
            };
            work.jobs.push(Job {
                line: None,
                participant: participant.key.to_string(),
                instructions: vec![of_trials(&accounts, &data)],
                signer: None,
            });
        }
    }
    let intent = Intent::new("Release held stipends").with("trial", case.address);
    work.finish_crank(&case.session, intent, &["still_held"])
}
