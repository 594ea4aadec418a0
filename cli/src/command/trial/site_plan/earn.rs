//! `galen trial site-plan earn`

use trials::instructions::EarnSiteMilestoneArgs;
use trials::state::{Site, SitePlan};
use trials::{accounts, instruction};

use super::super::case::{instruction as of_trials, Case, Target};
use super::super::read;
use super::plans::Plans;
use crate::chain::change::{Change, Outcome};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Milestones of one transaction.
const AT_ONCE: usize = 8;

/// Flags of `galen trial site-plan earn`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial site-plan earn TRIAL

Has every milestone earned of which enough participants are enrolled at its site, or on which the sponsor was silent for 30 days.
Anybody can run it, as often as they like; `galen trial pay-site` pays what it earns.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let today = case.today()?;
    let mut earned = Vec::new();
    for (address, mut plan) in read::list::<SitePlan>(case.cluster(), Some(&case.address))? {
        let site: Site = read::get(case.cluster(), &plan.site)?;
        for milestone in 0..plan.count {
            // The program's own check, run here on a copy.
            if plan.claim(milestone, site.enrolled, today).is_err() {
                continue;
            }
            let accounts = accounts::EarnSiteMilestone {
                trial: case.address,
                site: plan.site,
                plan: address,
                event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
                program: trials::ID,
            };
            let data = instruction::EarnSiteMilestone {
                args: EarnSiteMilestoneArgs { milestone },
            };
            earned.push(of_trials(&accounts, &data));
        }
    }
    let mut receipts = Vec::new();
    if !earned.is_empty() {
        let intent = Intent::new("Have milestones of sites earned")
            .with("trial", case.address)
            .with("milestones", earned.len());
        case.session.ledger.confirm(&intent)?;
        for some in earned.chunks(AT_ONCE) {
            receipts.push(case.session.send(intent.title(), some, &[])?);
        }
    }
    let outcome = if receipts.is_empty() {
        Outcome::Unchanged
    } else {
        Outcome::Changed
    };
    let plans = Plans::of_trial(case.cluster(), &case.address)?;
    Answer::new(&Change::by(outcome, plans, receipts))
}
