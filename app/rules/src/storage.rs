//! How a medicine was kept: readings of its temperature against a storage profile.

use galen_readings::{Reading, HOUR};
use galen_rules::coldchain::{self, Profile, Verdict, COLD, ROOM};
use serde::{Deserialize, Serialize};

use crate::{Refused, Result};

/// Readings to be assessed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The content of READINGS.csv.
    csv: String,
    profile: ProfileName,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ProfileName {
    Room,
    Cold,
}

/// What the readings mean. Temperatures are thousandths of a degree Celsius, times seconds.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Assessed {
    /// `labelled`, `allowed_excursion` or `quarantine`.
    verdict: &'static str,
    /// Why it must be set aside.
    reason: Option<&'static str>,
    highest_mean: Option<i32>,
    least: Option<i32>,
    greatest: Option<i32>,
    excursion_minutes: u64,
    limits: Limits,
    readings: Vec<Stretch>,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct Limits {
    labelled: (i32, i32),
    /// What excursions, and spikes beyond them, may reach.
    excursion: (i32, i32),
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct Stretch {
    seconds: u32,
    millicelsius: i32,
}

/// Reads temperatures and holds them against a profile.
///
/// # Errors
/// Those of [`galen_readings::parse`], `too_long`.
pub fn assess(request: &Request) -> Result<Assessed> {
    let profile: &Profile = match request.profile {
        ProfileName::Room => &ROOM,
        ProfileName::Cold => &COLD,
    };
    let readings = galen_readings::parse(request.csv.as_bytes()).map_err(|error| Refused {
        at: error.at.clone(),
        ..Refused::new(error.code, error.message)
    })?;
    let intervals = readings
        .iter()
        .map(Reading::interval)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| {
            Refused::new(
                "too_long",
                "A reading lasts longer than can be checked; split it.",
            )
        })?;
    let assessment = coldchain::assess(profile, &intervals);
    let (verdict, reason) = match assessment.verdict {
        Verdict::Labelled => ("labelled", None),
        Verdict::AllowedExcursion => ("allowed_excursion", None),
        Verdict::Quarantine(reason) => ("quarantine", Some(reason.code())),
    };
    Ok(Assessed {
        verdict,
        reason,
        highest_mean: assessment.mean,
        least: assessment.extremes.map(|(least, _)| least),
        greatest: assessment.extremes.map(|(_, greatest)| greatest),
        excursion_minutes: assessment.excursion_minutes,
        limits: Limits {
            labelled: profile.labelled,
            excursion: (profile.excursion.0, profile.excursion.1.max(profile.spike)),
        },
        readings: readings.iter().map(stretch).collect(),
    })
}

/// As it is drawn: whole seconds, at least one.
fn stretch(reading: &Reading) -> Stretch {
    let seconds = u128::from(reading.duration) * 3_600 / u128::from(HOUR);
    Stretch {
        seconds: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX),
        millicelsius: reading.millicelsius,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assessed(csv: &str, profile: ProfileName) -> Result<Assessed> {
        assess(&Request {
            csv: csv.to_owned(),
            profile,
        })
    }

    #[test]
    fn readings_are_held_against_the_profile() {
        let warm = assessed("hours,celsius\n18,5\n6,14\n", ProfileName::Cold).expect("readings");
        assert_eq!(
            (warm.verdict, warm.reason),
            ("quarantine", Some("mean_too_high"))
        );
        assert_eq!(
            (warm.highest_mean, warm.least, warm.greatest),
            (Some(8_285), Some(5_000), Some(14_000))
        );
        assert_eq!(warm.excursion_minutes, 360);
        assert_eq!(
            warm.readings
                .iter()
                .map(|one| one.seconds)
                .collect::<Vec<_>>(),
            [64_800, 21_600]
        );
        assert_eq!(
            warm.limits,
            Limits {
                labelled: (2_000, 8_000),
                excursion: (2_000, 15_000)
            }
        );
        let kept = assessed("hours,celsius\n24,22.5\n", ProfileName::Room).expect("readings");
        assert_eq!(
            (kept.verdict, kept.limits.excursion),
            ("labelled", (15_000, 40_000))
        );
    }

    #[test]
    fn bad_readings_are_refused_by_name_and_line() {
        let refused =
            assessed("hours,celsius\n1,warm\n", ProfileName::Cold).expect_err("no number");
        assert_eq!(
            (refused.code.as_str(), refused.at.as_deref()),
            ("not_a_number", Some("line 2, celsius"))
        );
        let long = assessed("hours,celsius\n876600,5\n1,5\n", ProfileName::Cold);
        assert_eq!(long.map(|_| ()), Ok(()), "a hundred years fit");
    }
}
