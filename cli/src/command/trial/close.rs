//! `galen trial close`

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::constants::RETENTION_DAYS;
use trials::state::{Participant, Schedule};
use trials::{accounts, instruction};

use super::case::{instruction as of_trials, Case, Target};
use super::read::{self, Page};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::Receipt;

/// Accounts of one transaction.
const AT_ONCE: usize = 10;

/// Flags of `galen trial close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial close TRIAL
  galen trial close TRIAL --dry-run

Closes the cohorts' pages that need no longer be kept, and the schedules that the signer has opened; the rent goes back to whoever
paid it. Pages nobody has used close for the operator who opened them, for anybody once the trial is over; schedules that were never sealed at once; the others 25 years after the end of the trial,
when everybody is settled and paid. Anybody can run it, as often as they like; the answer says of each account why it stays.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Say what would be closed, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// As JSON: `{"closed": ["..."], "kept": [{"account": "...", "what": "cohort" | "schedule", "why": "..."}], "dry_run": false,
/// "transactions": [...]}`.
#[derive(Serialize)]
struct Report {
    closed: Vec<String>,
    kept: Vec<Kept>,
    dry_run: bool,
    transactions: Vec<Receipt>,
}

#[derive(Serialize)]
struct Kept {
    account: String,
    what: &'static str,
    why: &'static str,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let retained = case.trial.require_retained(case.today()?).is_err();
    let mut report = Report {
        closed: Vec::new(),
        kept: Vec::new(),
        dry_run: args.dry_run,
        transactions: Vec::new(),
    };
    let mut closing = Vec::new();
    for page in case.cohorts()? {
        let mine = page.header.opener == case.session.key();
        let running = case.trial.require_running().is_ok();
        let accounts = accounts::CloseCohort {
            trial: case.address,
            cohort: page.address,
            opener: page.header.opener,
            signer: mine.then(|| case.session.key()),
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        match page_stays(&page, mine || !running, retained) {
            Some(why) => report.keep(page.address, "cohort", why),
            None => closing.push((
                page.address,
                of_trials(&accounts, &instruction::CloseCohort {}),
            )),
        }
    }
    for (address, schedule) in read::list::<Schedule>(case.cluster(), Some(&case.address))? {
        let accounts = accounts::CloseSchedule {
            trial: case.address,
            schedule: address,
            opener: schedule.opener,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let mine = schedule.opener == case.session.key();
        match schedule_stays(schedule.is_sealed(), mine, retained, case.trial.reserved) {
            Some(why) => report.keep(address, "schedule", why),
            None => closing.push((
                address,
                of_trials(&accounts, &instruction::CloseSchedule {}),
            )),
        }
    }
    report.closed = closing
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    if !args.dry_run && !closing.is_empty() {
        let intent = Intent::new("Close what need no longer be kept")
            .with("trial", case.address)
            .with("accounts", closing.len());
        case.session.ledger.confirm(&intent)?;
        let instructions: Vec<_> = closing
            .into_iter()
            .map(|(_, instruction)| instruction)
            .collect();
        for some in instructions.chunks(AT_ONCE) {
            report
                .transactions
                .push(case.session.send(intent.title(), some, &[])?);
        }
    }
    Answer::new(&report)
}

const KEPT: &str = "records are kept for 25 years after the end of the trial";
const _: () = assert!(RETENTION_DAYS >= 25 * 365);

/// Why a page cannot be closed yet, as the program has it; `free`: whether it is the signer's or the trial is over.
fn page_stays(page: &Page, free: bool, retained: bool) -> Option<&'static str> {
    if page.participants.is_empty() {
        return (!free).then_some("while the trial runs, only who opened it can close it unused");
    }
    if retained {
        return Some(KEPT);
    }
    let owed = |one: &Participant| !one.is_settled() || one.due > 0 || one.held > 0;
    page.participants
        .iter()
        .any(owed)
        .then_some("somebody in it is not settled or not paid")
}

/// Why a schedule cannot be closed yet, as the program has it.
fn schedule_stays(sealed: bool, mine: bool, retained: bool, reserved: u64) -> Option<&'static str> {
    if !mine {
        return Some("only the operator who opened it can close it");
    }
    if !sealed {
        return None;
    }
    if retained {
        return Some(KEPT);
    }
    (reserved > 0).then_some("money is still set aside, and settling reads the schedule")
}

impl Report {
    fn keep(&mut self, account: Pubkey, what: &'static str, why: &'static str) {
        self.kept.push(Kept {
            account: account.to_string(),
            what,
            why,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for kept in &self.kept {
            writeln!(f, "{} {} stays: {}.", kept.what, kept.account, kept.why)?;
        }
        let verb = if self.dry_run {
            "would be closed"
        } else {
            "closed"
        };
        write!(
            f,
            "{} accounts {verb}, {} stay.",
            self.closed.len(),
            self.kept.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;
    use trials::state::Cohort;

    fn page(participants: Vec<Participant>) -> Page {
        let key = Pubkey::new_from_array([1; 32]);
        Page {
            address: key,
            header: Cohort::new(key, key, key, 9),
            participants,
        }
    }

    #[test]
    fn only_what_nobody_needs_is_closed() {
        let mut settled = Participant::zeroed();
        settled.settle();
        let owed = Participant { due: 1, ..settled };
        assert_eq!(page_stays(&page(Vec::new()), true, true), None);
        assert!(page_stays(&page(Vec::new()), false, true).is_some());
        assert_eq!(page_stays(&page(vec![settled]), true, true), Some(KEPT));
        assert_eq!(page_stays(&page(vec![settled]), false, false), None);
        assert!(page_stays(&page(vec![settled, owed]), true, false).is_some());
        assert!(page_stays(&page(vec![Participant::zeroed()]), true, false).is_some());
        assert_eq!(schedule_stays(false, true, true, 9), None);
        assert!(schedule_stays(false, false, true, 0).is_some());
        assert_eq!(schedule_stays(true, true, true, 0), Some(KEPT));
        assert!(schedule_stays(true, true, false, 1).is_some());
        assert_eq!(schedule_stays(true, true, false, 0), None);
    }
}
