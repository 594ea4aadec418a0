//! `galen trial data prove`

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use trials::state::DataLog;

use super::super::read;
use super::log::Log;
use super::point::Item;
use super::proof::{ProofView, ValueView};
use crate::chain::text::hex;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial data prove`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data prove trial.datalog --subject 017 --visit V2 --item systolic --output json > proof.json
  galen trial data prove trial.datalog --position 41

Proves the value of an item, and everything that it was before, against what is anchored now. The proof shows this item in clear and no
other; it is the input of `galen trial data verify`. Once more is anchored, it has to be made again; after the lock it holds for good.")]
pub struct Args {
    /// The log file
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// The subject
    #[arg(long, requires_all = ["visit", "item"], required_unless_present = "position")]
    subject: Option<String>,
    /// The visit
    #[arg(long, requires = "subject")]
    visit: Option<String>,
    /// The item
    #[arg(long, requires = "subject")]
    item: Option<String>,
    /// The position in the log, in place of subject, visit and item
    #[arg(long, conflicts_with = "subject")]
    position: Option<u64>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Report(ProofView);

/// Runs the command.
///
/// # Errors
/// `not_anchored`, `unknown_item`, `unknown_position`, `log_differs`, and those of the log file.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let log = Log::open(&args.log)?;
    let unanchored = |message: &str| {
        CliError::new(
            "not_anchored",
            format!("{message} Run `galen trial data anchor` first."),
        )
    };
    let trial = log
        .trial()?
        .ok_or_else(|| unanchored("Nothing of this log has been anchored."))?;
    let cluster = Cluster::connect(settings)?;
    let ledger: DataLog = read::get(&cluster, &DataLog::find_address(&trial).0)?;
    if log.root(ledger.batches)? != ledger.root {
        return Err(CliError::new(
            "log_differs",
            "The ledger has other data points of this trial than the log.",
        ));
    }
    let position = match (&args.subject, &args.visit, &args.item, args.position) {
        (Some(subject), Some(visit), Some(item), _) => log.last(&Item {
            subject: subject.clone(),
            visit: visit.clone(),
            item: item.clone(),
        })?,
        (_, _, _, Some(position)) => position,
        // The command line asks for one or the other.
        _ => {
            return Err(CliError::new(
                "unknown_item",
                "Name the item or its position.",
            ))
        }
    };
    let mut values = Vec::new();
    let mut next = Some(position);
    let item = log.at(position)?;
    while let Some(position) = next {
        let point = log.at(position)?;
        let way = log
            .way_up(position, ledger.batches)?
            .ok_or_else(|| unanchored("The value is not anchored yet."))?;
        values.push(ValueView::new(position, &point, &way));
        next = point.follows;
    }
    values.reverse();
    Answer::new(&Report(ProofView {
        trial: trial.to_string(),
        batches: ledger.batches,
        root: hex(&ledger.root),
        item: item.item,
        item_salt: hex(&item.salts.item),
        values,
    }))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        history(f, &self.0)?;
        write!(f, "Root {} (`--output json` writes the proof)", self.0.root)
    }
}

/// Writes what an item was, value by value.
pub fn history(f: &mut fmt::Formatter, proof: &ProofView) -> fmt::Result {
    let item = &proof.item;
    writeln!(
        f,
        "{} of subject {} at visit {}",
        item.item, item.subject, item.visit
    )?;
    for value in &proof.values {
        writeln!(
            f,
            "{}  {:?}  {} by {} at {}",
            moment(value.at),
            value.value,
            value.reason,
            value.audit.user,
            value.audit.location
        )?;
    }
    Ok(())
}
