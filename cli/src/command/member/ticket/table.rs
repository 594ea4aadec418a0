//! Tickets for many members, each provider's in a folder of its own: what is handed to one says nothing of another's patients.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde::Serialize;
use solana_pubkey::Pubkey;

use super::{check_days, Args, Desk, Subject, Ticket};
use crate::command::member::bulk::{
    keep, quoted, value_or, write_faults, Fault, Organizations, Work,
};
use crate::command::trial::rows::{self, Record};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{write_report, Answer};

/// The columns of a table of tickets to be.
const COLUMNS: [&str; 5] = ["id", "provider", "from", "to", "nonce"];
/// The table that `galen claim batch` takes.
const INDEX: &str = "members.csv";
const INDEX_HEADER: &str = "patient,ticket";
/// Letters of a ticket's signature in its file's name: one member has several tickets.
const NAME_LETTERS: usize = 12;

/// What became of a row.
#[derive(Debug, Serialize)]
struct Line {
    line: u64,
    id: String,
    member: String,
    provider: String,
    /// `written`, `unchanged`, `planned`.
    outcome: &'static str,
    /// The ticket's file.
    ticket: String,
}

/// As JSON: `{"rows": 2, "written": 1, "unchanged": 1, "dry_run": false, "stopped": false, "faults": [{"line": 3, "column": "id", "code":
/// "...", "message": "..."}], "tickets": [{"line": 2, "id": "M-4711", "member": "...", "provider": "...", "outcome": "written",
/// "ticket": "tickets/.../....json"}]}`.
#[derive(Debug, Serialize)]
struct Report {
    rows: usize,
    written: usize,
    unchanged: usize,
    dry_run: bool,
    stopped: bool,
    faults: Vec<Fault>,
    tickets: Vec<Line>,
}

/// What a good row asks for, but the member.
struct Wanted {
    provider: Pubkey,
    from: galen_rules::Date,
    to: galen_rules::Date,
    nonce: Option<u64>,
}

/// Signs and writes a table's tickets.
///
/// # Errors
/// `missing_value` without --out, `ticket_signer_mismatch`, `ticket_unwritable`, those of [`rows::read_columns`].
pub fn run(args: &Args, path: &Path, settings: &Settings) -> Result<Answer> {
    let out = args.out.as_deref().ok_or_else(|| {
        CliError::new(
            "missing_value",
            "Say in which folder the tickets are to be written, with --out.",
        )
    })?;
    let mut sheet = rows::read_columns(path, &COLUMNS, &["id"])?;
    let desk = Desk::open(args.pool, settings)?;
    let mut work = Work::of(&mut sheet);
    let mut reader = Reader {
        args,
        desk: &desk,
        providers: Organizations::default(),
    };
    let mut all = BTreeMap::new();
    for record in &sheet.records {
        if let Some(wanted) = reader.read(record, &mut work.faults)? {
            all.insert(record.line.unwrap_or_default(), wanted);
        }
    }
    // One member may see several providers.
    let members = work.members(
        &desk.cluster,
        &desk.store,
        &args.pool,
        &sheet.records,
        false,
    )?;
    work.faults.sort_by_key(|fault| fault.line);
    let mut report = Report {
        rows: work.rows,
        written: 0,
        unchanged: 0,
        dry_run: args.many.dry_run,
        stopped: work.is_stopped(&args.many),
        faults: work.faults,
        tickets: Vec::new(),
    };
    let members = if report.stopped { Vec::new() } else { members };
    let bar = settings.notes.bar(members.len() as u64, "Signing tickets");
    let mut patients: BTreeMap<Pubkey, Vec<String>> = BTreeMap::new();
    for row in members {
        bar.inc(1);
        let Some(wanted) = all.get(&row.line) else {
            continue;
        };
        let ticket = desk.sign(&Subject {
            member: row.address,
            provider: wanted.provider,
            from: wanted.from,
            to: wanted.to,
            nonce: wanted.nonce.unwrap_or(row.member.ticket_floor),
        })?;
        let letters = ticket.signature.chars().take(NAME_LETTERS);
        let name = format!("{}-{}.json", row.address, letters.collect::<String>());
        let folder = out.join(&ticket.provider);
        let file = folder.join(&name);
        let outcome = match (args.many.dry_run, is_written(&file, &ticket)) {
            (true, false) => "planned",
            (_, true) => "unchanged",
            (false, false) => {
                write(&folder, &file, &text(&ticket))?;
                report.written = report.written.saturating_add(1);
                "written"
            }
        };
        if outcome == "unchanged" {
            report.unchanged = report.unchanged.saturating_add(1);
        }
        let id = row.id.unwrap_or_default();
        let patient = format!("{},{name}", quoted(&id));
        patients.entry(wanted.provider).or_default().push(patient);
        report.tickets.push(Line {
            line: row.line,
            id,
            member: ticket.member,
            provider: ticket.provider,
            outcome,
            ticket: file.display().to_string(),
        });
    }
    bar.finish_and_clear();
    if !args.many.dry_run {
        for (provider, rows) in patients {
            index(&out.join(provider.to_string()), rows)?;
        }
    }
    if let Some(path) = &args.many.report {
        write_report(path, &report, &report.csv())?;
    }
    let success = !report.stopped;
    Ok(Answer::new(&report)?.with_success(success))
}

/// Reads a table's rows.
struct Reader<'a> {
    args: &'a Args,
    desk: &'a Desk,
    providers: Organizations,
}

impl Reader<'_> {
    /// What a row asks for; none where something is wrong with it, which is kept.
    fn read(&mut self, record: &Record, faults: &mut Vec<Fault>) -> Result<Option<Wanted>> {
        let args = self.args;
        let provider = value_or(record, "provider", args.provider.as_ref(), rows::key);
        let provider = match keep(faults, provider) {
            None => None,
            Some(named) => {
                let found = self
                    .providers
                    .find(&self.desk.cluster, named)?
                    .map_err(|error| Fault::of(record, "provider", error));
                keep(faults, found)
            }
        };
        let from = keep(
            faults,
            value_or(record, "from", args.from.as_ref(), rows::date),
        );
        let to = keep(faults, value_or(record, "to", args.to.as_ref(), rows::date));
        let nonce = keep(faults, record.read_if("nonce", rows::ticket_number));
        let (Some(provider), Some(from), Some(to), Some(nonce)) = (provider, from, to, nonce)
        else {
            return Ok(None);
        };
        let days = check_days(from, to).map_err(|error| Fault::of(record, "to", error));
        Ok(keep(faults, days).map(|()| Wanted {
            provider,
            from,
            to,
            nonce: nonce.or(args.nonce),
        }))
    }
}

fn text(ticket: &Ticket) -> String {
    format!("{ticket}\n")
}

/// Whether the file is there with all of the ticket in it: of a run that was killed it may have a part.
fn is_written(file: &Path, ticket: &Ticket) -> bool {
    fs::read_to_string(file).is_ok_and(|there| there == text(ticket))
}

/// Writes a file for its user alone.
fn write(folder: &Path, file: &Path, text: &str) -> Result<()> {
    let written = || {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(file)?;
        file.write_all(text.as_bytes())
    };
    written().map_err(|error: std::io::Error| {
        CliError::new(
            "ticket_unwritable",
            format!("{} cannot be written: {error}.", file.display()),
        )
    })
}

/// Adds rows to a provider's table; those of earlier runs stay.
fn index(folder: &Path, rows: Vec<String>) -> Result<()> {
    let file = folder.join(INDEX);
    let before = fs::read_to_string(&file).unwrap_or_default();
    let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        lines.push(INDEX_HEADER.to_owned());
    }
    let known: BTreeSet<String> = lines.iter().cloned().collect();
    lines.extend(rows.into_iter().filter(|row| !known.contains(row)));
    write(folder, &file, &(lines.join("\n") + "\n"))
}

impl Report {
    fn csv(&self) -> String {
        let mut text = String::from("line,id,member,provider,outcome,ticket,column,error\n");
        for row in &self.tickets {
            text += &format!(
                "{},{},{},{},{},{},,\n",
                row.line,
                quoted(&row.id),
                row.member,
                row.provider,
                row.outcome,
                quoted(&row.ticket)
            );
        }
        for fault in &self.faults {
            text += &format!(
                "{},,,,faulty,,{},{}\n",
                fault.line,
                fault.column.unwrap_or_default(),
                fault.code
            );
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write_faults(f, &self.faults)?;
        if self.stopped {
            return write!(
                f,
                "{} things are wrong with the {} rows. Nothing was written; mend the file, or leave those rows out with --skip-invalid.",
                self.faults.len(),
                self.rows
            );
        }
        if self.dry_run {
            let planned = self.tickets.len().saturating_sub(self.unchanged);
            return write!(
                f,
                "{planned} tickets to be written, {} are there already. Nothing was written.",
                self.unchanged
            );
        }
        write!(
            f,
            "{} tickets written, {} were there already.",
            self.written, self.unchanged
        )
    }
}
