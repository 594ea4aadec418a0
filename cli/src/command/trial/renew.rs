//! `galen trial renew`

use registry::state::Config;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::instructions::RenewConsentArgs;
use trials::state::Schedule;
use trials::{accounts, instruction};

use super::bulk::{FileFlags, Job, Step, Work};
use super::case::{foreseen, instruction as of_trials, Case, Target};
use super::read;
use super::rows::{Fault, Reason, Record, Seen};
use super::who::{self, Register};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial renew`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial renew TRIAL --participant anna.json
  galen trial renew TRIAL --participant usb://ledger --schedule 2
  galen trial renew TRIAL --from participants.csv

Consents to the version of protocol and consent form in force, under the same schedule or one that succeeds it and is not worse. Signed
by the participant's key; whoever runs the command pays the fee. The file has the column participant (a keypair file, seen from
the table's folder). Who has consented to the version already is left as they are. Declining is `galen trial leave --reason
declined-amendment`.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The schedule that applies from now on [default: each participant's own]
    #[arg(long, value_name = "NUMBER")]
    schedule: Option<u16>,
    #[command(flatten)]
    file: FileFlags,
    /// The participant's key: a keypair file, prompt:// or usb://ledger
    #[arg(
        long,
        value_name = "KEYPAIR",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    participant: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant"],
        &[("participant", args.participant.clone())],
    )?;
    let case = Case::open(&args.target, settings)?;
    let version = case
        .trial
        .version_in_force(case.today()?)
        .map_err(|error| foreseen(&error))?;
    let wanted = args
        .schedule
        .map(|number| wanted(&case, number))
        .transpose()?;
    let register = Register::of(&case.cohorts()?);
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut seen = Seen::nothing();
    for record in &sheet.records {
        work.take(step(
            args,
            wanted.as_ref(),
            &case,
            version,
            &register,
            record,
            &mut seen,
        ));
    }
    let intent = Intent::new("Renew consents")
        .with("trial", case.address)
        .with("version", version);
    work.finish(&case.session, &args.file, intent)
}

/// The schedule to pass to.
fn wanted(case: &Case, number: u16) -> Result<Schedule> {
    let address = Schedule::find_address(&case.address, number).0;
    let schedule: Schedule = read::get(case.cluster(), &address)?;
    schedule
        .require_sealed()
        .map_err(|error| foreseen(&error))?;
    Ok(schedule)
}

fn step(
    args: &Args,
    wanted: Option<&Schedule>,
    case: &Case,
    version: u16,
    register: &Register,
    record: &Record,
    seen: &mut Seen<Pubkey>,
) -> std::result::Result<Step, Fault> {
    let refused = |reason: Reason| reason.at(record.line, "participant");
    let signer = record.read("participant", |text| who::signer(text, args.file.folder()))?;
    let key = signer.pubkey();
    seen.first(record, "participant", key, "The same participant")?;
    let place = register.of_row(record, &key)?;
    let participant = &place.participant;
    let present = participant.status().is_ok_and(|status| status.is_present());
    if !present {
        let message = "The participant has left; nothing is to be consented to.";
        return Err(refused(Reason::new("not_present", message)));
    }
    let number = wanted.map_or(participant.schedule, |schedule| schedule.number);
    if participant.consent_version() >= version {
        if number == participant.schedule {
            return Ok(Step::Unchanged {
                line: record.line,
                participant: key.to_string(),
            });
        }
        let message = format!("The participant has consented to version {version} already, under schedule {}; another schedule comes with another version.", participant.schedule);
        return Err(refused(Reason::new("consent_not_newer", message)));
    }
    if let Some(other) = wanted.filter(|schedule| schedule.number != participant.schedule) {
        if other.require_successor_of(participant.schedule).is_err() {
            let message = format!(
                "The participant is under schedule {}, which schedule {number} does not succeed.",
                participant.schedule
            );
            return Err(refused(Reason::new("schedule_not_successor", message)));
        }
    }
    let accounts = accounts::RenewConsent {
        key,
        config: Config::find_address().0,
        trial: case.address,
        cohort: place.cohort,
        schedule: Schedule::find_address(&case.address, participant.schedule).0,
        new_schedule: Schedule::find_address(&case.address, number).0,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let data = instruction::RenewConsent {
        args: RenewConsentArgs {
            index: place.index,
            version,
        },
    };
    Ok(Step::Do(Job {
        line: record.line,
        participant: key.to_string(),
        instructions: vec![of_trials(&accounts, &data)],
        signer: Some(signer),
    }))
}
