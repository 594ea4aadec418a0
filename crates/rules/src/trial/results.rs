//! When a trial's results are due, and what becomes of the bond. Sources: rulings.md 4 and domain.md D21 (a missing deadline is
//! visible and costs a bond); 42 CFR 11.44 (results within a year of completion).

use crate::Date;

/// The last day for committing to results: so many days after the last day of the trial, and no later than `latest`, which
/// holds also for a trial that is never ended. None: no day is set yet.
#[must_use]
pub fn results_due(ended_on: Option<Date>, days: u16, latest: Option<Date>) -> Option<Date> {
    let after_end = ended_on.and_then(|end| end.plus_days(u32::from(days)));
    match (after_end, latest) {
        (Some(after_end), Some(latest)) => Some(after_end.min(latest)),
        (after_end, latest) => after_end.or(latest),
    }
}

/// What has become of the bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// It is set aside.
    Held,
    /// Results came in time.
    Returned,
    /// They did not.
    Forfeited,
}

impl Bond {
    /// The bond after results committed on `today`: late ones are committed all the same, and do not save it.
    #[must_use]
    pub fn on_results(self, today: Date, due: Option<Date>) -> Self {
        match self {
            Self::Held if due.is_none_or(|due| today <= due) => Self::Returned,
            other => other,
        }
    }

    /// Whether the bond is forfeited on `today`.
    #[must_use]
    pub fn is_forfeit(self, today: Date, due: Option<Date>) -> bool {
        self == Self::Held && due.is_some_and(|due| today > due)
    }
}
