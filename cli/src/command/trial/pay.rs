//! `galen trial pay`: pays everybody what is due to them, whatever happened before.
//!
//! What is due is read from the ledger, paid in batches, several transactions at a time, and read again until nobody is
//! left who can be paid. A run that is killed is simply begun again: what was signed stands in the store and is waited
//! for, what landed is no longer due, and a batch that is sent twice pays once, because the program makes an amount due
//! zero when it pays it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use trials::state::Trial;

use super::payout::{batches, due, Batch, Due};
use super::read;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, write_report, Answer};
use crate::send::PAY_PARTICIPANTS;

/// Most participants of a transaction: with a compute budget and a fee payer of its own, a legacy one has room for these.
const LARGEST_BATCH: usize = 23;
/// Rounds without a payment after which the rest is given up: whoever is left could not be reached.
const IDLE_ROUNDS: u32 = 3;

/// Flags of `galen trial pay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial pay TRIAL --dry-run
  galen trial pay TRIAL --yes --report payout.csv

Anybody can run it, twice or at once with somebody else: nobody is paid twice, and payees whose token account cannot take
money are listed and stay payable. Should it be killed, run it again. The exit code is 1 while somebody could not be paid.")]
pub struct Args {
    /// The trial's address
    #[arg(value_name = "TRIAL")]
    trial: Pubkey,
    /// Only participants of these cohorts
    #[arg(long = "cohort", value_name = "ADDRESS")]
    cohorts: Vec<Pubkey>,
    /// Most participants of one transaction
    #[arg(long, value_name = "COUNT", default_value_t = LARGEST_BATCH, value_parser = batch_size)]
    batch: usize,
    /// Show who would be paid, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Write who was paid, and who was not, to this file; CSV, or JSON where its name ends in .json
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

fn batch_size(text: &str) -> std::result::Result<usize, String> {
    text.parse()
        .ok()
        .filter(|size| (1..=LARGEST_BATCH).contains(size))
        .ok_or_else(|| format!("a number from 1 to {LARGEST_BATCH}"))
}

/// What became of one participant's money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    cohort: String,
    index: u16,
    payee: String,
    amount: u64,
    paid: bool,
    /// Of the transaction of this run that paid it; none where another run did.
    signature: Option<String>,
}

#[derive(Serialize)]
struct Report {
    trial: String,
    paid: usize,
    amount: u64,
    not_paid: usize,
    transactions: usize,
    dry_run: bool,
    participants: Vec<Row>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`, `report_unwritable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let trial = read::trial(session.cluster(), &args.trial)?;
    let mut run = Run {
        args,
        session: &session,
        trial,
        at_once: trial.token_program == anchor_spl::token::ID,
        signatures: BTreeMap::new(),
        transactions: 0,
    };
    let first = run.due()?;
    let total = first.iter().map(|due| due.amount).sum();
    if !args.dry_run && !first.is_empty() {
        session.ledger.confirm(
            &Intent::new("Pay participants")
                .with("trial", args.trial)
                .with("participants", first.len())
                .with("amount", money(total)),
        )?;
        run.pay(&first)?;
    }
    let left: BTreeSet<(Pubkey, u16)> = match args.dry_run {
        true => first.iter().map(place).collect(),
        false => run.due()?.iter().map(place).collect(),
    };
    let report = run.report(&first, &left);
    if let Some(path) = &args.report {
        write_report(path, &report, &report.csv())?;
    }
    let success = args.dry_run || report.not_paid == 0;
    Ok(Answer::new(&report)?.with_success(success))
}

fn place(due: &Due) -> (Pubkey, u16) {
    (due.cohort, due.index)
}

struct Run<'a> {
    args: &'a Args,
    session: &'a Session<'a>,
    trial: Trial,
    at_once: bool,
    signatures: BTreeMap<(Pubkey, u16), String>,
    transactions: usize,
}

impl Run<'_> {
    /// To whom something is due now.
    fn due(&self) -> Result<Vec<Due>> {
        let mut pages = read::cohorts(self.session.cluster(), &self.args.trial)?;
        if !self.args.cohorts.is_empty() {
            pages.retain(|page| self.args.cohorts.contains(&page.address));
        }
        Ok(due(&pages))
    }

    /// Pays in rounds, each from what the ledger says, until nobody is left who was not tried.
    fn pay(&mut self, first: &[Due]) -> Result<()> {
        let bar = self
            .session
            .ledger
            .settings
            .notes
            .bar(first.len() as u64, "Paying");
        let mut tried = BTreeSet::new();
        let mut idle = 0;
        let mut due = first.to_vec();
        loop {
            let planned = batches(&due, &tried, self.args.batch);
            let Some(sample) = planned.first() else {
                break;
            };
            self.choose_way(sample);
            let instructions: Vec<Vec<Instruction>> = planned
                .iter()
                .map(|batch| vec![self.instruction(batch)])
                .collect();
            let fates = self
                .session
                .ledger
                .send_all(PAY_PARTICIPANTS, &instructions, |count| {
                    bar.inc((count * self.args.batch) as u64);
                })?;
            let mut progress = false;
            let mut refusal = None;
            for (batch, fate) in planned.iter().zip(fates) {
                match fate {
                    Ok(signature) => {
                        progress = true;
                        self.transactions += 1;
                        for one in &batch.0 {
                            tried.insert(place(one));
                            self.signatures.insert(place(one), signature.clone());
                        }
                    }
                    // It never landed: whoever is in it is tried again from what the ledger says then.
                    Err(error) => refusal = Some(error),
                }
            }
            idle = if progress { 0 } else { idle + 1 };
            if let (Some(error), true) = (refusal, idle >= IDLE_ROUNDS) {
                return Err(error);
            }
            due = self.due()?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Falls back to one transfer after the other where the token program has no batch instruction.
    fn choose_way(&mut self, sample: &Batch) {
        if !self.at_once {
            return;
        }
        let tried = self.session.ledger.try_out(&[self.instruction(sample)]);
        // A node that says nothing says nothing of the token program either.
        if tried.is_err_and(|error| !error.is_of_the_node()) {
            self.at_once = false;
        }
    }

    fn instruction(&self, batch: &Batch) -> Instruction {
        batch.instruction(&self.args.trial, &self.trial, self.at_once)
    }

    fn report(&self, first: &[Due], left: &BTreeSet<(Pubkey, u16)>) -> Report {
        let participants: Vec<Row> = first
            .iter()
            .map(|due| {
                let paid = !left.contains(&place(due));
                Row {
                    cohort: due.cohort.to_string(),
                    index: due.index,
                    payee: due.payee.to_string(),
                    amount: due.amount,
                    paid,
                    signature: self.signatures.get(&place(due)).filter(|_| paid).cloned(),
                }
            })
            .collect();
        let paid: Vec<&Row> = participants.iter().filter(|row| row.paid).collect();
        Report {
            trial: self.args.trial.to_string(),
            paid: paid.len(),
            amount: paid.iter().map(|row| row.amount).sum(),
            not_paid: participants.len() - paid.len(),
            transactions: self.transactions,
            dry_run: self.args.dry_run,
            participants,
        }
    }
}

impl Report {
    /// Keys, numbers and words only: nothing that a spreadsheet would take for a formula, nothing to quote.
    fn csv(&self) -> String {
        let mut text = String::from("cohort,index,payee,cents,paid,signature\n");
        for row in &self.participants {
            text += &format!(
                "{},{},{},{},{},{}\n",
                row.cohort,
                row.index,
                row.payee,
                row.amount,
                if row.paid { "yes" } else { "no" },
                row.signature.as_deref().unwrap_or_default()
            );
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.dry_run {
            let due: u64 = self.participants.iter().map(|row| row.amount).sum();
            return write!(
                f,
                "{} would be due to {} participants. Nothing was sent.",
                money(due),
                self.participants.len()
            );
        }
        writeln!(
            f,
            "{} paid to {} participants in {} transactions of this run.",
            money(self.amount),
            self.paid,
            self.transactions
        )?;
        for row in self.participants.iter().filter(|row| !row.paid) {
            writeln!(
                f,
                "Still due: {} to participant {} of cohort {}; the token account {} cannot take money now.",
                money(row.amount),
                row.index,
                row.cohort,
                row.payee
            )?;
        }
        Ok(())
    }
}
