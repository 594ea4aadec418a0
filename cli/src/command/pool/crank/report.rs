//! What a run over a pool has done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;

use super::docket::{Due, Duty};
use crate::error::{CliError, Result};
use crate::output::{money, table};

/// What became of a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It would be done.
    Planned,
    /// This run did it.
    Done,
    /// Somebody else was quicker.
    Already,
    /// It cannot be done yet.
    Waiting,
    /// It was refused.
    Failed,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Already => "already",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
        }
    }
}

/// One duty.
#[derive(Debug, Serialize)]
struct Act {
    duty: Duty,
    /// The claim; null where it is about a treaty.
    claim: Option<String>,
    /// The treaty; null where it is about a claim.
    treaty: Option<String>,
    outcome: Outcome,
    /// Cents that were paid, interest included; of a dry run those to be paid, without interest; of a treaty those that its layer paid.
    /// Null where nothing is.
    amount: Option<u64>,
    signature: Option<String>,
    error: Option<CliError>,
}

/// As JSON: `{"pool": "...", "due": {"escalate": 1, "settle": 2}, "planned": 0, "done": 2, "already": 0, "waiting": 1, "failed": 0,
/// "transactions": 2, "paid": 8000, "drawn": 0, "unrevealed": 0, "confirmations_ended": 0, "dry_run": false, "acts": [{"duty": "escalate" |
/// "lapse" | "release" | "draw" | "cede" | "settle" | "archive", "claim": "...", "treaty": null, "outcome": "planned" | "done" | "already" |
/// "waiting" | "failed", "amount": 8000, "signature": "...", "error": null}]}`; money is cents. `drawn`: what layers paid. `unrevealed`: claims that wait for a draw whose day is not revealed;
/// `confirmations_ended`: claims that were not confirmed in time, and are with the insurer now.
#[derive(Debug, Serialize)]
pub struct Report {
    pool: String,
    due: BTreeMap<&'static str, usize>,
    planned: usize,
    done: usize,
    already: usize,
    waiting: usize,
    /// Duties that were refused.
    pub failed: usize,
    transactions: usize,
    paid: u64,
    /// Cents that layers paid to the pool.
    drawn: u64,
    /// Claims that wait for a draw whose day is not revealed.
    pub unrevealed: usize,
    /// Claims that were not confirmed in time.
    pub confirmations_ended: usize,
    dry_run: bool,
    acts: Vec<Act>,
    #[serde(skip)]
    duties: BTreeMap<Duty, usize>,
    #[serde(skip)]
    signatures: BTreeSet<String>,
}

impl Report {
    /// Nothing yet.
    pub fn new(pool: Pubkey, dry_run: bool) -> Self {
        Self {
            pool: pool.to_string(),
            due: BTreeMap::new(),
            planned: 0,
            done: 0,
            already: 0,
            waiting: 0,
            failed: 0,
            transactions: 0,
            paid: 0,
            drawn: 0,
            unrevealed: 0,
            confirmations_ended: 0,
            dry_run,
            acts: Vec::new(),
            duties: BTreeMap::new(),
            signatures: BTreeSet::new(),
        }
    }

    /// Notes what is due, and for how many treaties something is.
    pub fn due(&mut self, all: &[Due], treaties: usize) {
        for due in all {
            let count = self.duties.entry(due.duty).or_default();
            *count = count.saturating_add(1);
        }
        if treaties > 0 {
            self.duties.insert(Duty::Cede, treaties);
        }
        self.due = self
            .duties
            .iter()
            .map(|(duty, count)| (duty.name(), *count))
            .collect();
    }

    /// How much is due of each duty.
    pub fn counts(&self) -> impl Iterator<Item = (Duty, usize)> + '_ {
        self.duties.iter().map(|(duty, count)| (*duty, *count))
    }

    /// Counts transactions that have landed.
    pub fn landed<'s>(&mut self, signatures: impl IntoIterator<Item = &'s String>) {
        self.signatures.extend(signatures.into_iter().cloned());
        self.transactions = self.signatures.len();
    }

    /// Counts what became of a duty, about the claim `of`; of [`Duty::Cede`], about that treaty.
    pub fn count(
        &mut self,
        duty: Duty,
        of: Pubkey,
        outcome: Outcome,
        amount: Option<u64>,
        fate: Result<Option<String>>,
    ) {
        let counted = match outcome {
            Outcome::Planned => &mut self.planned,
            Outcome::Done => &mut self.done,
            Outcome::Already => &mut self.already,
            Outcome::Waiting => &mut self.waiting,
            Outcome::Failed => &mut self.failed,
        };
        *counted = counted.saturating_add(1);
        let is_treaty = duty == Duty::Cede;
        if outcome == Outcome::Done {
            let total = match is_treaty {
                true => &mut self.drawn,
                false => &mut self.paid,
            };
            *total = total.saturating_add(amount.unwrap_or(0));
        }
        let (signature, error) = match fate {
            Ok(signature) => (signature, None),
            Err(error) => (None, Some(error)),
        };
        self.landed(&signature);
        self.acts.push(Act {
            duty,
            claim: (!is_treaty).then(|| of.to_string()),
            treaty: is_treaty.then(|| of.to_string()),
            outcome,
            amount,
            signature,
            error,
        });
    }

    /// Keys, numbers and words only: nothing that a spreadsheet would take for a formula, nothing to quote.
    pub fn csv(&self) -> String {
        let mut text = String::from("duty,claim,treaty,outcome,amount,signature,error\n");
        for act in &self.acts {
            text += &format!(
                "{},{},{},{},{},{},{}\n",
                act.duty.name(),
                act.claim.as_deref().unwrap_or_default(),
                act.treaty.as_deref().unwrap_or_default(),
                act.outcome.name(),
                act.amount
                    .map_or_else(String::new, |amount| amount.to_string()),
                act.signature.as_deref().unwrap_or_default(),
                act.error.as_ref().map_or("", |error| error.code.as_str()),
            );
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.unrevealed > 0 {
            writeln!(
                f,
                "{} claims wait for a draw whose day is not revealed.",
                self.unrevealed
            )?;
        }
        if self.confirmations_ended > 0 {
            writeln!(
                f,
                "{} claims were not confirmed in time: the insurer decides.",
                self.confirmations_ended
            )?;
        }
        if self.acts.is_empty() {
            return f.write_str("Nothing is due; nothing was sent.");
        }
        let mut rows = table(
            &["Duty", "Claim or treaty", "Outcome", "Amount", "Why"],
            &[3],
        );
        for act in &self.acts {
            rows.add_row([
                act.duty.name().to_owned(),
                act.claim
                    .clone()
                    .or_else(|| act.treaty.clone())
                    .unwrap_or_default(),
                act.outcome.name().to_owned(),
                act.amount.map_or_else(String::new, money),
                act.error
                    .as_ref()
                    .map_or_else(String::new, |error| error.message.clone()),
            ]);
        }
        writeln!(f, "{rows}")?;
        if self.dry_run {
            return write!(f, "{} to be done. Nothing was sent.", self.planned);
        }
        write!(
            f,
            "{} done in {} transactions, {} by somebody else, {} wait, {} failed. Paid: {}.",
            self.done,
            self.transactions,
            self.already,
            self.waiting,
            self.failed,
            money(self.paid)
        )?;
        if self.drawn > 0 {
            write!(f, " Drawn from layers: {}.", money(self.drawn))?;
        }
        Ok(())
    }
}
