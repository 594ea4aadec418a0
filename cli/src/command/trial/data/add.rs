//! `galen trial data add`

use std::fmt;
use std::path::PathBuf;

use galen_rules::trial::data_log::ChangeReason;
use serde::Serialize;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use super::super::rows::{self, Fault, Reason, Record};
use super::log::{Adding, Log};
use super::point::{self, out_of_line, Audit, Item, Opened, Salts};
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::random;

/// Flags of `galen trial data add`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data add trial.datalog visit1.csv
  galen trial data add trial.datalog - --output json < corrections.csv

POINTS has the columns subject, visit, item, value, at, reason, user, location and source. `at` is as in 2026-03-05T10:00:00Z;
`reason` is first_entry, entry_error, new_information, query_answered or withdrawn, and a change follows the last value of its item by
itself. Nothing is overwritten: a change is a new data point. All rows are added or none; a row that stands in the log already, word for
word, is left out, so running it again adds nothing. The log holds the data in clear, with the salts: it stays with whoever keeps them.")]
pub struct Args {
    /// The log file; begun where there is none
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// The data points, as CSV; - is stdin
    #[arg(value_name = "POINTS")]
    points: PathBuf,
}

/// As JSON: `{"added": 2, "unchanged": 0, "points": 12, "faults": []}`.
#[derive(Debug, Serialize)]
struct Report {
    added: u64,
    unchanged: u64,
    points: u64,
    faults: Vec<Fault>,
}

/// Runs the command.
///
/// # Errors
/// Those of the table and of the log file.
pub fn run(args: &Args) -> Result<Answer> {
    let needed = [
        "subject", "visit", "item", "value", "at", "reason", "user", "location", "source",
    ];
    let sheet = rows::read(&args.points, &needed)?;
    let mut report = Report {
        added: 0,
        unchanged: 0,
        points: 0,
        faults: sheet.faults,
    };
    let mut log = Log::open_or_begin(&args.log)?;
    let added = log.add(|adding| {
        let mut position = adding.next()?;
        for record in &sheet.records {
            match entry(adding, record, position)? {
                Ok(Some(point)) => {
                    adding.add(position, &point)?;
                    position = position.saturating_add(1);
                    report.added = report.added.saturating_add(1);
                }
                Ok(None) => report.unchanged = report.unchanged.saturating_add(1),
                Err(fault) => report.faults.push(fault),
            }
        }
        // Undoes what was added before the first fault was met.
        if report.faults.is_empty() {
            Ok(())
        } else {
            Err(CliError::new("rows_wrong", "Rows are wrong."))
        }
    });
    match added {
        Err(error) if report.faults.is_empty() => return Err(error),
        Err(_) => (report.added, report.unchanged) = (0, 0),
        Ok(()) => {}
    }
    report.points = log.count()?;
    let is_clean = report.faults.is_empty();
    Ok(Answer::new(&report)?.with_success(is_clean))
}

/// What a row adds at `position`; nothing where it is in the log already.
fn entry(
    adding: &Adding<'_>,
    record: &Record,
    position: u64,
) -> Result<std::result::Result<Option<Opened>, Fault>> {
    let read = match read(record) {
        Ok(read) => read,
        Err(fault) => return Ok(Err(fault)),
    };
    let before = adding.last(&read.item)?;
    if let Some((_, last)) = &before {
        if last.value == read.value
            && last.audit == read.audit
            && (last.at, last.reason) == (read.at, read.reason)
        {
            return Ok(Ok(None));
        }
    }
    let item_salt = match &before {
        Some((_, last)) => last.salts.item,
        None => random()?,
    };
    let point = Opened {
        follows: before.as_ref().map(|(place, _)| *place),
        salts: Salts {
            item: item_salt,
            value: random()?,
            audit: random()?,
        },
        ..read
    };
    let followed = before.map(|(_, last)| last.point());
    Ok(match point.point().check(position, followed.as_ref()) {
        Ok(()) => Ok(Some(point)),
        Err(wrong) => Err(out_of_line(wrong).at(record.line, "reason")),
    })
}

/// A row's values; salts and what it follows are still to come.
fn read(record: &Record) -> std::result::Result<Opened, Fault> {
    let text = |column| record.read(column, |text| Ok(text.to_owned()));
    let reason = record.read("reason", |name| {
        point::reason(name).ok_or_else(|| {
            Reason::new(
                "reason_invalid",
                format!("{name:?} is none of {}.", point::reason_names()),
            )
        })
    })?;
    let value = match (record.value("value"), reason) {
        (Some(_), ChangeReason::Withdrawn) => {
            let wrong = Reason::new(
                "value_withdrawn",
                "What is withdrawn has no value; leave it empty.",
            );
            return Err(wrong.at(record.line, "value"));
        }
        (None, ChangeReason::Withdrawn) => String::new(),
        _ => text("value")?,
    };
    Ok(Opened {
        item: Item {
            subject: text("subject")?,
            visit: text("visit")?,
            item: text("item")?,
        },
        value,
        audit: Audit {
            user: text("user")?,
            location: text("location")?,
            source: record.value("source").unwrap_or_default().to_owned(),
        },
        at: record.read("at", moment)?,
        reason,
        follows: None,
        salts: Salts {
            item: [0; 32],
            value: [0; 32],
            audit: [0; 32],
        },
    })
}

fn moment(text: &str) -> std::result::Result<i64, Reason> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| {
            Reason::new(
                "time_invalid",
                format!("{text:?} is no moment; write it as 2026-03-05T10:00:00Z."),
            )
        })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for fault in &self.faults {
            let line = fault.line.unwrap_or_default();
            writeln!(f, "line {line}: {} ({})", fault.message, fault.code)?;
        }
        if !self.faults.is_empty() {
            return write!(
                f,
                "{} rows are wrong, and nothing was added.",
                self.faults.len()
            );
        }
        write!(
            f,
            "{} added, {} there already; the log has {} data points.",
            self.added, self.unchanged, self.points
        )
    }
}
