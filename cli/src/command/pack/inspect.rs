//! `galen pack inspect`

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use galen_batch::Leaves;
use galen_rules::provenance::{answer, Answer as Verdict, Facts, Readings};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::check::{facts_of, words};
use crate::chain::goods::{proof_of, Goods};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::command::batch::against::Against;
use crate::command::batch::view::open;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack inspect BATCH batch.leaves delivery.txt --org PHARMACY
  cut -d, -f2 delivery.csv | galen pack inspect BATCH batch.leaves - --org PHARMACY --output json

SERIALS has one serial number a line; `-` reads it from stdin. Each pack is proved and asked about as by `galen pack check`; nothing is
sent. Leaf files of other batches are looked into as there. The times are those of the answers, one after the other. Exit code 1 where a pack may not be sold.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// The leaf file
    #[arg(value_name = "LEAVES")]
    leaves: PathBuf,
    /// The packs' serial numbers
    #[arg(value_name = "SERIALS")]
    serials: PathBuf,
    /// Who asks: an organization's address or id
    #[arg(long, value_name = "ORG")]
    org: Option<Pubkey>,
    #[command(flatten)]
    against: Against,
}

/// As JSON: `{"packs": 3, "answers": {"sellable": 2, "recalled": 1}, "not_sellable": [{"serial": "...", "answer": "recalled",
/// "says": "..."}], "milliseconds": {"median": 1.5, "p95": 2.5, "slowest": 3.5}}`; answers are those of `galen pack check`.
#[derive(Serialize)]
struct Report {
    packs: usize,
    answers: BTreeMap<&'static str, u64>,
    not_sellable: Vec<Refused>,
    milliseconds: Times,
}

#[derive(Serialize)]
struct Refused {
    serial: String,
    answer: &'static str,
    says: String,
}

/// How long answers took.
#[derive(Serialize)]
struct Times {
    median: f64,
    p95: f64,
    slowest: f64,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `no_serials`, `bad_serial`, `wrong_account`, `cluster_behind`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let text = String::from_utf8(document::bytes(&args.serials)?).map_err(|_| {
        let name = document::name(&args.serials);
        CliError::new("bad_serial", format!("{name} is not text."))
    })?;
    let serials: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut leaves = open(&args.leaves)?;
    let cluster = Cluster::connect(settings)?;
    let goods = Goods::read(&cluster, args.batch)?;
    let asker = match &args.org {
        Some(name) => resolve(&cluster, name)?.0,
        None => Pubkey::default(),
    };
    let mut others = args
        .against
        .open_with_those_at_hand(&goods, &args.leaves, settings)?;
    let bar = settings
        .notes
        .bar(u64::try_from(serials.len()).unwrap_or_default(), "Asking");
    let mut report = Report {
        packs: serials.len(),
        answers: BTreeMap::new(),
        not_sellable: Vec::new(),
        milliseconds: Times::of(Vec::new()),
    };
    let mut times = Vec::with_capacity(serials.len());
    for serial in &serials {
        let asked = Instant::now();
        let facts = ask(&cluster, &goods, &mut leaves, args, serial, &asker)?;
        let verdict = match facts {
            Some((mut facts, readings)) => {
                facts.is_elsewhere = others.share(serial, &cluster, &goods, settings)?;
                answer(&facts).lacking(readings.lacking)
            }
            None => Verdict::Unknown,
        };
        times.push(asked.elapsed().as_secs_f64() * 1_000.0);
        let (word, says) = words(&verdict, args.org.is_some());
        let count = report.answers.entry(word).or_default();
        *count = count.saturating_add(1);
        if verdict != Verdict::Sellable {
            report.not_sellable.push(Refused {
                serial: (*serial).to_owned(),
                answer: word,
                says,
            });
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if serials.is_empty() {
        let message = format!("{} names no pack.", document::name(&args.serials));
        return Err(CliError::new("no_serials", message));
    }
    report.milliseconds = Times::of(times);
    let are_sellable = report.not_sellable.is_empty();
    Answer::new(&report).map(|answer| answer.with_success(are_sellable))
}

/// What the ledger knows of one pack; none where the batch has none of this serial number.
fn ask(
    cluster: &Cluster,
    goods: &Goods,
    leaves: &mut Leaves<File>,
    args: &Args,
    serial: &str,
    asker: &Pubkey,
) -> Result<Option<(Facts, Readings)>> {
    match proof_of(goods, leaves, &args.leaves, serial) {
        Ok(proof) => facts_of(cluster, goods, &proof, asker).map(Some),
        Err(error) if ["unknown_serial", "serial_case"].contains(&error.code.as_str()) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Times {
    fn of(mut milliseconds: Vec<f64>) -> Self {
        milliseconds.sort_by(f64::total_cmp);
        // The smallest time that so many hundredths of the answers do not exceed.
        let at = |hundredths: usize| {
            let rank = (milliseconds.len() * hundredths).div_ceil(100);
            milliseconds
                .get(rank.saturating_sub(1))
                .copied()
                .unwrap_or_default()
        };
        Self {
            median: at(50),
            p95: at(95),
            slowest: at(100),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (answer, count) in &self.answers {
            writeln!(f, "{count:>9}  {}", answer.replace('_', " "))?;
        }
        for refused in &self.not_sellable {
            writeln!(f, "{}: {}", refused.serial, refused.says)?;
        }
        let times = &self.milliseconds;
        write!(
            f,
            "Answers took {:.1} ms (median), 95 of 100 at most {:.1} ms, the slowest {:.1} ms.",
            times.median, times.p95, times.slowest
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_answers_that_were_given() {
        let times = Times::of((1..=100).rev().map(f64::from).collect());
        assert_eq!(
            (times.median, times.p95, times.slowest),
            (50.0, 95.0, 100.0)
        );
        let one = Times::of(vec![7.0]);
        assert_eq!((one.median, one.p95, one.slowest), (7.0, 7.0, 7.0));
        assert_eq!(Times::of(Vec::new()).p95, 0.0);
    }
}
