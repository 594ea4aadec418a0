//! Storage profiles, and what a series of readings means under one.

use super::mkt::Accumulator;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// How a product must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Labelled range, in thousandths of a degree, both ends allowed.
    pub labelled: (i32, i32),
    /// What excursions may reach, both ends allowed.
    pub excursion: (i32, i32),
    /// What a spike may reach beyond the excursions.
    pub spike: i32,
    /// How long spikes may last together, in seconds.
    pub spike_seconds: u64,
    /// How long all time outside the labelled range, gaps included, may last together, in seconds; none for as long
    /// as the mean kinetic temperature allows.
    pub excursion_seconds: Option<u64>,
    /// How long gaps alone may last together, in seconds: time of which nothing is known has no mean either.
    pub gap_seconds: u64,
    /// The highest mean kinetic temperature.
    pub mean: i32,
    /// The window over which it is taken, in seconds.
    pub window: u64,
}

/// Controlled room temperature, USP <659>: 20 to 25 °C, excursions 15 to 30 °C, spikes up to 40 °C for at most 24
/// hours, mean kinetic temperature at most 25 °C over any 30 days.
pub const ROOM: Profile = Profile {
    labelled: (20_000, 25_000),
    excursion: (15_000, 30_000),
    spike: 40_000,
    spike_seconds: DAY,
    excursion_seconds: None,
    gap_seconds: DAY,
    mean: 25_000,
    window: 30 * DAY,
};

/// Controlled cold temperature, USP <659>: 2 to 8 °C, excursions 2 to 15 °C for at most 24 hours, mean kinetic
/// temperature at most 8 °C over any 24 hours, the excursion among them.
pub const COLD: Profile = Profile {
    labelled: (2_000, 8_000),
    excursion: (2_000, 15_000),
    spike: 15_000,
    spike_seconds: 0,
    excursion_seconds: Some(DAY),
    gap_seconds: DAY,
    mean: 8_000,
    window: DAY,
};

/// A stretch of time at one temperature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// How long.
    pub seconds: u32,
    /// In thousandths of a degree; none for a gap, which counts as an excursion.
    pub millicelsius: Option<i32>,
}

/// Why a product must be set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quarantine {
    /// Nothing is known of it.
    NoReadings,
    /// Colder than excursions may go, whatever the mean kinetic temperature: what has frozen does not recover.
    TooCold,
    /// Warmer than spikes may go.
    TooWarm,
    /// Spikes lasted too long together.
    SpikesTooLong,
    /// Excursions and gaps lasted too long together.
    ExcursionTooLong,
    /// Gaps lasted too long together.
    GapsTooLong,
    /// The mean kinetic temperature of a window is too high.
    MeanTooHigh,
    /// A temperature or a sum is beyond what can be computed.
    NotComputable,
    /// Readings that there must have been are missing: a report was left out, or the device was silent for longer than one reading
    /// stands. Whoever withholds a report gains nothing by it.
    ReadingsMissing,
}

impl Quarantine {
    /// All reasons, in the order in which they are numbered where they are stored.
    pub const ALL: [Self; 9] = [
        Self::NoReadings,
        Self::TooCold,
        Self::TooWarm,
        Self::SpikesTooLong,
        Self::ExcursionTooLong,
        Self::GapsTooLong,
        Self::MeanTooHigh,
        Self::NotComputable,
        Self::ReadingsMissing,
    ];

    /// The name under which answers give the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoReadings => "no_readings",
            Self::TooCold => "too_cold",
            Self::TooWarm => "too_warm",
            Self::SpikesTooLong => "spikes_too_long",
            Self::ExcursionTooLong => "excursion_too_long",
            Self::GapsTooLong => "gaps_too_long",
            Self::MeanTooHigh => "mean_too_high",
            Self::NotComputable => "not_computable",
            Self::ReadingsMissing => "readings_missing",
        }
    }
}

/// What the readings mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Always in the labelled range.
    Labelled,
    /// Outside it, as far and as long as allowed.
    AllowedExcursion,
    /// To be set aside, for the first of the reasons.
    Quarantine(Quarantine),
}

impl Verdict {
    /// The verdict where readings are missing that there must have been: a reason to set aside where there is no other.
    #[must_use]
    pub const fn with_readings_missing(self) -> Self {
        match self {
            Self::Labelled | Self::AllowedExcursion => {
                Self::Quarantine(Quarantine::ReadingsMissing)
            }
            found @ Self::Quarantine(_) => found,
        }
    }
}

/// Whether readings are missing between what is accounted for and a report that begins `gap` seconds later: numbers were `skipped` before
/// it, or the device had reported in this watch (`is_continued`) and was silent for longer than the `longest` time for which one reading
/// stands, both in seconds. Where no time is missing, nothing is.
#[must_use]
pub const fn are_readings_missing(
    skipped: u32,
    gap: u64,
    is_continued: bool,
    longest: u64,
) -> bool {
    (skipped > 0 && gap > 0) || (is_continued && gap > longest)
}

/// What is kept of a series of readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// What they mean.
    pub verdict: Verdict,
    /// The highest mean kinetic temperature of any window; none where there is no reading.
    pub mean: Option<i32>,
    /// The lowest and the highest reading.
    pub extremes: Option<(i32, i32)>,
    /// Whole minutes outside the labelled range, gaps included, rounded up: a started minute counts.
    pub excursion_minutes: u64,
}

/// Sums of readings, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// The lowest and the highest reading.
    pub extremes: Option<(i32, i32)>,
    /// Seconds outside the labelled range, gaps included.
    pub outside: u64,
    /// Seconds of gaps.
    pub gaps: u64,
    /// Seconds above what excursions may reach.
    pub spikes: u64,
}

impl Totals {
    /// Adds a stretch of time.
    pub fn add(&mut self, profile: &Profile, reading: Interval) {
        let seconds = u64::from(reading.seconds);
        let Some(temperature) = reading.millicelsius else {
            self.add_gap(seconds);
            return;
        };
        self.extremes = Some(
            self.extremes
                .map_or((temperature, temperature), |(least, greatest)| {
                    (least.min(temperature), greatest.max(temperature))
                }),
        );
        if temperature < profile.labelled.0 || temperature > profile.labelled.1 {
            self.outside = self.outside.saturating_add(seconds);
        }
        if temperature > profile.excursion.1 {
            self.spikes = self.spikes.saturating_add(seconds);
        }
    }

    /// Adds time of which nothing is known.
    pub fn add_gap(&mut self, seconds: u64) {
        self.gaps = self.gaps.saturating_add(seconds);
        self.outside = self.outside.saturating_add(seconds);
    }

    /// What they mean, together with the highest mean kinetic temperature of a window.
    pub fn verdict(&self, profile: &Profile, mean: Option<i32>) -> Verdict {
        let fault = match (self.extremes, mean) {
            (None, _) => Some(Quarantine::NoReadings),
            (Some((least, _)), _) if least < profile.excursion.0 => Some(Quarantine::TooCold),
            (Some((_, greatest)), _) if greatest > profile.spike => Some(Quarantine::TooWarm),
            _ if self.spikes > profile.spike_seconds => Some(Quarantine::SpikesTooLong),
            _ if profile
                .excursion_seconds
                .is_some_and(|most| self.outside > most) =>
            {
                Some(Quarantine::ExcursionTooLong)
            }
            _ if self.gaps > profile.gap_seconds => Some(Quarantine::GapsTooLong),
            (_, None) => Some(Quarantine::NotComputable),
            (_, Some(mean)) if mean > profile.mean => Some(Quarantine::MeanTooHigh),
            _ => None,
        };
        match fault {
            Some(fault) => Verdict::Quarantine(fault),
            None if self.outside == 0 => Verdict::Labelled,
            None => Verdict::AllowedExcursion,
        }
    }
}

/// Assesses readings in the order of time.
#[must_use]
pub fn assess(profile: &Profile, readings: &[Interval]) -> Assessment {
    let mut totals = Totals::default();
    for reading in readings {
        totals.add(profile, *reading);
    }
    let mean = highest_mean(readings, profile.window);
    Assessment {
        verdict: totals.verdict(profile, mean),
        mean,
        extremes: totals.extremes,
        excursion_minutes: totals.outside.div_ceil(60),
    }
}

/// The highest mean kinetic temperature over any window that ends where a reading ends, gaps left out; over all of
/// them where they are shorter than the window. None where there is no reading, or one cannot be computed.
fn highest_mean(readings: &[Interval], window: u64) -> Option<i32> {
    let mut sum = Accumulator::EMPTY;
    let mut highest: Option<i32> = None;
    let mut oldest = readings.iter();
    // The rest of the oldest reading that is still in the window.
    let mut tail: Option<(i32, u64)> = None;
    for (temperature, seconds) in known(readings) {
        sum = sum.with(temperature, seconds)?;
        while sum.weight() > window {
            let (old, left) = match tail.take() {
                Some(tail) => tail,
                None => next_known(&mut oldest)?,
            };
            let taken = left.min(sum.weight().saturating_sub(window));
            sum = sum.without(old, taken)?;
            tail = Some((old, left.saturating_sub(taken))).filter(|(_, left)| *left > 0);
        }
        if sum.weight() > 0 {
            highest = highest.max(Some(sum.millicelsius()?));
        }
    }
    highest
}

fn known(readings: &[Interval]) -> impl Iterator<Item = (i32, u64)> + '_ {
    readings
        .iter()
        .filter_map(|reading| Some((reading.millicelsius?, u64::from(reading.seconds))))
}

fn next_known<'a>(readings: &mut impl Iterator<Item = &'a Interval>) -> Option<(i32, u64)> {
    readings.find_map(|reading| Some((reading.millicelsius?, u64::from(reading.seconds))))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn series(hours: &[(u32, i32)]) -> Vec<Interval> {
        hours
            .iter()
            .map(|(hours, temperature)| Interval {
                seconds: hours * 3_600,
                millicelsius: Some(*temperature),
            })
            .collect()
    }

    fn verdict(profile: &Profile, hours: &[(u32, i32)]) -> Verdict {
        assess(profile, &series(hours)).verdict
    }

    #[test]
    fn cold() {
        use Quarantine::*;
        for (hours, expected) in [
            (&[(48, 2_000), (48, 8_000)][..], Verdict::Labelled),
            (&[(20, 5_000), (4, 12_000)], Verdict::AllowedExcursion),
            (
                &[(18, 5_000), (6, 14_000)],
                Verdict::Quarantine(MeanTooHigh),
            ),
            (&[(24, 5_000), (1, 15_001)], Verdict::Quarantine(TooWarm)),
            (&[(24, 5_000), (1, 1_999)], Verdict::Quarantine(TooCold)),
            (
                &[(99, 5_000), (1, -20_000), (99, 2_000)],
                Verdict::Quarantine(TooCold),
            ),
            (
                &[(24, 4_000), (12, 8_500), (99, 4_000), (13, 8_500)],
                Verdict::Quarantine(ExcursionTooLong),
            ),
            // A day of cold before it does not make up for a warm one.
            (
                &[(240, 2_000), (24, 8_500)],
                Verdict::Quarantine(MeanTooHigh),
            ),
            (&[], Verdict::Quarantine(NoReadings)),
        ] {
            assert_eq!(verdict(&COLD, hours), expected, "{hours:?}");
        }
    }

    #[test]
    fn room() {
        use Quarantine::*;
        for (hours, expected) in [
            (&[(720, 25_000)][..], Verdict::Labelled),
            (&[(700, 22_000), (24, 40_000)], Verdict::AllowedExcursion),
            (
                &[(700, 22_000), (25, 40_000)],
                Verdict::Quarantine(SpikesTooLong),
            ),
            (&[(700, 22_000), (1, 40_001)], Verdict::Quarantine(TooWarm)),
            (&[(700, 22_000), (1, 14_999)], Verdict::Quarantine(TooCold)),
            (
                &[(360, 24_000), (361, 27_000)],
                Verdict::Quarantine(MeanTooHigh),
            ),
            (&[(700, 15_000)], Verdict::AllowedExcursion),
        ] {
            assert_eq!(verdict(&ROOM, hours), expected, "{hours:?}");
        }
    }

    #[test]
    fn gaps_count_as_excursions() {
        let gap = |seconds| Interval {
            seconds,
            millicelsius: None,
        };
        let mut readings = series(&[(24, 5_000)]);
        readings.push(gap(24 * 3_600));
        let allowed = assess(&COLD, &readings);
        assert_eq!(
            (allowed.verdict, allowed.excursion_minutes),
            (Verdict::AllowedExcursion, 1_440)
        );
        readings.push(gap(1));
        let refused = assess(&COLD, &readings);
        assert_eq!(
            refused.verdict,
            Verdict::Quarantine(Quarantine::ExcursionTooLong)
        );
        assert_eq!(
            (refused.excursion_minutes, refused.extremes),
            (1_441, Some((5_000, 5_000)))
        );
        assert_eq!(
            assess(&COLD, &[gap(60)]).verdict,
            Verdict::Quarantine(Quarantine::NoReadings)
        );
    }

    #[test]
    fn a_day_unknown_is_too_long_at_any_temperature() {
        let gap = |seconds| Interval {
            seconds,
            millicelsius: None,
        };
        let mut readings = series(&[(24, 22_000)]);
        readings.push(gap(24 * 3_600));
        assert_eq!(assess(&ROOM, &readings).verdict, Verdict::AllowedExcursion);
        readings.push(gap(1));
        assert_eq!(
            assess(&ROOM, &readings).verdict,
            Verdict::Quarantine(Quarantine::GapsTooLong)
        );
    }

    #[test]
    fn the_window_moves_second_by_second() {
        // 23 hours at 5 and one at 14 in any day, however the hours are cut.
        let whole = assess(&COLD, &series(&[(23, 5_000), (1, 14_000), (30, 5_000)])).mean;
        let mut cut = Vec::new();
        for interval in series(&[(23, 5_000), (1, 14_000), (30, 5_000)]) {
            cut.extend((0..interval.seconds / 400).map(|_| Interval {
                seconds: 400,
                ..interval
            }));
        }
        assert_eq!(assess(&COLD, &cut).mean, whole);
        let by_hand = Accumulator::EMPTY
            .with(5_000, 23)
            .and_then(|sum| sum.with(14_000, 1));
        assert_eq!(whole, by_hand.and_then(Accumulator::millicelsius));
    }

    #[test]
    fn what_cannot_be_computed_is_set_aside() {
        let wide = Profile {
            spike: i32::MAX,
            spike_seconds: u64::MAX,
            excursion_seconds: None,
            ..COLD
        };
        assert_eq!(
            verdict(&wide, &[(1, 100_001)]),
            Verdict::Quarantine(Quarantine::NotComputable)
        );
    }

    #[test]
    fn a_report_that_is_left_out_is_a_reason_of_its_own() {
        const HOURS: u64 = 4 * HOUR;
        for (skipped, gap, is_continued, missing) in [
            (0, 0, true, false),
            (0, HOURS, true, false),
            (0, HOURS + 1, true, true),
            // Before its first report a device may be silent for a day.
            (0, HOURS + 1, false, false),
            (1, 1, true, true),
            (1, 1, false, true),
            // The time is accounted for already.
            (1, 0, true, false),
        ] {
            assert_eq!(
                are_readings_missing(skipped, gap, is_continued, HOURS),
                missing,
                "{skipped} {gap} {is_continued}"
            );
        }
        let missing = Verdict::Quarantine(Quarantine::ReadingsMissing);
        for found in [Verdict::Labelled, Verdict::AllowedExcursion] {
            assert_eq!(found.with_readings_missing(), missing);
        }
        for reason in Quarantine::ALL {
            let found = Verdict::Quarantine(reason);
            assert_eq!(found.with_readings_missing(), found);
        }
    }
}
