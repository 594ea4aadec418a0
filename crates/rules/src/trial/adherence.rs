//! Adherence: doses that a device has recorded, counted by window. It can gate a bonus, never a stipend.
//! Sources: rulings.md 4 ("Base stipends depend on attendance alone; adherence gates only a bonus"); domain.md C1.

use crate::{BasisPoints, Date};

/// Most windows that are counted: one byte each.
pub const MAX_WINDOWS: usize = 64;

/// What a schedule asks for. Doses beyond what a window asks for do not make up for another window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdherenceTerms {
    /// Days of a window; the first begins on the day of enrolment.
    pub window_days: u16,
    /// Windows that count, at most [`MAX_WINDOWS`].
    pub windows: u8,
    /// Doses expected in each.
    pub doses: u8,
    /// The part of the expected doses from which the bonus is paid.
    pub threshold: BasisPoints,
}

/// What is wrong with terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdherenceError {
    /// Windows of no days, no windows or too many, no doses.
    Empty,
    /// A successor asks for more than the terms before.
    Worse,
}

impl AdherenceTerms {
    /// Checks terms in themselves.
    ///
    /// # Errors
    /// `Empty`.
    pub fn check(&self) -> Result<(), AdherenceError> {
        let counted = 1..=MAX_WINDOWS;
        if self.window_days == 0 || self.doses == 0 || !counted.contains(&usize::from(self.windows))
        {
            return Err(AdherenceError::Empty);
        }
        Ok(())
    }

    /// The window in which `day` lies, from 0; none before enrolment or after the last window.
    #[must_use]
    pub fn window(&self, enrolled_on: Date, day: Date) -> Option<u8> {
        let passed = u32::try_from(day.days_since(enrolled_on)).ok()?;
        let window = passed.checked_div(u32::from(self.window_days))?;
        u8::try_from(window)
            .ok()
            .filter(|window| *window < self.windows)
    }

    /// Doses expected of somebody who took part from `enrolled_on` to `last`: those of the windows that were over by then.
    #[must_use]
    pub fn expected(&self, enrolled_on: Date, last: Date) -> u32 {
        let days = last.days_since(enrolled_on).saturating_add(1);
        let over = u32::try_from(days)
            .ok()
            .and_then(|days| days.checked_div(u32::from(self.window_days)))
            .unwrap_or(0);
        over.min(u32::from(self.windows))
            .saturating_mul(u32::from(self.doses))
    }

    /// Whether `counted` doses of `expected` are enough. Nothing expected is nothing missed.
    #[must_use]
    pub fn is_met(&self, counted: u32, expected: u32) -> bool {
        u64::from(counted).saturating_mul(u64::from(BasisPoints::WHOLE.get()))
            >= u64::from(expected).saturating_mul(u64::from(self.threshold.get()))
    }

    /// Checks that `new` asks no more of a participant than `old` did: the same windows, no more doses, no higher part. None
    /// asks for nothing.
    ///
    /// # Errors
    /// `Worse`.
    pub fn succession(old: Option<&Self>, new: Option<&Self>) -> Result<(), AdherenceError> {
        match (old, new) {
            (_, None) => Ok(()),
            (Some(old), Some(new))
                if new.window_days == old.window_days
                    && new.windows <= old.windows
                    && new.doses <= old.doses
                    && new.threshold <= old.threshold =>
            {
                Ok(())
            }
            _ => Err(AdherenceError::Worse),
        }
    }
}
