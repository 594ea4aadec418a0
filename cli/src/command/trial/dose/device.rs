//! `galen trial dose device`

use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::instructions::RegisterDeviceArgs;
use trials::state::Adherence;
use trials::{accounts, instruction};

use super::super::bulk::{FileFlags, Job, Step, Work};
use super::super::case::{instruction as of_trials, Case, Target};
use super::super::read;
use super::super::rows::{self, Fault, Record, Seen};
use super::super::who::{self, Place, Register, Sites};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial dose device`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial dose device TRIAL --participant KEY --device DEVICE_KEY
  galen trial dose device TRIAL --from devices.csv

Gives participants devices that record doses, or other ones than before; the doses recorded stay. Signed by an operator of the site
with the permission attest-visit, who pays the rent of a first device. The file has the columns participant and device. Running it
again is fine.")]
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
    /// The public key of the device
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    device: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant", "device"],
        &[
            ("participant", args.participant.clone()),
            ("device", args.device.clone()),
        ],
    )?;
    let case = Case::open(&args.target, settings)?;
    let mut desk = Desk {
        register: Register::of(&case.cohorts()?),
        sites: Sites::default(),
        case: &case,
    };
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut rows = Vec::new();
    let mut seen = Seen::nothing();
    for record in &sheet.records {
        match desk.row(record, &args.file, &mut seen) {
            Ok(row) => rows.push(row),
            Err(fault) => work.faults.push(fault),
        }
    }
    let addresses: Vec<Pubkey> = rows.iter().map(|row| row.address).collect();
    let there = read::each::<Adherence>(case.cluster(), &addresses)?;
    for (row, there) in rows.iter().zip(there) {
        if there.is_some_and(|there| there.device == row.device) {
            work.take(Ok(Step::Unchanged {
                line: row.line,
                participant: row.place.participant.key.to_string(),
            }));
        } else {
            work.take(Ok(Step::Do(desk.job(row)?)));
        }
    }
    let intent = Intent::new("Give participants devices").with("trial", case.address);
    work.finish(&case.session, &args.file, intent)
}

struct Row {
    line: Option<u64>,
    place: Place,
    device: Pubkey,
    address: Pubkey,
}

struct Desk<'a> {
    case: &'a Case<'a>,
    register: Register,
    sites: Sites,
}

impl Desk<'_> {
    fn row(
        &self,
        record: &Record,
        file: &FileFlags,
        seen: &mut Seen<Pubkey>,
    ) -> std::result::Result<Row, Fault> {
        let key = record.read("participant", |text| who::key(text, file.folder()))?;
        let device = record.read("device", rows::key)?;
        seen.first(record, "participant", key, "The same participant")?;
        let place = self.register.of_row(record, &key)?;
        Ok(Row {
            line: record.line,
            address: Adherence::find_address(&place.cohort, place.index).0,
            place,
            device,
        })
    }

    fn job(&mut self, row: &Row) -> Result<Job> {
        let case = self.case;
        let place = &row.place;
        let staff = self
            .sites
            .staff(case, place.site, Permission::AttestVisit)?;
        let accounts = accounts::RegisterDevice {
            operator: case.session.key(),
            operator_record: staff.record,
            organization: staff.organization,
            site: place.site,
            cohort: place.cohort,
            adherence: row.address,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::RegisterDevice {
            args: RegisterDeviceArgs {
                index: place.index,
                device: row.device,
            },
        };
        Ok(Job {
            line: row.line,
            participant: place.participant.key.to_string(),
            instructions: vec![of_trials(&accounts, &data)],
            signer: None,
        })
    }
}
