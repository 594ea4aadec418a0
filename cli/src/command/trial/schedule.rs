//! `galen trial schedule`: uploads a schedule in chunks and seals it. Killed anywhere, the same command continues where the
//! ledger stands.

use std::path::PathBuf;

use registry::state::Permission;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use trials::instructions::{
    AppendMilestonesArgs, OpenScheduleArgs, RequireAdherenceArgs, SealScheduleArgs,
};
use trials::state::{AdherenceEntry, MilestoneEntry, Schedule};
use trials::{accounts, instruction};

use super::case::{foreseen, instruction as of_trials, Case, Target};
use super::parts::ScheduleView;
use super::read;
use super::schedule_document;
use crate::chain::change::{Change, Outcome};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};
use crate::send::Receipt;

/// Milestones of one transaction.
const CHUNK: usize = 30;

/// Flags of `galen trial schedule`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial schedule TRIAL schedule.json

SCHEDULE.json, money in cents, windows in days from enrolment (screening: from the first consent):
  {\"bonus\": 10000, \"reimbursements\": 20000, \"milestones\": [
    {\"kind\": \"screening\", \"stipend\": 5000, \"site_fee\": 2500, \"opens\": 0, \"closes\": 28},
    {\"kind\": \"visit\", \"stipend\": 10000, \"opens\": 14, \"closes\": 17, \"countersigned\": true, \"counts\": true},
    {\"kind\": \"follow_up\", \"stipend\": 4000, \"opens\": 90, \"closes\": 120}]}
With \"adherence\": {\"window_days\": 7, \"windows\": 12, \"doses\": 7, \"threshold_bps\": 8000}, the bonus asks for 80% of seven doses in
each of twelve weeks from enrolment, as devices record them (`galen trial dose`); stipends never do.
With \"succeeds\": 1, it is what participants under schedule 1 can pass to when they consent anew (`galen trial renew`); from
schedules that 1 succeeds too. Without, only who consents for the first time comes under it.

Signed by an operator of the sponsor with the permission manage-trial. It must keep the ethics board's caps. A schedule never
changes; another document is the next schedule. Running it again with the last one's document is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The schedule
    #[arg(value_name = "SCHEDULE.json")]
    document: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `schedule_begun_differently`, `predecessor_missing`, what the document's reader refuses, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let document = schedule_document::Schedule::read(&args.document)?;
    let case = Case::open(&args.target, settings)?;
    let upload = Upload {
        entries: document.entries(),
        bonus: document.bonus.0.get(),
        reimbursements: document.reimbursements.0.get(),
        succeeds: document.succeeds(),
        adherence: document.adherence(),
        case,
    };
    Answer::new(&upload.run()?)
}

struct Upload<'a> {
    case: Case<'a>,
    entries: Vec<MilestoneEntry>,
    bonus: u64,
    reimbursements: u64,
    succeeds: u16,
    adherence: AdherenceEntry,
}

impl Upload<'_> {
    fn run(&self) -> Result<Change<ScheduleView>> {
        let last = self.case.trial.schedules;
        let address = |number| Schedule::find_address(&self.case.address, number).0;
        let mut begun = None;
        // Closed, the last one is not there any more.
        if let Some(there) = read::find::<Schedule>(self.case.cluster(), &address(last))? {
            if there.is_sealed() && self.is(&there) {
                let view = ScheduleView::new(address(last), &there)?;
                return Ok(Change::unchanged(view));
            }
            if !there.is_sealed() {
                self.require_same_beginning(&there)?;
                begun = Some((there.count, there.adherence));
            }
        }
        let number = if begun.is_some() {
            last
        } else {
            last.saturating_add(1)
        };
        let schedule = address(number);
        if begun.is_none() {
            self.require_predecessor(number)?;
        }
        self.confirm(number)?;
        let mut receipts = Vec::new();
        let (from, adherence) = match begun {
            Some((count, adherence)) => (usize::from(count), adherence),
            None => {
                receipts.push(self.open(number, schedule)?);
                (0, AdherenceEntry::default())
            }
        };
        for (index, chunk) in self.entries.chunks(CHUNK).enumerate() {
            let start = index.saturating_mul(CHUNK);
            let rest = from.saturating_sub(start).min(chunk.len());
            if let Some(left) = chunk.get(rest..).filter(|left| !left.is_empty()) {
                receipts.push(self.append(schedule, start.saturating_add(rest), left)?);
            }
        }
        if adherence != self.adherence {
            receipts.push(self.require_adherence(schedule)?);
        }
        receipts.push(self.seal(schedule)?);
        let there = read::get(self.case.cluster(), &schedule)?;
        let view = ScheduleView::new(schedule, &there)?;
        Ok(Change::by(Outcome::Created, view, receipts))
    }

    fn is(&self, there: &Schedule) -> bool {
        there.in_use() == self.entries.as_slice()
            && there.bonus == self.bonus
            && there.reimbursements == self.reimbursements
            && there.adherence == self.adherence
            && self.same_predecessor(there)
    }

    fn same_predecessor(&self, there: &Schedule) -> bool {
        there.succeeds.first() == Some(&self.succeeds)
    }

    /// What the new schedule succeeds is sealed, and comes before it.
    fn require_predecessor(&self, number: u16) -> Result<()> {
        let Some(address) = self.predecessor() else {
            return Ok(());
        };
        if self.succeeds < number {
            if let Some(there) = read::find::<Schedule>(self.case.cluster(), &address)? {
                return there.require_sealed().map_err(|error| foreseen(&error));
            }
        }
        let message = format!(
            "The document says that it succeeds schedule {}, which this trial does not have. `galen trial show` lists its schedules.",
            self.succeeds
        );
        Err(CliError::new("predecessor_missing", message))
    }

    fn predecessor(&self) -> Option<Pubkey> {
        (self.succeeds != 0).then(|| Schedule::find_address(&self.case.address, self.succeeds).0)
    }

    /// An upload that was begun can only be continued with the same document.
    fn require_same_beginning(&self, there: &Schedule) -> Result<()> {
        let same = there.opener == self.case.session.key()
            && there.bonus == self.bonus
            && there.reimbursements == self.reimbursements
            && self.same_predecessor(there)
            && [AdherenceEntry::default(), self.adherence].contains(&there.adherence)
            && self.entries.starts_with(there.in_use());
        if same {
            return Ok(());
        }
        let message = format!(
            "Schedule {} was begun by {} with other content and is not sealed; the same operator finishes it with the same document first.",
            there.number, there.opener
        );
        Err(CliError::new("schedule_begun_differently", message))
    }

    fn confirm(&self, number: u16) -> Result<()> {
        let stipends = self
            .entries
            .iter()
            .map(|entry| entry.stipend)
            .fold(self.bonus, u64::saturating_add);
        let intent = Intent::new("Upload and seal a schedule")
            .with("trial", self.case.address)
            .with("number", number)
            .with("milestones", self.entries.len())
            .with(
                "one participant can earn",
                format!(
                    "{}, the bonus of {} included",
                    money(stipends),
                    money(self.bonus)
                ),
            )
            .with("expenses at most", money(self.reimbursements))
            .with(
                "participants can pass to it from",
                match self.succeeds {
                    0 => "no other schedule".to_owned(),
                    number => format!("schedule {number}, and what that succeeds"),
                },
            )
            .with("the bonus asks for doses", self.doses());
        self.case.session.ledger.confirm(&intent)
    }

    /// What the bonus asks for beside attendance, in words.
    fn doses(&self) -> String {
        let AdherenceEntry {
            window_days,
            windows,
            doses,
            threshold_bps,
            ..
        } = self.adherence;
        if window_days == 0 {
            return "no".to_owned();
        }
        format!("{threshold_bps} basis points of {doses} in each of {windows} windows of {window_days} days")
    }

    fn open(&self, number: u16, schedule: Pubkey) -> Result<Receipt> {
        let accounts = accounts::OpenSchedule {
            operator: self.case.session.key(),
            operator_record: self.case.sponsor_record(Permission::ManageTrial)?,
            sponsor: self.case.trial.sponsor,
            trial: self.case.address,
            predecessor: self.predecessor(),
            schedule,
            system_program: solana_sdk_ids::system_program::ID,
        };
        let data = instruction::OpenSchedule {
            args: OpenScheduleArgs {
                number,
                bonus: self.bonus,
                reimbursements: self.reimbursements,
            },
        };
        let open = of_trials(&accounts, &data);
        self.case.session.send("Open the schedule", &[open], &[])
    }

    fn append(
        &self,
        schedule: Pubkey,
        start: usize,
        entries: &[MilestoneEntry],
    ) -> Result<Receipt> {
        let accounts = accounts::AppendMilestones {
            opener: self.case.session.key(),
            schedule,
        };
        let data = instruction::AppendMilestones {
            args: AppendMilestonesArgs {
                start: small(start)?,
                milestones: entries.to_vec(),
            },
        };
        let append = of_trials(&accounts, &data);
        self.case.session.send("Append milestones", &[append], &[])
    }

    fn require_adherence(&self, schedule: Pubkey) -> Result<Receipt> {
        let accounts = accounts::RequireAdherence {
            operator: self.case.session.key(),
            operator_record: self.case.sponsor_record(Permission::ManageTrial)?,
            sponsor: self.case.trial.sponsor,
            trial: self.case.address,
            schedule,
        };
        let data = instruction::RequireAdherence {
            args: RequireAdherenceArgs {
                adherence: self.adherence,
            },
        };
        let require = of_trials(&accounts, &data);
        self.case
            .session
            .send("Say which doses the bonus asks for", &[require], &[])
    }

    fn seal(&self, schedule: Pubkey) -> Result<Receipt> {
        let accounts = accounts::SealSchedule {
            operator: self.case.session.key(),
            operator_record: self.case.sponsor_record(Permission::ManageTrial)?,
            sponsor: self.case.trial.sponsor,
            trial: self.case.address,
            schedule,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let bytes: &[u8] = bytemuck::cast_slice(&self.entries);
        let data = instruction::SealSchedule {
            args: SealScheduleArgs {
                count: small(self.entries.len())?,
                digest: Sha256::digest(bytes).into(),
            },
        };
        let seal = of_trials(&accounts, &data);
        self.case.session.send("Seal the schedule", &[seal], &[])
    }
}

/// The document was checked: there are at most 64 milestones.
fn small(number: usize) -> Result<u8> {
    u8::try_from(number).map_err(|_| {
        CliError::new(
            "schedule_full",
            "A schedule has at most 64 milestones; this one has more.",
        )
    })
}
