//! `galen trial dose record`: a dose counts only with the device's signature, which the Ed25519 program verifies in the same
//! transaction, in the instruction just before.

use std::collections::{BTreeMap, BTreeSet};

use galen_rules::Date;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use trials::constants::NO_DAY;
use trials::error::TrialsError;
use trials::instructions::RecordDoseArgs;
use trials::state::{Adherence, Dose, Schedule};
use trials::{accounts, instruction};

use super::super::bulk::{FileFlags, Job, Step, Work};
use super::super::case::{foreseen, instruction as of_trials, Case, Target};
use super::super::read;
use super::super::rows::{self, Fault, Reason, Record, Seen};
use super::super::who::{self, Place, Register, Schedules};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial dose record`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial dose record TRIAL --participant KEY --sequence 12 --taken-at 1772352000 --signature SIGNATURE
  galen trial dose record TRIAL --from doses.csv

Records doses that devices have signed. Anybody can run it: what counts is the device's signature (base58) of SHA-256(\"galen dose\",
cohort, index, sequence, taken_at), numbers little-endian, of 2, 4 and 8 bytes. The file has the columns participant, sequence,
taken_at (Unix seconds) and signature, in any order of rows; each signature is checked before anything is sent. A participant's
doses are recorded one after the other. What is not newer than the last one recorded is left as it is, so running it again is
fine.")]
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
    /// The device's number of the dose, from 1
    #[arg(
        long,
        value_name = "NUMBER",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    sequence: Option<String>,
    /// When it was taken, as a Unix time in seconds
    #[arg(
        long,
        value_name = "UNIX",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    taken_at: Option<String>,
    /// The device's signature, in base58
    #[arg(
        long,
        value_name = "SIGNATURE",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    signature: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant", "sequence", "taken_at", "signature"],
        &[
            ("participant", args.participant.clone()),
            ("sequence", args.sequence.clone()),
            ("taken_at", args.taken_at.clone()),
            ("signature", args.signature.clone()),
        ],
    )?;
    let case = Case::open(&args.target, settings)?;
    let register = Register::of(&case.cohorts()?);
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut doses = Vec::new();
    let mut seen = Seen::nothing();
    for record in &sheet.records {
        match signed(record, &args.file, &register, &mut seen) {
            Ok(dose) => doses.push(dose),
            Err(fault) => work.faults.push(fault),
        }
    }
    // A later dose shuts out an earlier one.
    doses.sort_by_key(|dose| dose.dose.sequence);
    let mut desk = Desk::open(&case, &doses)?;
    let mut rounds: BTreeMap<Pubkey, usize> = BTreeMap::new();
    for dose in &doses {
        match desk.step(dose)? {
            Ok(Step::Do(job)) => {
                let round = rounds.entry(dose.address).or_default();
                work.in_round(*round, job);
                *round = round.saturating_add(1);
            }
            step => work.take(step),
        }
    }
    let intent = Intent::new("Record doses")
        .with("trial", case.address)
        .with("doses", work.size());
    work.finish(&case.session, &args.file, intent)
}

/// A dose, its signature, and whose it is.
struct Signed {
    line: Option<u64>,
    place: Place,
    address: Pubkey,
    dose: Dose,
    signature: Signature,
}

fn signed(
    record: &Record,
    file: &FileFlags,
    register: &Register,
    seen: &mut Seen<(Pubkey, u32)>,
) -> std::result::Result<Signed, Fault> {
    let key = record.read("participant", |text| who::key(text, file.folder()))?;
    let sequence = record.read("sequence", rows::sequence)?;
    let taken_at = record.read("taken_at", rows::unix)?;
    let signature = record.read("signature", signature)?;
    let what = "The same dose of the same participant";
    seen.first(record, "sequence", (key, sequence), what)?;
    let place = register.of_row(record, &key)?;
    Ok(Signed {
        line: record.line,
        address: Adherence::find_address(&place.cohort, place.index).0,
        place,
        dose: Dose { sequence, taken_at },
        signature,
    })
}

fn signature(text: &str) -> std::result::Result<Signature, Reason> {
    text.parse().map_err(|_| {
        Reason::new(
            "signature_invalid",
            format!("{text:?} is no signature: 64 bytes in base58."),
        )
    })
}

/// What the ledger has, and what it will have once the doses before are recorded.
struct Desk<'a> {
    case: &'a Case<'a>,
    records: BTreeMap<Pubkey, (Adherence, Adherence)>,
    schedules: Schedules,
}

impl<'a> Desk<'a> {
    fn open(case: &'a Case<'a>, doses: &[Signed]) -> Result<Self> {
        let addresses: Vec<Pubkey> = doses
            .iter()
            .map(|dose| dose.address)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let there = read::each::<Adherence>(case.cluster(), &addresses)?;
        let records = addresses
            .into_iter()
            .zip(there)
            .filter_map(|(address, there)| there.map(|there| (address, (there, there))))
            .collect();
        Ok(Self {
            case,
            records,
            schedules: Schedules::default(),
        })
    }

    fn step(&mut self, signed: &Signed) -> Result<std::result::Result<Step, Fault>> {
        let case = self.case;
        let participant = &signed.place.participant;
        let name = participant.key.to_string();
        let fault = |column, code, message: String| Fault {
            line: signed.line,
            column: Some(column),
            code,
            message,
        };
        let Some((ledger, expected)) = self.records.get_mut(&signed.address) else {
            let message = "The participant has no device; the site gives them one with `galen trial dose device`.";
            return Ok(Err(fault(
                "participant",
                "device_missing",
                message.to_owned(),
            )));
        };
        let dose = &signed.dose;
        if dose.sequence <= ledger.last_sequence || dose.taken_at <= ledger.last_at {
            return Ok(Ok(Step::Unchanged {
                line: signed.line,
                participant: name,
            }));
        }
        let message = dose.message(&signed.place.cohort, signed.place.index);
        if !signed.signature.verify(ledger.device.as_ref(), &message) {
            let message = format!(
                "The device {} has not signed this dose of this participant.",
                ledger.device
            );
            return Ok(Err(fault("signature", "dose_not_signed", message)));
        }
        let (address, schedule) = self.schedules.get(case, participant.schedule)?;
        if let Err(error) = check(signed, case, &schedule, expected) {
            let refusal = foreseen(&error);
            let message = format!("{} [{}]", refusal.message, refusal.code);
            return Ok(Err(fault("taken_at", "dose_refused", message)));
        }
        let proof = solana_ed25519_program::new_ed25519_instruction_with_signature(
            &message,
            &<[u8; 64]>::from(signed.signature),
            &ledger.device.to_bytes(),
        );
        let accounts = accounts::RecordDose {
            trial: case.address,
            schedule: address,
            cohort: signed.place.cohort,
            adherence: signed.address,
            instructions_sysvar: solana_sdk_ids::sysvar::instructions::ID,
        };
        let data = instruction::RecordDose {
            args: RecordDoseArgs { dose: *dose },
        };
        Ok(Ok(Step::Do(Job {
            line: signed.line,
            participant: name,
            instructions: vec![proof, of_trials(&accounts, &data)],
            signer: None,
        })))
    }
}

/// The program's own checks, run here; counts the dose where it holds.
fn check(
    signed: &Signed,
    case: &Case,
    schedule: &Schedule,
    expected: &mut Adherence,
) -> anchor_lang::Result<()> {
    let participant = &signed.place.participant;
    let terms = schedule
        .adherence()?
        .ok_or(TrialsError::AdherenceNotAsked)?;
    if participant.is_settled() {
        return Err(TrialsError::AlreadySettled.into());
    }
    let day = |days: i32| (days != NO_DAY).then(|| Date::from_days(days)).flatten();
    let enrolled_on = day(participant.enrolled_on).ok_or(TrialsError::NotEnrolled)?;
    let last = participant.last_day(&case.trial);
    expected.count(&signed.dose, &terms, enrolled_on, last, case.session.now)?;
    Ok(())
}
