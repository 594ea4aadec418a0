//! Doing something for many participants: everything is checked first, and nothing is sent while a row is wrong, unless those
//! are to be left out.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::rows::{self, Fault, Record, Sheet};
use super::who::folder_of;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::Errand;

/// Flags of every command that takes a table.
#[derive(Debug, clap::Args)]
pub struct FileFlags {
    /// Do it for each row of this CSV file; - is stdin
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Leave out rows that are wrong, and do the others
    #[arg(long, requires = "from")]
    pub skip_invalid: bool,
}

impl FileFlags {
    /// The rows of the file, or the one that the flags make.
    ///
    /// # Errors
    /// Those of [`rows::read`].
    pub fn sheet(
        &self,
        needed: &[&str],
        flags: &[(&'static str, Option<String>)],
    ) -> Result<Sheet> {
        match &self.from {
            Some(path) => rows::read(path, needed),
            None => Ok(Sheet {
                records: vec![Record::of_flags(flags)],
                faults: Vec::new(),
            }),
        }
    }

    /// The folder from which paths in the rows are seen.
    pub fn folder(&self) -> &Path {
        folder_of(self.from.as_deref())
    }
}

/// What is to be done for one participant.
pub struct Job {
    /// The row's line; none where there was no file.
    pub line: Option<u64>,
    /// The participant's key.
    pub participant: String,
    /// What does it.
    pub instructions: Vec<Instruction>,
    /// Who signs beside the user.
    pub signer: Option<Box<dyn Signer>>,
}

/// What all rows come to.
#[derive(Default)]
pub struct Work {
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Participants for whom it is so already.
    pub unchanged: Vec<(Option<u64>, String)>,
    /// What is to be done.
    pub jobs: Vec<Job>,
    /// What is to be done after that, in rounds: each begins when the one before has landed.
    pub later: Vec<Vec<Job>>,
}

/// What became of one row.
#[derive(Debug, Serialize)]
struct Line {
    line: Option<u64>,
    participant: String,
    outcome: &'static str,
    signature: Option<String>,
    error: Option<CliError>,
}

/// As JSON: `{"done": 2, "unchanged": 1, "failed": 0, "transactions": 1, "faults": [{"line": 3, "column": "owner", "code":
/// "...", "message": "..."}], "rows": [{"line": 2, "participant": "...", "outcome": "done" | "unchanged" | "waiting" | "failed",
/// "signature": "...", "error": null}]}`.
#[derive(Debug, Serialize)]
struct Report {
    done: usize,
    unchanged: usize,
    failed: usize,
    transactions: usize,
    faults: Vec<Fault>,
    rows: Vec<Line>,
    #[serde(skip)]
    stopped: bool,
}

impl Work {
    /// Takes a job that must not land before those of earlier rounds.
    pub fn in_round(&mut self, round: usize, job: Job) {
        let Some(later) = round.checked_sub(1) else {
            self.jobs.push(job);
            return;
        };
        while self.later.len() <= later {
            self.later.push(Vec::new());
        }
        if let Some(jobs) = self.later.get_mut(later) {
            jobs.push(job);
        }
    }

    /// How much is to be done.
    pub fn size(&self) -> usize {
        self.later
            .iter()
            .map(Vec::len)
            .fold(self.jobs.len(), usize::saturating_add)
    }

    /// Takes what a row came to.
    pub fn take(&mut self, row: std::result::Result<Step, Fault>) {
        match row {
            Ok(Step::Unchanged { line, participant }) => self.unchanged.push((line, participant)),
            Ok(Step::Do(job)) => self.jobs.push(job),
            Err(fault) => self.faults.push(fault),
        }
    }

    /// Shows the intent, asks, and does it.
    ///
    /// # Errors
    /// Where there was no file: what was wrong, or the program's refusal. `confirmation_needed`, `cancelled`,
    /// `cluster_unreachable`, `undecided`.
    pub fn finish(
        mut self,
        session: &Session,
        flags: &FileFlags,
        intent: Intent,
    ) -> Result<Answer> {
        if flags.from.is_some() {
            return self
                .carry_out(session, flags.skip_invalid, intent)?
                .answer();
        }
        if let Some(fault) = self.faults.pop() {
            return Err(fault.into_error());
        }
        let mut report = self.carry_out(session, false, intent)?;
        match report.rows.iter_mut().find_map(|row| row.error.take()) {
            Some(error) => Err(error),
            None => report.answer(),
        }
    }

    /// As [`Work::finish`], for whatever the ledger asks for: what is refused for one of these reasons only waits.
    ///
    /// # Errors
    /// `confirmation_needed`, `cancelled`, `cluster_unreachable`, `undecided`.
    pub fn finish_crank(
        self,
        session: &Session,
        intent: Intent,
        waiting: &[&str],
    ) -> Result<Answer> {
        let mut report = self.carry_out(session, false, intent)?;
        for row in &mut report.rows {
            let waits = row
                .error
                .as_ref()
                .is_some_and(|error| waiting.contains(&error.code.as_str()));
            if waits {
                row.outcome = "waiting";
                report.failed = report.failed.saturating_sub(1);
                report.unchanged = report.unchanged.saturating_add(1);
            }
        }
        report.answer()
    }

    fn carry_out(
        mut self,
        session: &Session,
        skip_invalid: bool,
        intent: Intent,
    ) -> Result<Report> {
        self.faults.sort_by_key(|fault| fault.line);
        let stopped = !self.faults.is_empty() && !skip_invalid;
        let mut report = Report {
            done: 0,
            unchanged: self.unchanged.len(),
            failed: 0,
            transactions: 0,
            rows: Vec::new(),
            faults: self.faults,
            stopped: false,
        };
        if !stopped {
            for (line, participant) in self.unchanged {
                report.rows.push(Line {
                    line,
                    participant,
                    outcome: "unchanged",
                    signature: None,
                    error: None,
                });
            }
            if !self.jobs.is_empty() {
                let title = intent.title().to_owned();
                // Later rounds are of the same participants.
                session
                    .ledger
                    .confirm(&intent.with("participants", self.jobs.len()))?;
                for jobs in std::iter::once(&self.jobs).chain(&self.later) {
                    report.send(session, &title, jobs)?;
                }
            }
            report.rows.sort_by_key(|row| row.line);
        }
        report.stopped = stopped;
        Ok(report)
    }
}

/// What a good row asks for.
pub enum Step {
    /// Nothing: it is so already.
    Unchanged {
        /// The row's line.
        line: Option<u64>,
        /// The participant's key.
        participant: String,
    },
    /// This.
    Do(Job),
}

impl Report {
    fn answer(&self) -> Result<Answer> {
        let success = !self.stopped && self.failed == 0;
        Ok(Answer::new(self)?.with_success(success))
    }

    fn send(&mut self, session: &Session, title: &str, jobs: &[Job]) -> Result<()> {
        let ledger = &session.ledger;
        let bar = ledger.settings.notes.bar(jobs.len() as u64, title);
        let errands: Vec<Errand> = jobs
            .iter()
            .map(|job| Errand {
                instructions: job.instructions.clone(),
                signer: job.signer.as_deref(),
            })
            .collect();
        let fates = ledger.send_packed(title, &errands, |count| bar.inc(count as u64))?;
        bar.finish_and_clear();
        let landed: BTreeSet<&String> = fates.iter().flatten().collect();
        self.transactions = self.transactions.saturating_add(landed.len());
        for (job, fate) in jobs.iter().zip(fates) {
            self.note(job, fate);
        }
        Ok(())
    }

    fn note(&mut self, job: &Job, fate: Result<String>) {
        let (outcome, signature, error) = match fate {
            Ok(signature) => {
                self.done = self.done.saturating_add(1);
                ("done", Some(signature), None)
            }
            Err(error) => {
                self.failed = self.failed.saturating_add(1);
                ("failed", None, Some(error))
            }
        };
        self.rows.push(Line {
            line: job.line,
            participant: job.participant.clone(),
            outcome,
            signature,
            error,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for fault in &self.faults {
            writeln!(
                f,
                "line {}{}: {} [{}]",
                fault.line.unwrap_or_default(),
                fault
                    .column
                    .map_or_else(String::new, |column| format!(", {column}")),
                fault.message,
                fault.code
            )?;
        }
        for row in &self.rows {
            if let Some(error) = &row.error {
                let line = row
                    .line
                    .map_or_else(String::new, |line| format!("line {line}, "));
                writeln!(f, "{line}{}: {error}", row.participant)?;
            }
        }
        if self.stopped {
            return write!(
                f,
                "{} things are wrong with the rows. Nothing was sent; mend the file, or leave those rows out with --skip-invalid.",
                self.faults.len()
            );
        }
        write!(
            f,
            "{} done in {} transactions, {} were so already, {} failed.",
            self.done, self.transactions, self.unchanged, self.failed
        )?;
        if self.faults.is_empty() {
            return Ok(());
        }
        write!(f, " {} faulty values were left out.", self.faults.len())
    }
}
