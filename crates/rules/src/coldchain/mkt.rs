//! Mean kinetic temperature: the constant temperature that would have degraded a product as much.
//!
//! T = (ΔH/R) / -ln(Σ wᵢ e^(-ΔH/(R Tᵢ)) / Σ wᵢ), with ΔH/R = 10,000 K (83.144 kJ/mol).

use super::fixed::{exp_of_minus, minus_ln, multiple, quotient, ONE};

/// Activation energy over the gas constant, in thousandths of a kelvin.
const ENERGY_MILLIKELVIN: u128 = 10_000_000;
/// 0 °C in thousandths of a kelvin.
const ZERO_CELSIUS_MILLIKELVIN: i32 = 273_150;
/// The lowest temperature that is taken: -100 °C. Below it the terms are too small beside those of a warm hour.
pub const LEAST_MILLICELSIUS: i32 = -100_000;
/// The highest temperature that is taken: 100 °C. Each term is stated as a part of that of this temperature.
pub const GREATEST_MILLICELSIUS: i32 = 100_000;

/// Adds readings up, one after the other, into their mean kinetic temperature. 24 bytes are all that has to be kept
/// of a shipment, however many readings it has. The result is within 0.001 °C of the real one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accumulator {
    /// Σ wᵢ e^-(xᵢ - x₁₀₀), 64 fractional bits.
    sum: u128,
    /// Σ wᵢ.
    weight: u64,
}

impl Accumulator {
    /// Nothing yet.
    pub const EMPTY: Self = Self { sum: 0, weight: 0 };

    /// From what [`Self::parts`] gave.
    #[must_use]
    pub const fn from_parts(sum: u128, weight: u64) -> Self {
        Self { sum, weight }
    }

    /// What has to be kept: the sum and the weight.
    #[must_use]
    pub const fn parts(self) -> (u128, u64) {
        (self.sum, self.weight)
    }

    /// All weights together, in the unit of the caller.
    #[must_use]
    pub const fn weight(self) -> u64 {
        self.weight
    }

    /// With a temperature that lasted for `weight`, in any unit that is the same for all. None where the temperature
    /// is outside -100 to 100 °C or a sum does not fit.
    #[must_use]
    pub fn with(self, millicelsius: i32, weight: u64) -> Option<Self> {
        let added = multiple(term(millicelsius)?, weight)?;
        Some(Self {
            sum: self.sum.checked_add(added)?,
            weight: self.weight.checked_add(weight)?,
        })
    }

    /// Without a part that was added before, for windows that move on.
    #[must_use]
    pub fn without(self, millicelsius: i32, weight: u64) -> Option<Self> {
        let taken = multiple(term(millicelsius)?, weight)?;
        Some(Self {
            sum: self.sum.checked_sub(taken)?,
            weight: self.weight.checked_sub(weight)?,
        })
    }

    /// The mean kinetic temperature in thousandths of a degree Celsius; none where nothing was added.
    #[must_use]
    pub fn millicelsius(self) -> Option<i32> {
        let mean = quotient(self.sum, self.weight)?;
        let exponent = minus_ln(mean)?.checked_add(exponent(GREATEST_MILLICELSIUS)?)?;
        // Half up, as everywhere.
        let millikelvin = ENERGY_MILLIKELVIN
            .checked_mul(ONE)?
            .checked_add(exponent >> 1)?
            .checked_div(exponent)?;
        i32::try_from(millikelvin)
            .ok()?
            .checked_sub(ZERO_CELSIUS_MILLIKELVIN)
    }
}

/// ΔH/(R T), 64 fractional bits.
fn exponent(millicelsius: i32) -> Option<u128> {
    if !(LEAST_MILLICELSIUS..=GREATEST_MILLICELSIUS).contains(&millicelsius) {
        return None;
    }
    let millikelvin = millicelsius.checked_add(ZERO_CELSIUS_MILLIKELVIN)?;
    quotient(
        ENERGY_MILLIKELVIN.checked_mul(ONE)?,
        u64::try_from(millikelvin).ok()?,
    )
}

/// e^-(ΔH/(R T)), as a part of that of 100 °C.
pub(super) fn term(millicelsius: i32) -> Option<u128> {
    exp_of_minus(exponent(millicelsius)?.checked_sub(exponent(GREATEST_MILLICELSIUS)?)?)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn mean(readings: &[(i32, u64)]) -> Option<i32> {
        readings
            .iter()
            .try_fold(Accumulator::EMPTY, |sum, (temperature, weight)| {
                sum.with(*temperature, *weight)
            })?
            .millicelsius()
    }

    /// The formula in double precision, which is good for 1e-9 °C here.
    fn real(readings: &[(i32, u64)]) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (temperature, weight) in readings {
            let kelvin = f64::from(*temperature) / 1e3 + 273.15;
            sum += *weight as f64 * (-10_000.0 / kelvin).exp();
            weights += *weight as f64;
        }
        10_000.0 / -(sum / weights).ln() - 273.15
    }

    #[test]
    fn worked_examples() {
        assert_eq!(mean(&[(25_000, 24)]), Some(25_000));
        assert_eq!(mean(&[(5_000, 18), (14_000, 6)]), Some(8_285));
        assert_eq!(mean(&[(5_000, 20), (12_000, 4)]), Some(6_650));
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[(5_000, 0)]), None);
    }

    #[test]
    fn a_constant_temperature_is_its_own_mean() {
        for temperature in LEAST_MILLICELSIUS..=GREATEST_MILLICELSIUS {
            assert_eq!(mean(&[(temperature, 1)]), Some(temperature));
        }
    }

    #[test]
    fn random_series_agree_with_double_precision() {
        let mut state = 1_u64;
        let mut below = |end: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % end
        };
        for _ in 0..20_000 {
            let (low, span) = (below(140_001), 1 + below(140_000));
            let readings: Vec<(i32, u64)> = (0..1 + below(12))
                .map(|_| {
                    let temperature = (low + below(span)).min(140_000);
                    (
                        i32::try_from(temperature).unwrap() - 80_000,
                        1 + below(100_000),
                    )
                })
                .collect();
            let (ours, real) = (f64::from(mean(&readings).unwrap()) / 1e3, real(&readings));
            assert!(
                (ours - real).abs() <= 0.000_501,
                "{readings:?}: {ours} {real}"
            );
        }
    }

    #[test]
    fn the_mean_lies_between_the_extremes_and_above_the_average() {
        let readings = [(2_000, 7), (8_000, 3), (-1_500, 2), (15_000, 1)];
        let ours = mean(&readings).unwrap();
        assert!(ours > 3_000 && ours < 15_000);
        let removed = Accumulator::EMPTY
            .with(4_000, 5)
            .and_then(|sum| sum.with(30_000, 2))
            .and_then(|sum| sum.without(30_000, 2));
        assert_eq!(removed, Accumulator::EMPTY.with(4_000, 5));
    }

    #[test]
    fn what_is_out_of_range_is_none() {
        assert_eq!(mean(&[(GREATEST_MILLICELSIUS + 1, 1)]), None);
        assert_eq!(mean(&[(LEAST_MILLICELSIUS - 1, 1)]), None);
        assert_eq!(mean(&[(5_000, u64::MAX), (5_000, 1)]), None);
        assert!(mean(&[(100_000, u64::MAX)]).is_some());
        assert!(Accumulator::EMPTY.without(5_000, 1).is_none());
    }
}
