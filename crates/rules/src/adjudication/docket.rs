//! Where the lines of a claim are kept, and where what is decided about them goes.
//!
//! Whoever keeps both in a form of its own, as the chain does in its accounts, has the rulebook read
//! and write that form: nothing is copied into [`Line`]s and out of [`LineResult`]s first. On chain
//! that is more than half of what a line costs.

use super::benefit::{Benefit, Entry};
use super::history::Findings;
use super::line::Line;
use super::result::LineResult;

/// The lines of one claim, and the places for their results. Lines and places have the same
/// indices, from 0.
///
/// The rulebook first asks each line, then leaves what the history says of it, and at last decides
/// each once. What it has left or decided it may ask for again.
pub trait Docket {
    /// The form in which the schedule keeps its entries.
    type Entry: Entry;

    /// How many lines there are.
    fn count(&self) -> usize;

    /// Line `index`: the same whenever it is asked for. `None` from [`count`](Self::count) on.
    fn line(&self, index: usize) -> Option<Line<Self::Entry>>;

    /// What is known of line `index`: what was left with [`findings_mut`](Self::findings_mut) or
    /// came with its result; at first nothing, [`Findings::default`].
    fn findings(&self, index: usize) -> Findings;

    /// The place for what is known of line `index`. `None` from [`count`](Self::count) on.
    fn findings_mut(&mut self, index: usize) -> Option<&mut Findings>;

    /// Whether line `index`, which has been decided, was let through.
    fn is_live(&self, index: usize) -> bool;

    /// Takes down what was decided of line `index`, its findings included.
    fn record(&mut self, index: usize, result: &LineResult);
}

/// Lines and results in slices of the same length.
pub(super) struct Slices<'a> {
    pub lines: &'a [Line],
    pub results: &'a mut [LineResult],
}

impl Docket for Slices<'_> {
    type Entry = Benefit;

    fn count(&self) -> usize {
        self.lines.len()
    }

    fn line(&self, index: usize) -> Option<Line> {
        self.lines.get(index).copied()
    }

    fn findings(&self, index: usize) -> Findings {
        self.results
            .get(index)
            .map_or_else(Findings::default, |result| result.findings)
    }

    fn findings_mut(&mut self, index: usize) -> Option<&mut Findings> {
        self.results
            .get_mut(index)
            .map(|result| &mut result.findings)
    }

    fn is_live(&self, index: usize) -> bool {
        self.results.get(index).is_some_and(LineResult::is_live)
    }

    fn record(&mut self, index: usize, result: &LineResult) {
        if let Some(place) = self.results.get_mut(index) {
            *place = *result;
        }
    }
}
