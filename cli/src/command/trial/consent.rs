//! `galen trial consent`

use std::collections::{BTreeMap, BTreeSet};

use registry::state::{Config, Permission};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::error::TrialsError;
use trials::instructions::RecordConsentArgs;
use trials::state::{KeyHolder, Person, Schedule};
use trials::{accounts, instruction};

use super::bulk::{FileFlags, Job, Step, Work};
use super::case::{foreseen, instruction as of_trials, Case, Target};
use super::owner::Owners;
use super::read::{self, Page};
use super::rows::{self, Fault, Reason, Record};
use super::who::{self, Register};
use crate::chain::intent::Intent;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen trial consent`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial consent TRIAL --cohort COHORT --participant anna.json --owner WALLET --marker 64_HEX_DIGITS
  galen trial consent TRIAL --cohort COHORT --participant usb://ledger --owner WALLET --person CH-1987-0331
  galen trial consent TRIAL --cohort COHORT --from participants.csv

Records a first consent, to the version in force, and sets the screening's stipends aside. Signed by an operator of the site
with the permission enrol-participant, and by the participant's key. Paid is the associated token account of --owner, which is
made where it is missing.

The file has the columns participant (a keypair file, seen from the table's folder), owner, marker or person, and if need be
holder and subject; others that tables of participants have are ignored. Everything is checked before anything is sent. Whoever
has consented already is left as they are, so running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The cohort that they join
    #[arg(long, value_name = "COHORT")]
    cohort: Pubkey,
    /// The schedule that will apply [default: the last one]
    #[arg(long, value_name = "NUMBER")]
    schedule: Option<u16>,
    #[command(flatten)]
    file: FileFlags,
    /// The key that consents: a keypair file, prompt:// or usb://ledger
    #[arg(
        long,
        value_name = "KEYPAIR",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    participant: Option<String>,
    /// The wallet whose associated token account is paid
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    owner: Option<String>,
    /// The person's blinded marker, as the sponsor's `galen trial marker` gives it
    #[arg(long, value_name = "HEX", conflicts_with_all = ["from", "person"])]
    marker: Option<String>,
    /// Who the person is to the sponsor; only with the store that has the sponsor's marker key
    #[arg(long, value_name = "IDENTIFIER", value_parser = rows::identifier, conflicts_with = "from")]
    person: Option<String>,
    /// Who holds the key: participant, guardian or site
    #[arg(long, value_name = "WHO", conflicts_with = "from")]
    holder: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `escrow_short`, `cohort_full`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant", "owner"],
        &[
            ("participant", args.participant.clone()),
            ("owner", args.owner.clone()),
            ("marker", args.marker.clone()),
            ("person", args.person.clone()),
            ("holder", args.holder.clone()),
        ],
    )?;
    let desk = Desk::open(args, settings)?;
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut entries = Vec::new();
    for record in &sheet.records {
        match desk.entry(record, &args.file) {
            Ok(entry) => entries.push(entry),
            Err(fault) => work.faults.push(fault),
        }
    }
    refuse_repeated(&mut entries, &mut work.faults);
    desk.sort_out(entries, &mut work)?;
    desk.require_room(&work)?;
    let intent = Intent::new("Record consents")
        .with("trial", desk.case.address)
        .with("cohort", args.cohort)
        .with("version", desk.version)
        .with("schedule", desk.schedule.number)
        .with("set aside for each", money(desk.schedule.at_consent));
    work.finish(&desk.case.session, &args.file, intent)
}

/// What a row says, read.
struct Entry {
    line: Option<u64>,
    signer: Box<dyn Signer>,
    owner: Pubkey,
    marker: [u8; 32],
    holder: KeyHolder,
}

/// What all rows share.
struct Desk<'a> {
    case: Case<'a>,
    page: Page,
    register: Register,
    organization: Pubkey,
    operator_record: Pubkey,
    version: u16,
    schedule: Schedule,
    schedule_address: Pubkey,
}

impl<'a> Desk<'a> {
    fn open(args: &Args, settings: &'a Settings) -> Result<Self> {
        let case = Case::open(&args.target, settings)?;
        let page = read::cohort(case.cluster(), &args.cohort)?;
        if page.header.trial != case.address {
            let message = format!(
                "The cohort {} belongs to the trial {}.",
                args.cohort, page.header.trial
            );
            return Err(CliError::new("cohort_of_other_trial", message));
        }
        let site: trials::state::Site = read::get(case.cluster(), &page.header.site)?;
        let number = args.schedule.unwrap_or(case.trial.schedules);
        let schedule_address = Schedule::find_address(&case.address, number).0;
        let schedule: Schedule = read::get(case.cluster(), &schedule_address)?;
        schedule
            .require_sealed()
            .map_err(|error| foreseen(&error))?;
        let version = case
            .trial
            .version_in_force(case.today()?)
            .map_err(|error| foreseen(&error))?;
        if !case.trial.has_plan() {
            return Err(foreseen(&TrialsError::PlanMissing.into()));
        }
        case.trial
            .caps()
            .and_then(|caps| {
                caps.admit(&schedule.summary())
                    .map_err(|cap| trials::convert::exceeded(cap).into())
            })
            .map_err(|error| foreseen(&error))?;
        Ok(Self {
            register: Register::of(&case.cohorts()?),
            operator_record: case
                .session
                .staff(&site.organization, Permission::EnrolParticipant)?,
            organization: site.organization,
            page,
            version,
            schedule,
            schedule_address,
            case,
        })
    }

    fn entry(&self, record: &Record, file: &FileFlags) -> std::result::Result<Entry, Fault> {
        let signer = record.read("participant", |text| who::signer(text, file.folder()))?;
        let owner = record.read("owner", rows::key)?;
        let holder = record
            .read_if("holder", holder)?
            .unwrap_or(KeyHolder::Participant);
        if holder != KeyHolder::Site && signer.pubkey() == self.case.session.key() {
            let message = "The operator's own key cannot consent for somebody; where the site holds a participant's key, say so as holder.";
            return Err(Reason::new("key_of_the_site", message).at(record.line, "participant"));
        }
        let marker = match record.value("marker") {
            Some(_) => record.read("marker", rows::hex32)?,
            None => record.read("person", |person| self.marker(person))?,
        };
        Ok(Entry {
            line: record.line,
            signer,
            owner,
            marker,
            holder,
        })
    }

    fn marker(&self, person: &str) -> std::result::Result<[u8; 32], Reason> {
        let store = &self.case.session.ledger.store;
        store
            .known_marker(&self.case.trial.sponsor.to_string(), person)
            .map_err(|error| Reason::new("store_damaged", error.message))?
            .ok_or_else(|| {
                Reason::new(
                    "marker_key_missing",
                    "This store does not have the sponsor's marker key; ask the sponsor for the marker (`galen trial marker`) and give that.",
                )
            })
    }

    /// What is to be done for each entry, after a look at the ledger.
    fn sort_out(&self, entries: Vec<Entry>, work: &mut Work) -> Result<()> {
        let owners = Owners::read(
            &self.case,
            entries.iter().map(|entry| entry.owner).collect(),
        )?;
        let addresses: Vec<Pubkey> = entries
            .iter()
            .map(|entry| Person::find_address(&self.case.trial.sponsor, &entry.marker).0)
            .collect();
        let people = read::each::<Person>(self.case.cluster(), &addresses)?;
        for ((entry, person), there) in entries.into_iter().zip(addresses).zip(people) {
            work.take(self.step(entry, person, there.as_ref(), &owners));
        }
        Ok(())
    }

    fn step(
        &self,
        entry: Entry,
        person: Pubkey,
        there: Option<&Person>,
        owners: &Owners,
    ) -> std::result::Result<Step, Fault> {
        let key = entry.signer.pubkey();
        let line = entry.line;
        let present = self
            .register
            .find(&key)
            .map_err(|reason| reason.at(line, "participant"))?
            .filter(|place| {
                place
                    .participant
                    .status()
                    .is_ok_and(|status| status.is_present())
            });
        if let Some(place) = present {
            if place.participant.person == person && place.participant.payee_owner == entry.owner {
                return Ok(Step::Unchanged {
                    line,
                    participant: key.to_string(),
                });
            }
            let message = format!("The key {key} has consented already, for another person or to be paid to another owner ({}).", place.participant.payee_owner);
            return Err(Reason::new("participant_differs", message).at(line, "participant"));
        }
        if let Some(cohort) = there
            .map(|person| person.cohort)
            .filter(|cohort| *cohort != Pubkey::default())
        {
            let message = format!(
                "The same person takes part in a trial of this sponsor already (cohort {cohort})."
            );
            return Err(Reason::new("already_in_a_trial", message).at(line, "marker"));
        }
        let payee = owners
            .payee(&entry.owner)
            .map_err(|reason| reason.at(line, "owner"))?;
        let mut instructions = Vec::from_iter(owners.creation(&self.case, &entry.owner));
        instructions.push(self.instruction(&entry, key, person, payee));
        Ok(Step::Do(Job {
            line,
            participant: key.to_string(),
            instructions,
            signer: Some(entry.signer),
        }))
    }

    fn instruction(
        &self,
        entry: &Entry,
        key: Pubkey,
        person: Pubkey,
        payee: Pubkey,
    ) -> solana_instruction::Instruction {
        let accounts = accounts::RecordConsent {
            operator: self.case.session.key(),
            operator_record: self.operator_record,
            organization: self.organization,
            key,
            config: Config::find_address().0,
            trial: self.case.address,
            site: self.page.header.site,
            schedule: self.schedule_address,
            cohort: self.page.address,
            person,
            payee,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::RecordConsent {
            args: RecordConsentArgs {
                marker: entry.marker,
                holder: entry.holder,
                version: self.version,
            },
        };
        of_trials(&accounts, &data)
    }

    /// Room in the cohort and money in the escrow for all of them, or none is sent.
    fn require_room(&self, work: &Work) -> Result<()> {
        let count = work.jobs.len();
        let room = usize::from(self.page.header.capacity)
            .saturating_sub(usize::from(self.page.header.count));
        if count > room {
            let message = format!("{count} are to join the cohort, and it has room for {room} more; open another with `galen trial open-cohort`.");
            return Err(CliError::new("cohort_full", message));
        }
        require_escrow(&self.case, count, self.schedule.at_consent)
    }
}

/// Money in the escrow for all of them, or none is sent.
///
/// # Errors
/// `escrow_short`.
pub fn require_escrow(case: &Case, count: usize, each: u64) -> Result<()> {
    let free = case.trial.free().map_err(|error| foreseen(&error))?;
    let needed = u64::try_from(count)
        .unwrap_or(u64::MAX)
        .saturating_mul(each);
    if needed <= free {
        return Ok(());
    }
    let message = format!(
        "{} are to be set aside for {count} participants, and {} are free in the trial's escrow. Add the rest with `galen trial fund`.",
        money(needed),
        money(free)
    );
    Err(CliError::new("escrow_short", message))
}

fn holder(text: &str) -> std::result::Result<KeyHolder, Reason> {
    match text {
        "participant" => Ok(KeyHolder::Participant),
        "guardian" => Ok(KeyHolder::Guardian),
        "site" => Ok(KeyHolder::Site),
        _ => Err(Reason::new(
            "holder_invalid",
            format!("{text:?} holds no keys; write participant, guardian or site."),
        )),
    }
}

/// One key, one person and one payee to a row: of two rows that share one, the later is at fault.
fn refuse_repeated(entries: &mut Vec<Entry>, faults: &mut Vec<Fault>) {
    let mut keys = BTreeMap::new();
    let mut markers = BTreeMap::new();
    let mut owners = BTreeMap::new();
    let mut repeated = BTreeSet::new();
    for (index, entry) in entries.iter().enumerate() {
        let line = entry.line.unwrap_or_default();
        let first = [
            (
                "participant",
                keys.insert(entry.signer.pubkey().to_bytes(), line),
            ),
            ("marker", markers.insert(entry.marker, line)),
            ("owner", owners.insert(entry.owner.to_bytes(), line)),
        ]
        .into_iter()
        .find_map(|(column, first)| first.map(|line| (column, line)));
        if let Some((column, first)) = first {
            let message = format!("The same {column} stands on line {first} already.");
            faults.push(Reason::new("repeated", message).at(entry.line, column));
            repeated.insert(index);
        }
    }
    let mut index = 0_usize;
    entries.retain(|_| {
        let keep = !repeated.contains(&index);
        index = index.saturating_add(1);
        keep
    });
}

/// The token account of an owner, as a trial pays.
pub fn payee_of(case: &Case, owner: &Pubkey) -> Pubkey {
    token::associated(owner, &case.trial.mint, &case.trial.token_program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use solana_keypair::Keypair;

    /// A row on `line` of the key, the owner and the person of these numbers.
    fn entry(line: u64, key: u8, owner: u8, person: u8) -> Entry {
        Entry {
            line: Some(line),
            signer: Box::new(Keypair::new_from_array([key; 32])),
            owner: Pubkey::new_from_array([owner; 32]),
            marker: [person; 32],
            holder: KeyHolder::Participant,
        }
    }

    #[test]
    fn one_key_one_person_and_one_payee_to_a_row() {
        let mut entries = vec![
            entry(2, 1, 1, 1),
            entry(3, 2, 2, 2),
            entry(4, 1, 3, 3),
            entry(5, 4, 2, 4),
            entry(6, 5, 5, 2),
            entry(7, 6, 6, 6),
        ];
        let mut faults = Vec::new();
        refuse_repeated(&mut entries, &mut faults);
        let found: Vec<_> = faults
            .iter()
            .map(|fault| (fault.line, fault.column, fault.code))
            .collect();
        assert_eq!(
            found,
            [
                (Some(4), Some("participant"), "repeated"),
                (Some(5), Some("owner"), "repeated"),
                (Some(6), Some("marker"), "repeated"),
            ]
        );
        let left: Vec<_> = entries.iter().filter_map(|entry| entry.line).collect();
        assert_eq!(left, [2, 3, 7]);
    }
}
