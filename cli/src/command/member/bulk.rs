//! Doing something for many members: a table is checked whole, and nothing is sent while a row is wrong, unless those are to be
//! left out. What the ledger says decides what is still to be done: a run that was killed is simply begun again.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use claims::error::ClaimsError;
use claims::state::{decode_zero_copy, Member};
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::intent::Intent;
use crate::chain::people;
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::command::trial::rows::{self, Reason, Record, Seen, Sheet};
use crate::error::{CliError, Result};
use crate::output::{write_report, Answer};
use crate::send::{foreseen, Errand};
use crate::store::Store;

/// Flags of every command that takes a table of members.
#[derive(Debug, clap::Args)]
pub struct FileFlags {
    /// Do it for each row of this table; - is stdin
    #[arg(long, value_name = "MEMBERS.csv")]
    pub file: Option<PathBuf>,
    /// Leave out rows that are wrong, and do the others
    #[arg(long, requires = "file")]
    pub skip_invalid: bool,
    /// Check everything, and send nothing
    #[arg(long, requires = "file")]
    pub dry_run: bool,
    /// Write what became of each row to this file; CSV, or JSON where its name ends in .json
    #[arg(long, value_name = "FILE", requires = "file")]
    pub report: Option<PathBuf>,
}

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column; null where it is the whole row.
    pub column: Option<&'static str>,
    /// Stable, in snake case, for programs.
    pub code: String,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl From<rows::Fault> for Fault {
    fn from(fault: rows::Fault) -> Self {
        Self {
            line: fault.line.unwrap_or_default(),
            column: fault.column,
            code: fault.code.to_owned(),
            message: fault.message,
        }
    }
}

impl Fault {
    /// An error about the value of a column.
    pub fn of(record: &Record, column: &'static str, error: CliError) -> Self {
        Self {
            line: record.line.unwrap_or_default(),
            column: Some(column),
            code: error.code,
            message: match error.at {
                Some(at) => format!("{} (at {at})", error.message),
                None => error.message,
            },
        }
    }
}

/// What was read, or nothing where it is a fault, which is kept: all that is wrong with a row is said, not the first thing alone.
pub fn keep<T>(
    faults: &mut Vec<Fault>,
    read: std::result::Result<T, impl Into<Fault>>,
) -> Option<T> {
    read.map_err(|fault| faults.push(fault.into())).ok()
}

/// The value of a column, or else that of the flag which stands for all rows.
///
/// # Errors
/// `missing_value`, and what `read` finds.
pub fn value_or<T: Clone>(
    record: &Record,
    column: &'static str,
    flag: Option<&T>,
    read: impl FnOnce(&str) -> std::result::Result<T, Reason>,
) -> std::result::Result<T, rows::Fault> {
    match (record.read_if(column, read)?, flag) {
        (Some(value), _) => Ok(value),
        (None, Some(value)) => Ok(value.clone()),
        (None, None) => {
            let message =
                format!("There is no {column}; give it in the row, or for all with --{column}.");
            Err(Reason::new("missing_value", message).at(record.line, column))
        }
    }
}

/// What is to be done for one member.
pub struct Job {
    /// The row's line.
    pub line: u64,
    /// The member's identifier, where the row has it.
    pub id: Option<String>,
    /// The member's account; none while it has none yet.
    pub member: Option<Pubkey>,
    /// What does it.
    pub instructions: Vec<Instruction>,
    /// Whether a member as it is on the ledger is as it is to be.
    pub is_so: Box<dyn Fn(&Member) -> bool>,
}

/// What all rows come to.
#[derive(Default)]
pub struct Work {
    /// Rows of the table, wrong ones included.
    pub rows: usize,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Members for whom it is so already.
    pub unchanged: Vec<Job>,
    /// What is to be done.
    pub jobs: Vec<Job>,
}

/// A row about a member who is on the ledger.
pub struct Row<'a> {
    /// The row.
    pub record: &'a Record,
    /// The member's identifier, where the row has it.
    pub id: Option<String>,
    /// The member's account.
    pub address: Pubkey,
    /// The member.
    pub member: Member,
}

impl Work {
    /// Takes over what is wrong with a table's rows.
    pub fn of(sheet: &mut Sheet) -> Self {
        let faults = std::mem::take(&mut sheet.faults);
        let faulty: BTreeSet<Option<u64>> = faults.iter().map(|fault| fault.line).collect();
        Self {
            rows: sheet.records.len().saturating_add(faulty.len()),
            faults: faults.into_iter().map(Fault::from).collect(),
            ..Self::default()
        }
    }

    /// Finds the members of a pool whom the columns `id` and `member` name, one in each row, and each `once` where that is said. What is
    /// wrong with other rows is kept.
    ///
    /// # Errors
    /// `cluster_unreachable`, `store_damaged`.
    pub fn members<'a>(
        &mut self,
        cluster: &Cluster,
        store: &Store,
        pool: &Pubkey,
        records: &'a [Record],
        once: bool,
    ) -> Result<Vec<Row<'a>>> {
        let mut seen = Seen::nothing();
        let mut named = Vec::new();
        for record in records {
            let found = match (record.value("id"), record.value("member")) {
                (Some(id), None) => match people::known(store, pool, id) {
                    Err(error) if error.code != "member_unknown" => return Err(error),
                    known => known.map_err(|error| Fault::of(record, "id", error)),
                },
                (None, Some(_)) => record.read("member", rows::key).map_err(Fault::from),
                _ => {
                    let message = "A row names the member once, by its id or by its account.";
                    Err(Reason::new("missing_value", message)
                        .at(record.line, "id")
                        .into())
                }
            };
            let column = match record.value("id") {
                Some(_) => "id",
                None => "member",
            };
            let first = found.and_then(|address| {
                if once {
                    seen.first(record, column, address, "The same member")?;
                }
                Ok(address)
            });
            if let Some(address) = keep(&mut self.faults, first) {
                named.push((record, column, address));
            }
        }
        let addresses: Vec<Pubkey> = named.iter().map(|(_, _, address)| *address).collect();
        let read = read(cluster, &addresses)?;
        let mut members = Vec::with_capacity(named.len());
        for ((record, column, address), member) in named.into_iter().zip(read) {
            let member = match member {
                None => {
                    let message = format!("There is no member at {address} on this cluster. The insurer enrols members with `galen member enrol`.");
                    Err(CliError::new("member_unknown", message))
                }
                Some(member) if member.pool != *pool => {
                    Err(foreseen(&ClaimsError::MemberOfOtherPool))
                }
                Some(member) => Ok(member),
            };
            let member = member.map_err(|error| Fault::of(record, column, error));
            if let Some(member) = keep(&mut self.faults, member) {
                members.push(Row {
                    record,
                    id: record.value("id").map(str::to_owned),
                    address,
                    member,
                });
            }
        }
        Ok(members)
    }

    /// Takes what a row asks for: nothing where the member is so already.
    pub fn take(&mut self, job: Job, member: &Member) {
        match (job.is_so)(member) {
            true => self.unchanged.push(job),
            false => self.jobs.push(job),
        }
    }

    /// Whether faults keep anything from being sent.
    pub fn is_stopped(&self, flags: &FileFlags) -> bool {
        !self.faults.is_empty() && !flags.skip_invalid
    }

    /// Shows the intent, asks, does it, and reports.
    ///
    /// # Errors
    /// `confirmation_needed`, `cancelled`, `cluster_unreachable`, `undecided`, `report_unwritable`. What single rows are refused for
    /// stands in the answer.
    pub fn finish(
        mut self,
        session: &Session,
        flags: &FileFlags,
        intent: Intent,
        label: &str,
    ) -> Result<Answer> {
        self.faults.sort_by_key(|fault| fault.line);
        let mut report = Report {
            rows: self.rows,
            done: 0,
            unchanged: 0,
            failed: 0,
            planned: 0,
            transactions: 0,
            dry_run: flags.dry_run,
            stopped: self.is_stopped(flags),
            faults: std::mem::take(&mut self.faults),
            members: Vec::new(),
        };
        if !report.stopped {
            for job in &self.unchanged {
                report.count(job, Outcome::Unchanged, None, None);
            }
            if flags.dry_run {
                for job in &self.jobs {
                    report.count(job, Outcome::Planned, None, None);
                }
            } else if !self.jobs.is_empty() {
                session
                    .ledger
                    .confirm(&intent.with("members", self.jobs.len()))?;
                report.send(session, label, &self.jobs)?;
            }
            report.members.sort_by_key(|line| line.line);
        }
        if let Some(path) = &flags.report {
            write_report(path, &report, &report.csv())?;
        }
        let success = !report.stopped && report.failed == 0;
        Ok(Answer::new(&report)?.with_success(success))
    }
}

/// The members at addresses, in their order; none where there is none.
///
/// # Errors
/// `cluster_unreachable`.
pub fn read(cluster: &Cluster, addresses: &[Pubkey]) -> Result<Vec<Option<Member>>> {
    let accounts = cluster.accounts(addresses)?.into_iter();
    let member = accounts.map(|account| {
        let account = account.filter(|account| account.owner == claims::ID)?;
        decode_zero_copy(&account.data).ok()
    });
    Ok(member.collect())
}

/// What a run did about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// This run did it.
    Done,
    /// It was so already, or somebody else was quicker.
    Unchanged,
    /// It was refused.
    Failed,
    /// It would be done.
    Planned,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Planned => "planned",
        }
    }
}

/// What became of a row.
#[derive(Debug, Serialize)]
struct Line {
    line: u64,
    id: Option<String>,
    member: Option<String>,
    outcome: Outcome,
    signature: Option<String>,
    error: Option<CliError>,
}

/// As JSON: `{"rows": 3, "done": 2, "unchanged": 1, "failed": 0, "planned": 0, "transactions": 1, "dry_run": false, "stopped": false,
/// "faults": [{"line": 3, "column": "from", "code": "...", "message": "..."}], "members": [{"line": 2, "id": "M-4711", "member":
/// "...", "outcome": "done" | "unchanged" | "failed" | "planned", "signature": "...", "error": null}]}`. Where it was stopped for
/// its faults, `members` is empty.
#[derive(Debug, Serialize)]
struct Report {
    rows: usize,
    done: usize,
    unchanged: usize,
    failed: usize,
    planned: usize,
    transactions: usize,
    dry_run: bool,
    stopped: bool,
    faults: Vec<Fault>,
    members: Vec<Line>,
}

impl Report {
    fn count(
        &mut self,
        job: &Job,
        outcome: Outcome,
        signature: Option<String>,
        error: Option<CliError>,
    ) {
        let counted = match outcome {
            Outcome::Done => &mut self.done,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Failed => &mut self.failed,
            Outcome::Planned => &mut self.planned,
        };
        *counted = counted.saturating_add(1);
        self.members.push(Line {
            line: job.line,
            id: job.id.clone(),
            member: job.member.map(|address| address.to_string()),
            outcome,
            signature,
            error,
        });
    }

    fn send(&mut self, session: &Session, label: &str, jobs: &[Job]) -> Result<()> {
        let ledger = &session.ledger;
        let bar = ledger.settings.notes.bar(jobs.len() as u64, label);
        let errands: Vec<Errand> = jobs
            .iter()
            .map(|job| Errand {
                instructions: job.instructions.clone(),
                signer: None,
            })
            .collect();
        let fates = ledger.send_packed(label, &errands, |count| bar.inc(count as u64));
        bar.finish_and_clear();
        let fates = fates?;
        let landed: BTreeSet<&String> = fates.iter().flatten().collect();
        self.transactions = landed.len();
        // What somebody else has done in the meantime is done, whatever this transaction was refused for.
        let doubtful: Vec<Pubkey> = jobs
            .iter()
            .zip(&fates)
            .filter(|(_, fate)| fate.is_err())
            .filter_map(|(job, _)| job.member)
            .collect();
        let mut after = read(session.cluster(), &doubtful)?.into_iter();
        for (job, fate) in jobs.iter().zip(fates) {
            match fate {
                Ok(signature) => self.count(job, Outcome::Done, Some(signature), None),
                Err(error) => {
                    let member = job.member.and_then(|_| after.next().flatten());
                    match member.is_some_and(|member| (job.is_so)(&member)) {
                        true => self.count(job, Outcome::Unchanged, None, None),
                        false => self.count(job, Outcome::Failed, None, Some(error)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Identifiers are the insurer's own: those that a spreadsheet would take for a formula are refused when they are read.
    fn csv(&self) -> String {
        let mut text = String::from("line,id,member,outcome,signature,column,error\n");
        let mut faults = self.faults.iter().peekable();
        let mut fault = |text: &mut String, before: u64| {
            while let Some(fault) = faults.next_if(|fault| fault.line < before) {
                *text += &format!(
                    "{},,,faulty,,{},{}\n",
                    fault.line,
                    fault.column.unwrap_or_default(),
                    fault.code
                );
            }
        };
        for row in &self.members {
            fault(&mut text, row.line);
            text += &format!(
                "{},{},{},{},{},,{}\n",
                row.line,
                row.id.as_deref().map(quoted).unwrap_or_default(),
                row.member.as_deref().unwrap_or_default(),
                row.outcome.name(),
                row.signature.as_deref().unwrap_or_default(),
                row.error.as_ref().map_or("", |error| error.code.as_str()),
            );
        }
        fault(&mut text, u64::MAX);
        text
    }
}

/// A value as CSV has it: between quotes where it has a comma or quotes in it.
pub fn quoted(value: &str) -> String {
    match value.contains([',', '"']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

/// Faults as people read them, one a line.
pub fn write_faults(f: &mut fmt::Formatter, faults: &[Fault]) -> fmt::Result {
    for fault in faults {
        let column = fault
            .column
            .map_or_else(String::new, |column| format!(", {column}"));
        writeln!(
            f,
            "line {}{column}: {} [{}]",
            fault.line, fault.message, fault.code
        )?;
    }
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write_faults(f, &self.faults)?;
        for row in &self.members {
            if let Some(error) = &row.error {
                let id = row.id.as_deref().or(row.member.as_deref());
                writeln!(f, "line {}, {}: {error}", row.line, id.unwrap_or("?"))?;
            }
        }
        if self.stopped {
            return write!(
                f,
                "{} things are wrong with the {} rows. Nothing was sent; mend the file, or leave those rows out with --skip-invalid.",
                self.faults.len(),
                self.rows
            );
        }
        if self.dry_run {
            write!(
                f,
                "{} to be done, {} are so already. Nothing was sent.",
                self.planned, self.unchanged
            )?;
        } else {
            write!(
                f,
                "{} done in {} transactions, {} were so already, {} failed.",
                self.done, self.transactions, self.unchanged, self.failed
            )?;
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        write!(f, " {} faulty values were left out.", self.faults.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_each_row_in_the_files_order() {
        let line = |line, id: &str, outcome, error: Option<&str>| Line {
            line,
            id: Some(id.to_owned()),
            member: Some("M".to_owned()),
            outcome,
            signature: None,
            error: error.map(|code| CliError::new(code, "Refused.")),
        };
        let fault = |line, column| Fault {
            line,
            column,
            code: "date_invalid".to_owned(),
            message: "No date.".to_owned(),
        };
        let report = Report {
            rows: 5,
            done: 1,
            unchanged: 0,
            failed: 1,
            planned: 0,
            transactions: 1,
            dry_run: false,
            stopped: false,
            faults: vec![fault(2, Some("from")), fault(4, None), fault(6, Some("to"))],
            members: vec![
                line(3, "a,\"b\"", Outcome::Done, None),
                line(5, "c", Outcome::Failed, Some("plan_of_other_pool")),
            ],
        };
        assert_eq!(
            report.csv(),
            "line,id,member,outcome,signature,column,error\n\
             2,,,faulty,,from,date_invalid\n\
             3,\"a,\"\"b\"\"\",M,done,,,\n\
             4,,,faulty,,,date_invalid\n\
             5,c,M,failed,,,plan_of_other_pool\n\
             6,,,faulty,,to,date_invalid\n"
        );
    }
}
