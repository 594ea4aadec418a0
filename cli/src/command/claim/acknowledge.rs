//! `galen claim acknowledge`

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use galen_documents::Problem;
use galen_rules::Date;
use galen_x12::acknowledgement::{envelope_back, write_277ca, write_999, Verdict};
use galen_x12::read_837p;
use serde::Serialize;

use crate::document;
use crate::error::{CliError, Result};
use crate::output::{table, Answer};
use crate::store;

const SECONDS_PER_DAY: u64 = 86_400;

/// Flags of `galen claim acknowledge`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim acknowledge day.837 --out-999 day.999 --out-277 day.277 --control 41

Reads an interchange of X12 837P claims and writes what answers it: the 999 says whether the form of each transaction set is
right, the 277CA which claims go on to adjudication. A transaction set is accepted with errors where some of its claims
are readable. Needs no network. Exit code 1 where anything is rejected.")]
pub struct Args {
    /// The interchange
    #[arg(value_name = "INTERCHANGE")]
    interchange: PathBuf,
    /// Where the 999 is written
    #[arg(long, value_name = "FILE")]
    out_999: PathBuf,
    /// Where the 277CA is written; it is not, where every transaction set is rejected
    #[arg(long, value_name = "FILE")]
    out_277: PathBuf,
    /// The control number of the answers, the next one of whoever sends them: 1 to 999999999
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=999_999_999))]
    control: u32,
    /// The currency of the plan
    #[arg(long, value_name = "CODE", default_value = "USD")]
    currency: String,
}

/// What was found.
#[derive(Serialize)]
struct Report {
    sets: Vec<Set>,
    accepted: usize,
    rejected: usize,
    /// Whether there was a 277CA to write.
    claims_acknowledged: bool,
}

#[derive(Serialize)]
struct Set {
    /// ST02.
    control: String,
    /// `accepted`, `accepted_with_errors`, `rejected`.
    verdict: &'static str,
    /// Why, where it is rejected as such.
    refusal: Option<Refusal>,
    claims: Vec<Claim>,
}

#[derive(Serialize)]
struct Claim {
    control_number: String,
    accepted: bool,
    refusal: Option<Refusal>,
}

#[derive(Serialize)]
struct Refusal {
    code: String,
    message: String,
    at: String,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code,
            message: problem.message,
            at: problem.at,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// `contradiction` for one file for both, those of the reader for the interchange as such, `file_exists`, `file_unwritable`,
/// `clock_unusable`. Nothing is written then.
pub fn run(args: &Args) -> Result<Answer> {
    if args.out_999 == args.out_277 {
        return Err(CliError::new(
            "contradiction",
            "The 999 and the 277CA are two documents: name another file with --out-277.",
        ));
    }
    let name = document::name(&args.interchange);
    let refused = |problem| CliError::in_document(&name, problem);
    let bytes = document::bytes(&args.interchange)?;
    let text = galen_x12::text(&bytes).map_err(refused)?;
    let read = read_837p(text, &args.currency).map_err(|fault| refused(fault.into()))?;
    let (date, minute) = now()?;
    let envelope = envelope_back(&read.interchange, date, minute, args.control);
    let form = write_999(&read, &envelope).map_err(refused)?;
    let claims = write_277ca(&read, &envelope).map_err(refused)?;
    let mut documents = vec![(args.out_999.as_path(), form.as_str())];
    documents.extend(claims.as_deref().map(|text| (args.out_277.as_path(), text)));
    write_together(&documents)?;
    let sets: Vec<Set> = read
        .sets
        .iter()
        .map(|set| Set {
            control: read
                .interchange
                .groups
                .get(set.group)
                .and_then(|group| group.sets.get(set.index))
                .map_or_else(String::new, |set| set.control.clone()),
            verdict: match Verdict::of(set) {
                Verdict::Accepted => "accepted",
                Verdict::AcceptedWithErrors => "accepted_with_errors",
                Verdict::Rejected => "rejected",
            },
            refusal: set
                .header
                .as_ref()
                .err()
                .map(|fault| Problem::from(fault.clone()).into()),
            claims: set
                .claims
                .iter()
                .map(|entry| Claim {
                    control_number: entry.control_number.clone(),
                    accepted: entry.claim.is_ok() && Verdict::of(set) != Verdict::Rejected,
                    refusal: entry
                        .claim
                        .as_ref()
                        .err()
                        .map(|fault| Problem::from(fault.clone()).into()),
                })
                .collect(),
        })
        .collect();
    let accepted = sets
        .iter()
        .flat_map(|set| &set.claims)
        .filter(|claim| claim.accepted)
        .count();
    let total = sets.iter().map(|set| set.claims.len()).sum::<usize>();
    let rejected = total.saturating_sub(accepted);
    let is_clean = rejected == 0 && sets.iter().all(|set| set.verdict == "accepted");
    let report = Report {
        sets,
        accepted,
        rejected,
        claims_acknowledged: claims.is_some(),
    };
    Ok(Answer::new(&report)?.with_success(is_clean))
}

/// This machine's day and minute: answers are dated by who writes them.
pub fn now() -> Result<(Date, u16)> {
    let unusable = || {
        CliError::new(
            "clock_unusable",
            "The clock of this machine says no day that a calendar has; set it.",
        )
    };
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| unusable())?;
    let seconds = i64::try_from(since.as_secs()).map_err(|_| unusable())?;
    let date = Date::from_unix(seconds).ok_or_else(unusable)?;
    let minute = u16::try_from(since.as_secs() % SECONDS_PER_DAY / 60).map_err(|_| unusable())?;
    Ok((date, minute))
}

/// Writes an X12 document: never over a file that exists, and for its user alone, since it says who was treated.
///
/// # Errors
/// `file_exists`, `file_unwritable`.
pub fn write(path: &Path, text: &str) -> Result<()> {
    store::write_private(path, text.as_bytes()).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "file_exists",
            _ => "file_unwritable",
        };
        CliError::new(
            code,
            format!("{} cannot be written: {error}.", path.display()),
        )
    })
}

/// Writes documents that belong together: all of them, or none where one cannot be written.
///
/// # Errors
/// Those of [`write`].
fn write_together(documents: &[(&Path, &str)]) -> Result<()> {
    let mut done = Vec::new();
    for (path, text) in documents {
        let written = write(path, text);
        // Whatever stood there before was not touched; what did not is this run's.
        if !matches!(&written, Err(error) if error.code == "file_exists") {
            done.push(path);
        }
        if written.is_err() {
            for path in done {
                // What was never made is not there to be removed.
                let _ = std::fs::remove_file(path);
            }
            return written;
        }
    }
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{} claims accepted, {} rejected",
            self.accepted, self.rejected
        )?;
        let mut rows = table(&["Set", "Claim", "Result", "Why"], &[]);
        for set in &self.sets {
            if let Some(refusal) = &set.refusal {
                rows.add_row([set.control.as_str(), "", set.verdict, &refusal.told()]);
            }
            for claim in &set.claims {
                let result = if claim.accepted {
                    "accepted"
                } else {
                    "rejected"
                };
                let why = claim
                    .refusal
                    .as_ref()
                    .map_or_else(String::new, Refusal::told);
                rows.add_row([set.control.as_str(), &claim.control_number, result, &why]);
            }
        }
        write!(f, "{rows}")
    }
}

impl Refusal {
    fn told(&self) -> String {
        format!("{} (at {}) [{}]", self.message, self.at, self.code)
    }
}
