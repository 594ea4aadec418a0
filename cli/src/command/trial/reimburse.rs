//! `galen trial reimburse`

use std::path::Path;

use registry::state::Permission;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::instructions::ReimburseExpenseArgs;
use trials::{accounts, instruction};

use super::bulk::{FileFlags, Job, Step, Work};
use super::case::{instruction as of_trials, Case, Target};
use super::independent::{self, Voice};
use super::paper;
use super::rows::{self, Fault, Reason, Record, Seen};
use super::who::{self, Place, Register, Schedules, Sites};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};
use crate::signer;

/// Flags of `galen trial reimburse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial reimburse TRIAL --participant KEY --total 4250 --receipt tickets.pdf
  galen trial reimburse TRIAL --from expenses.csv

Recognises expenses up to --total since the participant's beginning; what was recognised before counts, so running it again pays
nothing. Expenses are not pay and are never held for taxes. Only a salted commitment to the receipt goes to the ledger. Signed by an operator
of the site with the permission attest-visit; where the site holds the participant's key, by somebody independent too
(--countersigner). The file has the columns participant, total (cents) and receipt (a file, seen from the table's folder).")]
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
    /// All expenses recognised since the beginning, these included, in cents
    #[arg(
        long,
        value_name = "CENTS",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    total: Option<String>,
    /// The receipt, in any format
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    receipt: Option<String>,
    /// The sponsor's monitor or the ethics board's operator: a keypair file or another source that -k takes
    #[arg(long, value_name = "KEYPAIR")]
    countersigner: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_independent`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant", "total", "receipt"],
        &[
            ("participant", args.participant.clone()),
            ("total", args.total.clone()),
            ("receipt", args.receipt.clone()),
        ],
    )?;
    let case = Case::open(&args.target, settings)?;
    let countersigner = match &args.countersigner {
        Some(source) => {
            let key = signer::load(source, "countersigner")?.pubkey();
            Some((key, independent::voice_of(&case, &key)?))
        }
        None => None,
    };
    let mut desk = Desk {
        register: Register::of(&case.cohorts()?),
        sites: Sites::default(),
        schedules: Schedules::default(),
        source: args.countersigner.as_deref(),
        countersigner,
        case: &case,
    };
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut seen = Seen::nothing();
    let mut sum = 0_u64;
    for record in &sheet.records {
        match desk.expense(record, &args.file, &mut seen) {
            Ok(expense) => {
                let step = desk.step(record.line, &expense)?;
                if matches!(step, Ok(Step::Do(_))) {
                    sum = sum.saturating_add(expense.more());
                }
                work.take(step);
            }
            Err(fault) => work.faults.push(fault),
        }
    }
    let intent = Intent::new("Reimburse expenses")
        .with("trial", case.address)
        .with("amount", money(sum));
    work.finish(&case.session, &args.file, intent)
}

struct Expense {
    place: Place,
    total: u64,
    receipt: [u8; 32],
}

impl Expense {
    fn more(&self) -> u64 {
        self.total.saturating_sub(self.place.participant.expenses)
    }
}

struct Desk<'a> {
    case: &'a Case<'a>,
    register: Register,
    sites: Sites,
    schedules: Schedules,
    source: Option<&'a str>,
    countersigner: Option<(Pubkey, Voice)>,
}

impl Desk<'_> {
    fn receipt(&self, text: &str, folder: &Path) -> std::result::Result<[u8; 32], Reason> {
        let store = &self.case.session.ledger.store;
        paper::commit(store, &self.case.address, &folder.join(text))
            .map_err(|error| Reason::new("receipt_unreadable", error.message))
    }

    fn expense(
        &self,
        record: &Record,
        file: &FileFlags,
        seen: &mut Seen<Pubkey>,
    ) -> std::result::Result<Expense, Fault> {
        let key = record.read("participant", |text| who::key(text, file.folder()))?;
        let total = record.read("total", rows::cents)?;
        let receipt = record.read("receipt", |text| self.receipt(text, file.folder()))?;
        let what = "The same participant, of whom a total covers all expenses,";
        seen.first(record, "participant", key, what)?;
        let place = self.register.of_row(record, &key)?;
        Ok(Expense {
            place,
            total,
            receipt,
        })
    }

    fn step(
        &mut self,
        line: Option<u64>,
        expense: &Expense,
    ) -> Result<std::result::Result<Step, Fault>> {
        let case = self.case;
        let place = &expense.place;
        let participant = &place.participant;
        let refused = |code, message: String| Ok(Err(Reason::new(code, message).at(line, "total")));
        let amount = expense.more();
        if amount == 0 {
            return Ok(Ok(Step::Unchanged {
                line,
                participant: participant.key.to_string(),
            }));
        }
        let (schedule_address, schedule) = self.schedules.get(case, participant.schedule)?;
        if expense.total > schedule.reimbursements {
            let message = format!(
                "{} are more than the {} that the schedule reimburses one participant at most.",
                money(expense.total),
                money(schedule.reimbursements)
            );
            return refused("expenses_exceeded", message);
        }
        if participant.is_settled() {
            return refused(
                "already_settled",
                "The participation is settled; nothing is set aside any more.".to_owned(),
            );
        }
        if participant.is_site_held() && self.countersigner.is_none() {
            let message = "The site holds this participant's key; somebody independent signs too, with --countersigner.";
            return refused("countersigner_missing", message.to_owned());
        }
        let staff = self
            .sites
            .staff(case, place.site, Permission::AttestVisit)?;
        let countersigner = self.countersigner.filter(|_| participant.is_site_held());
        let accounts = accounts::ReimburseExpense {
            operator: case.session.key(),
            operator_record: staff.record,
            organization: staff.organization,
            countersigner: countersigner.map(|(key, _)| key),
            countersigner_record: countersigner.map(|(_, voice)| voice.record),
            countersigner_organization: countersigner.map(|(_, voice)| voice.organization),
            trial: case.address,
            site: place.site,
            schedule: schedule_address,
            cohort: place.cohort,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::ReimburseExpense {
            args: ReimburseExpenseArgs {
                index: place.index,
                amount,
                receipt_digest: expense.receipt,
            },
        };
        let signer: Option<Box<dyn Signer>> = match (countersigner, self.source) {
            (Some(_), Some(source)) => Some(signer::load(source, "countersigner")?),
            _ => None,
        };
        Ok(Ok(Step::Do(Job {
            line,
            participant: participant.key.to_string(),
            instructions: vec![of_trials(&accounts, &data)],
            signer,
        })))
    }
}
