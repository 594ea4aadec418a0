//! Doing something for many members: a table is checked whole, and nothing is sent while a row is wrong, unless those are to be
//! left out. What the ledger says decides what is still to be done: a run that was killed is simply begun again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use claims::error::ClaimsError;
use claims::state::{decode_zero_copy, Member};
use registry::state::Permission;
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::change::Desk;
use crate::chain::intent::Intent;
use crate::chain::organization;
use crate::chain::people::{self, PeopleFlags};
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::command::trial::rows::{self, Reason, Record, Seen, Sheet};
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::{write_report, Answer};
use crate::send::{foreseen, Errand, Fates};
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
    /// An error about the value of a column of this record.
    pub fn of(record: &Record, column: &'static str, error: CliError) -> Self {
        Self::at(record.line.unwrap_or_default(), column, error)
    }

    /// An error about the value of a column on this line.
    pub fn at(line: u64, column: &'static str, error: CliError) -> Self {
        Self {
            line,
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

/// Tells by an account's data whether something has been done.
pub type IsSo = Box<dyn Fn(&[u8]) -> bool>;

/// Tells by a member's account.
pub fn by_member(is_so: impl Fn(&Member) -> bool + 'static) -> IsSo {
    Box::new(move |data| decode_zero_copy(data).is_ok_and(|member| is_so(&member)))
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
    /// One of [`Work::before`] that must be there; none where nothing must.
    pub needs: Option<Pubkey>,
    /// The account that shows whether it is done; none while nobody knows its address.
    pub shown_by: Option<Pubkey>,
    /// Whether it is done, by that account.
    pub is_so: IsSo,
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
    /// Accounts that are made before anything else is done, because several rows need one: its address and what makes it.
    pub before: Vec<(Pubkey, Instruction)>,
    /// What is to be done.
    pub jobs: Vec<Job>,
}

/// A row about a member who is on the ledger.
pub struct Row {
    /// The row's line.
    pub line: u64,
    /// The member's identifier, where the row has it.
    pub id: Option<String>,
    /// The member's account.
    pub address: Pubkey,
    /// The member.
    pub member: Member,
}

impl Row {
    /// What is to be done for the member, shown by another account than the member's.
    pub fn job(self, instruction: Instruction, shown_by: Pubkey, is_so: IsSo) -> Job {
        Job {
            line: self.line,
            id: self.id,
            member: Some(self.address),
            instructions: vec![instruction],
            needs: None,
            shown_by: Some(shown_by),
            is_so,
        }
    }
}

/// Organisations that rows name, each asked for once.
#[derive(Default)]
pub struct Organizations(BTreeMap<Pubkey, Result<Pubkey>>);

impl Organizations {
    /// The address of the organisation that a key names, or why there is none.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn find(&mut self, cluster: &Cluster, named: Pubkey) -> Result<Result<Pubkey>> {
        if let Some(known) = self.0.get(&named) {
            return Ok(known.clone());
        }
        let found = match organization::resolve(cluster, &named) {
            Err(error) if error.is_of_the_node() => return Err(error),
            found => found.map(|(address, _)| address),
        };
        self.0.insert(named, found.clone());
        Ok(found)
    }
}

/// A table of members of a pool, and who acts for its insurer.
pub struct Table<'a> {
    /// The cluster, and who signs.
    pub session: Session<'a>,
    /// Under which record who signs acts.
    pub desk: Desk,
    /// What the rows come to.
    pub work: Work,
    /// Rows whose every value can be read as text.
    pub records: Vec<Record>,
    flags: &'a FileFlags,
    name: String,
}

impl<'a> Table<'a> {
    /// Reads a table of these columns, of which some are needed, and finds the record under which the signer may do this.
    ///
    /// # Errors
    /// Those of [`rows::read_columns`], `public_ledger`, `not_found`, those of [`Session::staff`].
    pub fn open(
        flags: &'a FileFlags,
        (columns, needed): (&[&'static str], &[&str]),
        (pool, permission): (Pubkey, Permission),
        people: &PeopleFlags,
        settings: &'a Settings,
    ) -> Result<Self> {
        let path = flags.file.as_deref().ok_or_else(|| {
            CliError::new("missing_value", "Say which table is meant, with --file.")
        })?;
        let mut sheet = rows::read_columns(path, columns, needed)?;
        let session = Session::open(settings)?;
        session
            .cluster()
            .require_private(people.public_ledger_accepted)?;
        Ok(Self {
            desk: Desk::open(&session, pool, permission)?,
            session,
            work: Work::of(&mut sheet),
            records: sheet.records,
            flags,
            name: document::name(path),
        })
    }

    /// The members whom the columns `id` and `member` name, each with what `read` finds in its row; each `once` where that is said.
    /// All rows are read, whether their member is known or not: what is wrong is said at once.
    ///
    /// # Errors
    /// Those of [`Work::members`], and of `read` where nothing can be said of a row.
    pub fn rows<T>(
        &mut self,
        once: bool,
        mut read: impl FnMut(&Session, &Record, &mut Vec<Fault>) -> Result<Option<T>>,
    ) -> Result<Vec<(Row, T)>> {
        let mut wanted = BTreeMap::new();
        for record in &self.records {
            if let Some(found) = read(&self.session, record, &mut self.work.faults)? {
                wanted.insert(record.line.unwrap_or_default(), found);
            }
        }
        let (cluster, store) = (self.session.cluster(), &self.session.ledger.store);
        let members = self
            .work
            .members(cluster, store, &self.desk.pool, &self.records, once)?;
        let with = |row: Row| wanted.remove(&row.line).map(|wanted| (row, wanted));
        Ok(members.into_iter().filter_map(with).collect())
    }

    /// Whether nothing is to be sent: something is wrong, or it is only looked at.
    pub fn sends_nothing(&self) -> bool {
        self.work.is_stopped(self.flags) || self.flags.dry_run
    }

    /// Shows the intent, asks, does it, and reports.
    ///
    /// # Errors
    /// Those of [`Work::finish`].
    pub fn finish(self, title: &'static str, label: &str) -> Result<Answer> {
        let intent = Intent::new(title)
            .with("pool", self.desk.pool)
            .with("table", self.name);
        self.work.finish(&self.session, self.flags, intent, label)
    }
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
    pub fn members(
        &mut self,
        cluster: &Cluster,
        store: &Store,
        pool: &Pubkey,
        records: &[Record],
        once: bool,
    ) -> Result<Vec<Row>> {
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
                    line: record.line.unwrap_or_default(),
                    id: record.value("id").map(str::to_owned),
                    address,
                    member,
                });
            }
        }
        Ok(members)
    }

    /// Takes a change of a row's member: nothing is to be done where the member `is_so` already.
    pub fn change(
        &mut self,
        row: Row,
        instruction: Instruction,
        is_so: impl Fn(&Member) -> bool + 'static,
    ) {
        let (address, done) = (row.address, is_so(&row.member));
        self.take(row.job(instruction, address, by_member(is_so)), done);
    }

    /// Takes what a row asks for, which may be `done` already.
    pub fn take(&mut self, job: Job, done: bool) {
        match done {
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
                    .confirm(&intent.with("rows", self.jobs.len()))?;
                let missing = report.prepare(session, label, &self.before)?;
                report.send(session, label, &self.jobs, &missing)?;
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

    /// Makes what several rows need. Returns what is not there then, and why.
    fn prepare(
        &mut self,
        session: &Session,
        label: &str,
        before: &[(Pubkey, Instruction)],
    ) -> Result<BTreeMap<Pubkey, CliError>> {
        let work = before
            .iter()
            .map(|(_, instruction)| vec![instruction.clone()]);
        let fates = self.deliver(session, label, work.collect())?;
        let refused: BTreeMap<Pubkey, CliError> = before
            .iter()
            .zip(fates)
            .filter_map(|((address, _), fate)| Some((*address, fate.err()?)))
            .collect();
        // What somebody else has made in the meantime is there.
        let addresses: Vec<Pubkey> = refused.keys().copied().collect();
        let there = session.cluster().accounts(&addresses)?;
        let missing = refused.into_iter().zip(there);
        let missing = missing.filter(|(_, account)| {
            account
                .as_ref()
                .is_none_or(|account| account.owner != claims::ID)
        });
        Ok(missing.map(|(refused, _)| refused).collect())
    }

    fn send(
        &mut self,
        session: &Session,
        label: &str,
        jobs: &[Job],
        missing: &BTreeMap<Pubkey, CliError>,
    ) -> Result<()> {
        let lacks = |job: &Job| job.needs.and_then(|needed| missing.get(&needed));
        let (without, jobs): (Vec<&Job>, Vec<&Job>) =
            jobs.iter().partition(|job| lacks(job).is_some());
        for job in without {
            self.count(job, Outcome::Failed, None, lacks(job).cloned());
        }
        let work = jobs.iter().map(|job| job.instructions.clone());
        let fates = self.deliver(session, label, work.collect())?;
        // What somebody else has done in the meantime is done, whatever this transaction was refused for.
        let doubtful: Vec<Pubkey> = jobs
            .iter()
            .zip(&fates)
            .filter(|(_, fate)| fate.is_err())
            .filter_map(|(job, _)| job.shown_by)
            .collect();
        let mut after = session.cluster().accounts(&doubtful)?.into_iter();
        for (job, fate) in jobs.into_iter().zip(fates) {
            match fate {
                Ok(signature) => self.count(job, Outcome::Done, Some(signature), None),
                Err(error) => {
                    let account = job.shown_by.and_then(|_| after.next().flatten());
                    let account = account.filter(|account| account.owner == claims::ID);
                    match account.is_some_and(|account| (job.is_so)(&account.data)) {
                        true => self.count(job, Outcome::Unchanged, None, None),
                        false => self.count(job, Outcome::Failed, None, Some(error)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends these, several in a transaction, and counts the transactions.
    fn deliver(
        &mut self,
        session: &Session,
        label: &str,
        work: Vec<Vec<Instruction>>,
    ) -> Result<Fates> {
        let ledger = &session.ledger;
        let bar = ledger.settings.notes.bar(work.len() as u64, label);
        let errands: Vec<Errand> = work
            .into_iter()
            .map(|instructions| Errand {
                instructions,
                signer: None,
            })
            .collect();
        let fates = ledger.send_packed(label, &errands, |count| bar.inc(count as u64));
        bar.finish_and_clear();
        let fates = fates?;
        let landed: BTreeSet<&String> = fates.iter().flatten().collect();
        self.transactions = self.transactions.saturating_add(landed.len());
        Ok(fates)
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
