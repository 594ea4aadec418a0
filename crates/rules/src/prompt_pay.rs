//! Interest on what is paid late.
//!
//! Outside the line's balance: in the 835 it is an AMT and a PLB, never an adjustment
//! (rulings.md 2). Nothing is due on denials, and nothing before the ceiling has passed (CMS Claims
//! Processing Manual, chapter 1, section 80.2.2).

use core::num::NonZeroU64;

use crate::date::Date;
use crate::money::{half_up, Cents};

/// Thousandths of a percent in a whole, times the days of a year as the formula counts them.
const YEAR: u64 = 100_000 * 365;
const YEAR_NON_ZERO: NonZeroU64 = match NonZeroU64::new(YEAR) {
    Some(year) => year,
    None => NonZeroU64::MIN,
};

/// An interest rate per year in thousandths of a percent: 4.875 % is 4875. Published prompt-pay
/// rates go by eighths of a percent, which basis points cannot state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct AnnualRate(u32);

impl AnnualRate {
    /// `thousandths` of a percent, or `None` above 100 %.
    #[must_use]
    pub const fn new(thousandths: u32) -> Option<Self> {
        if thousandths <= 100_000 {
            Some(Self(thousandths))
        } else {
            None
        }
    }

    /// The rate in thousandths of a percent.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The last day on which payment carries no interest: `ceiling_days` after receipt, put off by
/// the `stopped_days` during which information was awaited (rulings.md 3). `None` after 9999.
#[must_use]
pub const fn due(received: Date, ceiling_days: u32, stopped_days: u32) -> Option<Date> {
    match received.plus_days(ceiling_days) {
        Some(ceiling) => ceiling.plus_days(stopped_days),
        None => None,
    }
}

/// Interest on `net` (after deductible, copay and prior payers) when paid on `settled`:
/// net × rate × days late / 365, rounded half up once. `None` where it does not fit.
#[must_use]
pub fn interest(net: Cents, rate: AnnualRate, due: Date, settled: Date) -> Option<Cents> {
    let days_late = u64::try_from(settled.days_since(due)).unwrap_or(0);
    let factor = u64::from(rate.0).checked_mul(days_late)?;
    let whole = (net.get() / YEAR).checked_mul(factor)?;
    let part = half_up((net.get() % YEAR).checked_mul(factor)?, YEAR_NON_ZERO);
    whole.checked_add(part).map(Cents::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn starts_the_day_after_the_ceiling() {
        // PP-DATE of the vectors (CMS chapter 1, section 80.2.2).
        let due = due(date("2009-03-01"), 30, 0).unwrap();
        assert_eq!(due, date("2009-03-31"));
        let rate = AnnualRate::new(10_000).unwrap();
        let net = Cents::new(365_000);
        assert_eq!(
            interest(net, rate, due, date("2009-03-31")),
            Some(Cents::ZERO)
        );
        assert_eq!(
            interest(net, rate, due, date("2009-03-02")),
            Some(Cents::ZERO)
        );
        assert_eq!(
            interest(net, rate, due, date("2009-04-01")),
            Some(Cents::new(100))
        );
    }

    #[test]
    fn the_clock_stops_while_information_is_awaited() {
        assert_eq!(due(date("2009-03-01"), 30, 10), Some(date("2009-04-10")));
    }

    #[test]
    fn eighths_of_a_percent_are_stated_exactly_and_ties_go_up() {
        let rate = AnnualRate::new(4_875).unwrap();
        let from = date("2026-01-01");
        // 1,000.00 for 30 days: 100000 × 0.04875 × 30 / 365 = 400.68 cents.
        assert_eq!(
            interest(Cents::new(100_000), rate, from, from.plus_days(30).unwrap()),
            Some(Cents::new(401))
        );
        // Half a cent exactly: 365 × 50 % × 1 / 365.
        let half = AnnualRate::new(50_000).unwrap();
        let next = from.plus_days(1).unwrap();
        assert_eq!(interest(Cents::new(1), half, from, next), Some(Cents::ZERO));
        assert_eq!(
            interest(Cents::new(365), half, from, next),
            Some(Cents::new(1))
        );
        assert_eq!(AnnualRate::new(100_001), None);
    }

    #[test]
    fn agrees_with_wide_arithmetic_and_says_when_it_does_not_fit() {
        let from = date("2026-01-01");
        let mut state = 7_u64;
        for step in 0..50_000_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(step | 1);
            let net = state >> (step % 64);
            let rate = AnnualRate::new(u32::try_from(state % 100_001).unwrap()).unwrap();
            let days = u32::try_from(step % 4_000).unwrap();
            let wide = (2 * u128::from(net) * u128::from(rate.get()) * u128::from(days)
                + u128::from(YEAR))
                / (2 * u128::from(YEAR));
            assert_eq!(
                interest(Cents::new(net), rate, from, from.plus_days(days).unwrap()),
                u64::try_from(wide).ok().map(Cents::new)
            );
        }
    }
}
