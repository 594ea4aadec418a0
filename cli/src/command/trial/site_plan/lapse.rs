//! `galen trial site-plan lapse`

use galen_rules::Date;
use trials::constants::{HOLDBACK_DAYS, NO_DAY};
use trials::state::{Site, SitePlan};
use trials::{accounts, instruction};

use super::super::case::{instruction as of_trials, Case, Target};
use super::super::read;
use super::plans::Plans;
use crate::chain::change::{Change, Outcome};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Plans of one transaction.
const AT_ONCE: usize = 8;

/// Flags of `galen trial site-plan lapse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial site-plan lapse TRIAL

Frees what sites can no longer earn, 90 days after the end of the trial: milestones that nobody has declared, and numbers that were
not enrolled. What a site has declared stays until the sponsor answers or is silent. Anybody can run it, as often as they like.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `trial_running`, `cluster_unreachable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let today = case.today()?;
    require_over(case.trial.ended_on, today)?;
    let mut lapsing = Vec::new();
    for (address, mut plan) in read::list::<SitePlan>(case.cluster(), Some(&case.address))? {
        let site: Site = read::get(case.cluster(), &plan.site)?;
        // The program's own check, run here on a copy.
        if plan.lapse(site.enrolled, today).is_err() {
            continue;
        }
        let accounts = accounts::LapseSiteMilestones {
            trial: case.address,
            site: plan.site,
            plan: address,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        lapsing.push(of_trials(&accounts, &instruction::LapseSiteMilestones {}));
    }
    let mut receipts = Vec::new();
    if !lapsing.is_empty() {
        let intent = Intent::new("Free what sites can no longer earn")
            .with("trial", case.address)
            .with("sites", lapsing.len());
        case.session.ledger.confirm(&intent)?;
        for some in lapsing.chunks(AT_ONCE) {
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

/// Refuses before the 90 days are over, in the words that the program would use.
fn require_over(ended_on: i32, today: Date) -> Result<()> {
    let over =
        ended_on != NO_DAY && today.days().saturating_sub(ended_on) >= i32::from(HOLDBACK_DAYS);
    if over {
        return Ok(());
    }
    Err(CliError::new(
        "trial_running",
        format!("What sites can earn is theirs until {HOLDBACK_DAYS} days after the end of the trial (`galen trial end`)."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_days_after_the_end_and_not_before() {
        let day = |days| Date::from_days(days).expect("a day");
        assert!(require_over(NO_DAY, day(30_000)).is_err());
        assert!(require_over(20_000, day(20_089)).is_err());
        assert!(require_over(20_000, day(20_090)).is_ok());
    }
}
