//! `galen cold-chain mkt`: the mean kinetic temperature of a series of readings.

use std::fmt;
use std::path::PathBuf;

use galen_rules::coldchain::Accumulator;
use serde::Serialize;

use super::readings::{self, HOUR};
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen cold-chain mkt`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain mkt readings.csv
  galen cold-chain mkt readings.csv --output json

READINGS is a CSV file with the header `hours,celsius`, a line for each stretch of time at one temperature; `-` reads
it from stdin. The mean kinetic temperature weighs by hours, with 10,000 K for the activation energy over the gas
constant (83.144 kJ/mol).")]
pub struct Args {
    /// The readings
    #[arg(value_name = "READINGS")]
    readings: PathBuf,
}

#[derive(Serialize)]
struct Report {
    mkt_celsius: f64,
    hours: f64,
    min_celsius: f64,
    max_celsius: f64,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let readings = readings::read(&args.readings)?;
    let mean = readings
        .iter()
        .try_fold(Accumulator::EMPTY, |sum, reading| {
            sum.with(reading.millicelsius, reading.duration)
        })
        .and_then(|sum| Some((sum.millicelsius()?, sum.weight())));
    let temperatures = || readings.iter().map(|reading| reading.millicelsius);
    let (Some((mean, duration)), Some(least), Some(greatest)) =
        (mean, temperatures().min(), temperatures().max())
    else {
        return Err(CliError::new(
            "too_long",
            "The readings together last too long to be added up.",
        ));
    };
    Answer::new(&Report {
        mkt_celsius: degrees(mean),
        hours: hours(duration),
        min_celsius: degrees(least),
        max_celsius: degrees(greatest),
    })
}

/// Thousandths of a degree as a number with three decimals.
pub fn degrees(millicelsius: i32) -> f64 {
    f64::from(millicelsius) / 1e3
}

/// Millionths of an hour as hours with three decimals.
fn hours(duration: u64) -> f64 {
    let thousandth = HOUR / 1_000;
    let thousandths = duration.saturating_add(thousandth / 2) / thousandth;
    // Exact below 2^53 thousandths, which are a billion years.
    thousandths as f64 / 1e3
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "Mean kinetic temperature  {:.3} °C over {:.3} h",
            self.mkt_celsius, self.hours
        )?;
        write!(
            f,
            "Lowest and highest        {:.3} °C, {:.3} °C",
            self.min_celsius, self.max_celsius
        )
    }
}
