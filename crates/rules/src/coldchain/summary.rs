//! Readings summed up as they come in, in a fixed number of bytes: what a program can keep of a shipment.
//!
//! Extremes, excursions, gaps and spikes are the same as [`super::assess`] finds. The window of the mean kinetic
//! temperature (USP <1079.2>) is kept in [`PARTS`] parts, half an hour each of the cold profile's and 15 hours of the
//! room profile's: the part that is just leaving the window counts as if it had been at its own mean all through. Where
//! readings are as long as a part the mean is exact.

use super::fixed::{multiple, quotient};
use super::mkt::{term, Accumulator, GREATEST_MILLICELSIUS, LEAST_MILLICELSIUS};
use super::profile::{Interval, Profile, Totals, Verdict};

/// Parts of a window.
pub const PARTS: usize = 48;
/// Parts that are kept: the one that is leaving the window beside those that are in it.
pub const RING: usize = PARTS + 1;

/// The last parts of known time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The terms of each part times its seconds, 64 fractional bits.
    pub parts: [u128; RING],
    /// The part that is being filled.
    pub at: usize,
    /// Seconds in it.
    pub filled: u32,
}

impl Window {
    /// Nothing yet.
    pub const EMPTY: Self = Self {
        parts: [0; RING],
        at: 0,
        filled: 0,
    };

    /// Goes on to the next part where this one, of `length` seconds, is full: it takes the place of the oldest. What that
    /// was; 0 where this one is not full.
    fn advance(&mut self, length: u32) -> u128 {
        if self.filled < length {
            return 0;
        }
        self.at = self.next();
        self.filled = 0;
        self.parts.get_mut(self.at).map_or(0, core::mem::take)
    }

    /// All parts together. None where that does not fit.
    fn sum(&self) -> Option<u128> {
        self.parts
            .iter()
            .try_fold(0_u128, |sum, part| sum.checked_add(*part))
    }

    /// The place after this one, where the oldest part is.
    fn next(&self) -> usize {
        let next = self.at.saturating_add(1);
        if next < RING {
            next
        } else {
            0
        }
    }

    /// The mean term of the window; `all` parts come to that, and `known` seconds are known in all. None where a sum does
    /// not fit.
    fn mean(&self, all: u128, length: u32, known: u64) -> Option<u128> {
        let oldest = self.parts.get(self.next()).copied()?;
        let inside = length.checked_sub(self.filled)?;
        let within = quotient(multiple(oldest, u64::from(inside))?, u64::from(length))?;
        let window = u64::from(length).checked_mul(u64::try_from(PARTS).ok()?)?;
        quotient(
            all.checked_sub(oldest)?.checked_add(within)?,
            known.min(window),
        )
    }
}

/// What is kept of a series of readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The lowest and the highest reading, in thousandths of a degree.
    pub extremes: Option<(i32, i32)>,
    /// Seconds of which the temperature is known.
    pub known: u64,
    /// Seconds outside the labelled range, gaps included.
    pub outside: u64,
    /// Seconds of which it is not.
    pub gaps: u64,
    /// Seconds above what excursions may reach.
    pub spikes: u64,
    /// The highest mean kinetic temperature of a window, in thousandths of a degree.
    pub mean: Option<i32>,
    /// The window.
    pub window: Window,
}

impl Summary {
    /// Nothing yet.
    pub const EMPTY: Self = Self {
        extremes: None,
        known: 0,
        outside: 0,
        gaps: 0,
        spikes: 0,
        mean: None,
        window: Window::EMPTY,
    };

    /// Adds readings, in the order of time. None, and then it is not to be used, where a sum does not fit. In the mean a
    /// temperature outside -100 to 100 °C counts as the end of that range: the extremes tell.
    #[must_use]
    pub fn add(&mut self, profile: &Profile, readings: &[Interval]) -> Option<()> {
        let mut totals = self.totals();
        let length = part_length(profile)?;
        let mut highest = None;
        let mut all = self.window.sum()?;
        for reading in readings {
            totals.add(profile, *reading);
            let Some(temperature) = reading.millicelsius else {
                continue;
            };
            let term = term(temperature.clamp(LEAST_MILLICELSIUS, GREATEST_MILLICELSIUS))?;
            let mut left = reading.seconds;
            while left > 0 {
                all = all.checked_sub(self.window.advance(length))?;
                let taken = left.min(length.checked_sub(self.window.filled)?);
                let part = self.window.parts.get_mut(self.window.at)?;
                let added = multiple(term, u64::from(taken))?;
                *part = part.checked_add(added)?;
                all = all.checked_add(added)?;
                self.window.filled = self.window.filled.checked_add(taken)?;
                self.known = self.known.checked_add(u64::from(taken))?;
                left = left.checked_sub(taken)?;
            }
            if self.known > 0 {
                highest = highest.max(Some(self.window.mean(all, length, self.known)?));
            }
        }
        self.keep(&totals);
        // The logarithm is taken once: it grows with the term.
        if let Some(term) = highest {
            let mean = Accumulator::from_parts(term, 1).millicelsius()?;
            self.mean = self.mean.max(Some(mean));
        }
        Some(())
    }

    /// Adds time of which nothing is known.
    pub fn add_gap(&mut self, seconds: u64) {
        let mut totals = self.totals();
        totals.add_gap(seconds);
        self.keep(&totals);
    }

    /// What it means under a profile.
    #[must_use]
    pub fn verdict(&self, profile: &Profile) -> Verdict {
        self.totals().verdict(profile, self.mean)
    }

    /// Whole minutes outside the labelled range, gaps included, rounded up: a started minute counts.
    #[must_use]
    pub fn excursion_minutes(&self) -> u64 {
        self.outside.div_ceil(60)
    }

    fn totals(&self) -> Totals {
        Totals {
            extremes: self.extremes,
            outside: self.outside,
            gaps: self.gaps,
            spikes: self.spikes,
        }
    }

    fn keep(&mut self, totals: &Totals) {
        self.extremes = totals.extremes;
        self.outside = totals.outside;
        self.gaps = totals.gaps;
        self.spikes = totals.spikes;
    }
}

/// Seconds in a part of a profile's window.
fn part_length(profile: &Profile) -> Option<u32> {
    let parts = u64::try_from(PARTS).ok()?;
    u32::try_from(profile.window.checked_div(parts)?)
        .ok()
        .filter(|length| *length > 0)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::super::{assess, Quarantine, COLD, ROOM};
    use super::*;
    use std::vec::Vec;

    fn summary(profile: &Profile, readings: &[Interval]) -> Summary {
        let mut summary = Summary::EMPTY;
        for reading in readings {
            match reading.millicelsius {
                Some(_) => summary.add(profile, &[*reading]).unwrap(),
                None => summary.add_gap(u64::from(reading.seconds)),
            }
        }
        summary
    }

    /// Random readings around a profile's range; every eighth is a gap.
    fn random(state: &mut u64, profile: &Profile, seconds: impl Fn(u64) -> u32) -> Vec<Interval> {
        let mut below = |end: u64| {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*state >> 33) % end
        };
        let span = u64::try_from(profile.excursion.1 - profile.excursion.0).unwrap();
        let spread = 1 + below(2 * span);
        (0..1 + below(150))
            .map(|_| {
                let degrees = i32::try_from(below(spread)).unwrap();
                let is_known = below(8) > 0;
                Interval {
                    seconds: seconds(below(1 << 20)),
                    millicelsius: is_known.then_some(profile.excursion.0 + degrees),
                }
            })
            .collect()
    }

    #[test]
    fn as_long_as_a_part_it_is_what_the_assessment_of_all_finds() {
        let mut state = 7;
        for profile in [&COLD, &ROOM] {
            let length = part_length(profile).unwrap();
            for _ in 0..300 {
                let readings = random(&mut state, profile, |_| length);
                let (ours, all) = (summary(profile, &readings), assess(profile, &readings));
                assert_eq!(ours.mean, all.mean);
                assert_eq!(ours.extremes, all.extremes);
                assert_eq!(ours.excursion_minutes(), all.excursion_minutes);
                assert_eq!(ours.verdict(profile), all.verdict);
            }
        }
    }

    #[test]
    fn of_any_length_it_is_close() {
        let mut state = 11;
        let mut widest = 0;
        for profile in [&COLD, &ROOM] {
            let length = part_length(profile).unwrap();
            for _ in 0..300 {
                let most = u64::from(length) * 3;
                let readings = random(&mut state, profile, |random| {
                    1 + u32::try_from(random % most).unwrap()
                });
                let (ours, all) = (summary(profile, &readings), assess(profile, &readings));
                assert_eq!(ours.extremes, all.extremes);
                assert_eq!(ours.excursion_minutes(), all.excursion_minutes);
                if let (Some(ours), Some(all)) = (ours.mean, all.mean) {
                    widest = widest.max((ours - all).abs());
                }
            }
        }
        std::println!("widest: {widest} thousandths of a degree");
        assert!(widest <= 250, "{widest}");
    }

    #[test]
    fn in_several_pieces_it_is_the_same() {
        let mut state = 13;
        let readings: Vec<_> = random(&mut state, &COLD, |random| {
            600 + u32::try_from(random % 600).unwrap()
        })
        .into_iter()
        .filter(|reading| reading.millicelsius.is_some())
        .collect();
        let mut at_once = Summary::EMPTY;
        at_once.add(&COLD, &readings).unwrap();
        assert_eq!(at_once, summary(&COLD, &readings));
    }

    #[test]
    fn what_is_out_of_range_is_an_extreme_and_nothing_is_no_reading() {
        let hour = |millicelsius| Interval {
            seconds: 3_600,
            millicelsius: Some(millicelsius),
        };
        let hot = summary(&COLD, &[hour(5_000), hour(i32::MAX)]);
        assert_eq!(hot.verdict(&COLD), Verdict::Quarantine(Quarantine::TooWarm));
        let frozen = summary(&COLD, &[hour(5_000), hour(i32::MIN)]);
        assert_eq!(
            frozen.verdict(&COLD),
            Verdict::Quarantine(Quarantine::TooCold)
        );
        assert_eq!(
            Summary::EMPTY.verdict(&COLD),
            Verdict::Quarantine(Quarantine::NoReadings)
        );
        let mut unknown = summary(&ROOM, &[hour(22_000)]);
        unknown.add_gap(u64::MAX);
        assert_eq!(
            unknown.verdict(&ROOM),
            Verdict::Quarantine(Quarantine::GapsTooLong)
        );
    }
}
