//! Benefit periods.

use crate::date::{Date, Window};

/// The period to which accumulators belong, chosen by the service date: a calendar year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BenefitPeriod {
    year: u16,
}

impl BenefitPeriod {
    /// The period of a service date.
    #[must_use]
    pub fn of(service: Date) -> Self {
        Self {
            year: service.year(),
        }
    }

    /// The calendar year, 1 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Its days.
    #[must_use]
    pub fn window(self) -> Window {
        Window {
            from: Date::from_ymd(self.year, 1, 1).unwrap_or(Date::MIN),
            to: Date::from_ymd(self.year, 12, 31).unwrap_or(Date::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_the_calendar_year_of_the_service() {
        for (day, from, to) in [
            ("2026-01-01", "2026-01-01", "2026-12-31"),
            ("2024-12-31", "2024-01-01", "2024-12-31"),
            ("0001-06-01", "0001-01-01", "0001-12-31"),
            ("9999-06-01", "9999-01-01", "9999-12-31"),
        ] {
            let period = BenefitPeriod::of(day.parse().unwrap());
            assert_eq!(period.window().from, from.parse().unwrap());
            assert_eq!(period.window().to, to.parse().unwrap());
        }
        assert_eq!(
            BenefitPeriod::of("2026-07-01".parse().unwrap()).year(),
            2026
        );
    }
}
