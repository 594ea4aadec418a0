//! `galen trial enrol`

use galen_rules::trial::{consent_due, Status};
use registry::state::{Config, Permission};
use solana_pubkey::Pubkey;
use trials::instructions::EnrolParticipantArgs;
use trials::{accounts, instruction};

use super::bulk::{FileFlags, Job, Step, Work};
use super::case::{foreseen, instruction as of_trials, Case, Target};
use super::consent::require_escrow;
use super::rows::{Fault, Reason, Record, Seen};
use super::who::{self, Place, Register, Schedules, Sites};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen trial enrol`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial enrol TRIAL --participant KEY
  galen trial enrol TRIAL --from participants.csv
  galen trial enrol TRIAL --from participants.csv --skip-invalid

Enrols who has consented and is in screening; sets the whole remaining schedule aside for each, or enrols nobody. Signed by an
operator of the site with the permission enrol-participant. The file has the column participant: a public key, or a keypair
file whose public key is taken; the columns of other commands are ignored. Running it again is fine.")]
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
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `escrow_short`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant"],
        &[("participant", args.participant.clone())],
    )?;
    let case = Case::open(&args.target, settings)?;
    let mut desk = Desk {
        register: Register::of(&case.cohorts()?),
        sites: Sites::default(),
        schedules: Schedules::default(),
        case: &case,
    };
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut needed = 0_u64;
    let mut seen = Seen::nothing();
    for record in &sheet.records {
        let place = match desk.find(record, &args.file, &mut seen) {
            Ok(place) => place,
            Err(fault) => {
                work.faults.push(fault);
                continue;
            }
        };
        let (step, reserve) = desk.step(record, &place)?;
        needed = needed.saturating_add(reserve);
        work.take(step);
    }
    require_escrow(&case, 1, needed)?;
    let intent = Intent::new("Enrol participants")
        .with("trial", case.address)
        .with("set aside", money(needed));
    work.finish(&case.session, &args.file, intent)
}

struct Desk<'a> {
    case: &'a Case<'a>,
    register: Register,
    sites: Sites,
    schedules: Schedules,
}

impl Desk<'_> {
    fn find(
        &self,
        record: &Record,
        file: &FileFlags,
        seen: &mut Seen<Pubkey>,
    ) -> std::result::Result<Place, Fault> {
        let key = record.read("participant", |text| who::key(text, file.folder()))?;
        seen.first(record, "participant", key, "The same participant")?;
        self.register.of_row(record, &key)
    }

    /// What is to be done, and what has to be set aside for it.
    fn step(
        &mut self,
        record: &Record,
        place: &Place,
    ) -> Result<(std::result::Result<Step, Fault>, u64)> {
        let participant = &place.participant;
        let line = record.line;
        let refused = |reason: Reason| Ok((Err(reason.at(line, "participant")), 0));
        match participant.status().map_err(|error| foreseen(&error))? {
            Status::Screening => {}
            Status::Enrolled => {
                let step = Step::Unchanged {
                    line,
                    participant: participant.key.to_string(),
                };
                return Ok((Ok(step), 0));
            }
            other => {
                let message = format!("The participant is not in screening any more ({other:?}).");
                return refused(Reason::new("not_screening", message));
            }
        }
        let case = self.case;
        let today = case.today()?;
        if consent_due(
            participant.consent_version(),
            case.trial.amendments(),
            today,
        ) {
            let message = "The participant has not consented yet to the version of protocol and consent form in force; `galen trial renew` does it.";
            return refused(Reason::new("consent_due", message));
        }
        let (schedule_address, schedule) = self.schedules.get(case, participant.schedule)?;
        let staff = self
            .sites
            .staff(case, place.site, Permission::EnrolParticipant)?;
        let accounts = accounts::EnrolParticipant {
            operator: case.session.key(),
            operator_record: staff.record,
            organization: staff.organization,
            config: Config::find_address().0,
            trial: case.address,
            site: place.site,
            schedule: schedule_address,
            cohort: place.cohort,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::EnrolParticipant {
            args: EnrolParticipantArgs { index: place.index },
        };
        let job = Job {
            line,
            participant: participant.key.to_string(),
            instructions: vec![of_trials(&accounts, &data)],
            signer: None,
        };
        Ok((Ok(Step::Do(job)), schedule.at_enrolment))
    }
}
