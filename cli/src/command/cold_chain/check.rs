//! `galen cold-chain check`: whether readings keep to a storage profile.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use galen_rules::coldchain::{assess, Verdict, COLD, ROOM};
use serde::Serialize;

use super::mkt::degrees;
use super::readings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen cold-chain check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain check readings.csv --profile cold
  galen cold-chain check readings.csv --profile room --output json

READINGS is as for `galen cold-chain mkt`, in the order of time. Profiles (USP <659>, <1079.2>):
  cold  2 to 8 °C; excursions 2 to 15 °C for at most 24 h; mean kinetic temperature of any 24 h at most 8 °C
  room  20 to 25 °C; excursions 15 to 30 °C; up to 40 °C for at most 24 h; mean kinetic temperature of any 30 d at most 25 °C
Exit code 1 where the product must be set aside.")]
pub struct Args {
    /// The readings
    #[arg(value_name = "READINGS")]
    readings: PathBuf,
    /// How the product must be kept
    #[arg(long)]
    profile: ProfileName,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProfileName {
    /// Controlled cold temperature
    Cold,
    /// Controlled room temperature
    Room,
}

#[derive(Serialize)]
struct Report {
    verdict: &'static str,
    reason: Option<&'static str>,
    highest_mkt_celsius: Option<f64>,
    min_celsius: Option<f64>,
    max_celsius: Option<f64>,
    excursion_minutes: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let profile = match args.profile {
        ProfileName::Cold => &COLD,
        ProfileName::Room => &ROOM,
    };
    let intervals = readings::read(&args.readings)?
        .iter()
        .map(readings::Reading::interval)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| {
            CliError::new(
                "too_long",
                "A reading lasts longer than can be checked; split it.",
            )
        })?;
    let assessment = assess(profile, &intervals);
    let (verdict, reason) = match assessment.verdict {
        Verdict::Labelled => ("labelled", None),
        Verdict::AllowedExcursion => ("allowed_excursion", None),
        Verdict::Quarantine(reason) => ("quarantine", Some(reason.code())),
    };
    let report = Report {
        verdict,
        reason,
        highest_mkt_celsius: assessment.mean.map(degrees),
        min_celsius: assessment.extremes.map(|(least, _)| degrees(least)),
        max_celsius: assessment.extremes.map(|(_, greatest)| degrees(greatest)),
        excursion_minutes: assessment.excursion_minutes,
    };
    Ok(Answer::new(&report)?.with_success(reason.is_none()))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let words = match (self.verdict, self.reason) {
            ("labelled", _) => "Kept as labelled.".to_owned(),
            (_, None) => "Excursions as far and as long as allowed.".to_owned(),
            (_, Some(reason)) => format!("To be set aside: {}.", reason.replace('_', " ")),
        };
        writeln!(f, "{words}")?;
        let celsius =
            |value: Option<f64>| value.map_or("none".to_owned(), |value| format!("{value:.3} °C"));
        writeln!(
            f,
            "Highest mean kinetic temperature of a window  {}",
            celsius(self.highest_mkt_celsius)
        )?;
        writeln!(
            f,
            "Lowest and highest                            {}, {}",
            celsius(self.min_celsius),
            celsius(self.max_celsius)
        )?;
        write!(
            f,
            "Outside the labelled range                    {} min",
            self.excursion_minutes
        )
    }
}
