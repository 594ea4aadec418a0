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

use super::payout::{batches, Batch, Seat, Standing};
use super::read;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, table, write_report, Answer};
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

/// What was paid to one participant, or is still due to them: who is owed again before the run ends stands in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    cohort: String,
    index: u16,
    /// The token account; none where another run paid what had become due since this one began.
    payee: Option<String>,
    amount: u64,
    paid: bool,
    /// Still due because the token account cannot take money.
    undeliverable: bool,
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
        sent: BTreeMap::new(),
        transactions: 0,
    };
    let first = run.look()?;
    let total = first.due.iter().map(|due| due.amount).sum();
    let last = if args.dry_run || first.due.is_empty() {
        first.clone()
    } else {
        session.ledger.confirm(
            &Intent::new("Pay participants")
                .with("trial", args.trial)
                .with("participants", first.due.len())
                .with("amount", money(total)),
        )?;
        run.pay(&first)?
    };
    let report = run.report(&first, &last);
    if let Some(path) = &args.report {
        write_report(path, &report, &report.csv())?;
    }
    let success = args.dry_run || report.not_paid == 0;
    Ok(Answer::new(&report)?.with_success(success))
}

struct Run<'a> {
    args: &'a Args,
    session: &'a Session<'a>,
    trial: Trial,
    at_once: bool,
    /// Whom this run has paid: to which token account, by which transaction.
    sent: BTreeMap<Seat, (Pubkey, String)>,
    transactions: usize,
}

impl Run<'_> {
    /// What is due and what was paid, now.
    fn look(&self) -> Result<Standing> {
        let mut pages = read::cohorts(self.session.cluster(), &self.args.trial)?;
        let asked = &self.args.cohorts;
        let there: BTreeSet<Pubkey> = pages.iter().map(|page| page.address).collect();
        if let Some(unknown) = asked.iter().find(|cohort| !there.contains(cohort)) {
            return Err(CliError::new(
                "not_found",
                format!("{unknown} is no cohort of this trial; `galen trial show` lists those there are."),
            ));
        }
        if !asked.is_empty() {
            pages.retain(|page| asked.contains(&page.address));
        }
        Ok(Standing::of(&pages))
    }

    /// Pays in rounds, each from what the ledger says, until nobody is left but those whose payment has failed. Returns what
    /// the ledger says then.
    fn pay(&mut self, first: &Standing) -> Result<Standing> {
        let bar = self
            .session
            .ledger
            .settings
            .notes
            .bar(first.due.len() as u64, "Paying");
        let mut failed = BTreeSet::new();
        let mut idle = 0;
        let mut standing = first.clone();
        loop {
            let planned = batches(&standing.due, &failed, self.args.batch);
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
            let mut landed = Vec::new();
            let mut refusal = None;
            for (batch, fate) in planned.iter().zip(fates) {
                match fate {
                    Ok(signature) => {
                        self.transactions += 1;
                        landed.extend(batch.0.iter().map(|one| (*one, signature.clone())));
                    }
                    // It never landed: whoever is in it is tried again from what the ledger says then.
                    Err(error) => refusal = Some(error),
                }
            }
            idle = if landed.is_empty() { idle + 1 } else { 0 };
            if let (Some(error), true) = (refusal, idle >= IDLE_ROUNDS) {
                return Err(error);
            }
            let now = self.look()?;
            for (one, signature) in landed {
                if now.paid_since(&standing, &one.seat()) > 0 {
                    self.sent.insert(one.seat(), (one.payee, signature));
                } else {
                    failed.insert(one.seat());
                }
            }
            standing = now;
        }
        bar.finish_and_clear();
        Ok(standing)
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

    /// What was paid between two looks, and what is still due at the second.
    fn report(&self, first: &Standing, last: &Standing) -> Report {
        let mut participants = Vec::new();
        let payees: BTreeMap<Seat, Pubkey> = first
            .due
            .iter()
            .map(|due| (due.seat(), due.payee))
            .collect();
        for seat in last.paid.keys() {
            let amount = last.paid_since(first, seat);
            if amount > 0 {
                let sent = self.sent.get(seat);
                let payee = sent.map(|(payee, _)| payee).or_else(|| payees.get(seat));
                participants.push(Row {
                    cohort: seat.0.to_string(),
                    index: seat.1,
                    payee: payee.map(ToString::to_string),
                    amount,
                    paid: true,
                    undeliverable: false,
                    signature: sent.map(|(_, signature)| signature.clone()),
                });
            }
        }
        let paid = participants.len();
        let amount = participants.iter().map(|row| row.amount).sum();
        participants.extend(last.due.iter().map(|due| Row {
            cohort: due.cohort.to_string(),
            index: due.index,
            payee: Some(due.payee.to_string()),
            amount: due.amount,
            paid: false,
            undeliverable: due.undeliverable,
            signature: None,
        }));
        Report {
            trial: self.args.trial.to_string(),
            paid,
            amount,
            not_paid: last.due.len(),
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
                row.payee.as_deref().unwrap_or_default(),
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
            let mut rows = table(&["Cohort", "Index", "Token account", "Due"], &[1, 3]);
            for row in &self.participants {
                rows.add_row([
                    row.cohort.clone(),
                    row.index.to_string(),
                    row.payee.clone().unwrap_or_default(),
                    money(row.amount),
                ]);
            }
            return write!(
                f,
                "{rows}\n{} would be due to {} participants. Nothing was sent.",
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
                "Still due: {} to participant {} of cohort {}; {}",
                money(row.amount),
                row.index,
                row.cohort,
                match &row.payee {
                    Some(payee) if row.undeliverable =>
                        format!("the token account {payee} cannot take money now."),
                    _ => "run it again.".to_owned(),
                }
            )?;
        }
        Ok(())
    }
}
