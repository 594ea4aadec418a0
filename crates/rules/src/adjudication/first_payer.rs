//! Gate 6 for a claim without details: another payer comes first, and must have been asked.
//!
//! Between gate 5, which looks for duplicates, and the first half of gate 8, which denies a line without a benefit,
//! stands nothing but gate 6. So a line that it denies goes without its benefit, and its denial is then called
//! by its name. [`adjudicate`](super::adjudicate) itself, which most claims go through, knows nothing of it.

use super::error::Error;
use super::line::{Line, Network};
use super::result::{Denial, LineResult, Totals};
use crate::date::Window;
use crate::reason::Reason;

/// The days on which another payer comes first for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstPayer(pub Window);

impl FirstPayer {
    fn denies(self, line: &Line) -> bool {
        line.other_payer.is_none() && self.0.contains(line.service.date)
    }

    /// Before adjudication: lines of these days that do not say what the other payer decided go without a benefit.
    #[cold]
    #[inline(never)]
    pub fn withhold(self, lines: &mut [Line]) {
        for line in lines.iter_mut().filter(|line| self.denies(line)) {
            line.benefit = None;
        }
    }

    /// After it: those lines, where no earlier gate has denied them, are denied by CARC 22.
    ///
    /// # Errors
    /// [`Error::TooLarge`] with the line at which a sum does not fit.
    #[cold]
    #[inline(never)]
    pub fn name(
        self,
        lines: &[Line],
        network: Network,
        results: &mut [LineResult],
        totals: &mut Totals,
    ) -> Result<(), Error> {
        for (line, result) in lines.iter().zip(results.iter_mut()) {
            let is_without = result
                .denial
                .is_some_and(|denial| denial.reason == Reason::NotInPlan);
            if is_without && self.denies(line) {
                let moved = result.deny_instead(Denial::of(Reason::OtherPayerFirst), network);
                totals.shift(moved).ok_or(Error::TooLarge(line.number))?;
            }
        }
        Ok(())
    }
}
