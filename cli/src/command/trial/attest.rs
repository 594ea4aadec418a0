//! `galen trial attest`

use galen_rules::trial::Bits;
use galen_rules::Date;
use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::instructions::AttestMilestoneArgs;
use trials::state::Schedule;
use trials::{accounts, instruction};

use super::bulk::{FileFlags, Job, Step, Work};
use super::case::{foreseen, instruction as of_trials, Case, Target};
use super::rows::{self, Fault, Record, Seen};
use super::who::{self, Place, Register, Schedules, Sites};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial attest`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial attest TRIAL --participant KEY --milestone 1 --visited 2026-03-01
  galen trial attest TRIAL --from visits.csv

Signed by an operator of the site with the permission attest-visit. A visit earns its milestone on its own date, at the consent
version then in force; each row is checked by the rulebook before anything is sent. The file has the columns participant,
milestone (from 0) and visited. What is attested already is left as it is, so running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    file: FileFlags,
    /// The participant's key
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    participant: Option<String>,
    /// The milestone's number in the schedule, from 0
    #[arg(
        long,
        value_name = "NUMBER",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    milestone: Option<String>,
    /// The day of the visit
    #[arg(
        long,
        value_name = "DATE",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    visited: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant", "milestone", "visited"],
        &[
            ("participant", args.participant.clone()),
            ("milestone", args.milestone.clone()),
            ("visited", args.visited.clone()),
        ],
    )?;
    let case = Case::open(&args.target, settings)?;
    let mut desk = Desk {
        register: Register::of(&case.cohorts()?),
        sites: Sites::default(),
        schedules: Schedules::default(),
        today: case.today()?,
        case: &case,
    };
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut seen = Seen::nothing();
    for record in &sheet.records {
        match desk.visit(record, &args.file, &mut seen) {
            Ok(visit) => work.take(desk.step(record.line, &visit)?),
            Err(fault) => work.faults.push(fault),
        }
    }
    let intent = Intent::new("Attest visits").with("trial", case.address);
    work.finish(&case.session, &args.file, intent)
}

struct Visit {
    place: Place,
    milestone: u8,
    day: Date,
}

struct Desk<'a> {
    case: &'a Case<'a>,
    register: Register,
    sites: Sites,
    schedules: Schedules,
    today: Date,
}

impl Desk<'_> {
    fn visit(
        &self,
        record: &Record,
        file: &FileFlags,
        seen: &mut Seen<(Pubkey, u8)>,
    ) -> std::result::Result<Visit, Fault> {
        let key = record.read("participant", |text| who::key(text, file.folder()))?;
        let milestone = record.read("milestone", rows::milestone)?;
        let day = record.read("visited", rows::date)?;
        let what = "The same milestone of the same participant";
        seen.first(record, "milestone", (key, milestone), what)?;
        let place = self.register.of_row(record, &key)?;
        Ok(Visit {
            place,
            milestone,
            day,
        })
    }

    fn step(
        &mut self,
        line: Option<u64>,
        visit: &Visit,
    ) -> Result<std::result::Result<Step, Fault>> {
        let case = self.case;
        let place = &visit.place;
        let participant = &place.participant;
        if Bits(participant.attested).has(visit.milestone) {
            return Ok(Ok(Step::Unchanged {
                line,
                participant: participant.key.to_string(),
            }));
        }
        let (schedule_address, schedule) = self.schedules.get(case, participant.schedule)?;
        if let Err(error) = self.check(visit, &schedule) {
            let refusal = foreseen(&error);
            return Ok(Err(Fault {
                line,
                column: Some("visited"),
                code: "visit_refused",
                message: format!("{} [{}]", refusal.message, refusal.code),
            }));
        }
        let staff = self
            .sites
            .staff(case, place.site, Permission::AttestVisit)?;
        let accounts = accounts::AttestMilestone {
            operator: case.session.key(),
            operator_record: staff.record,
            organization: staff.organization,
            trial: case.address,
            site: place.site,
            schedule: schedule_address,
            cohort: place.cohort,
            person: participant.person,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::AttestMilestone {
            args: AttestMilestoneArgs {
                index: place.index,
                milestone: visit.milestone,
                visit_day: visit.day.days(),
            },
        };
        Ok(Ok(Step::Do(Job {
            line,
            participant: participant.key.to_string(),
            instructions: vec![of_trials(&accounts, &data)],
            signer: None,
        })))
    }

    /// The program's own checks, run here.
    fn check(&self, visit: &Visit, schedule: &Schedule) -> anchor_lang::Result<()> {
        let participant = &visit.place.participant;
        if participant.is_settled() {
            return Err(trials::error::TrialsError::AlreadySettled.into());
        }
        let milestone = schedule.milestone(visit.milestone)?;
        let consents = participant.consents();
        participant
            .course(&consents)?
            .check_visit(
                &milestone,
                visit.day,
                self.today,
                &self.case.trial.conduct(),
                self.case.trial.amendments(),
            )
            .map_err(trials::convert::refusal)?;
        Ok(())
    }
}
