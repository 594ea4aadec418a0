//! The order in which lines take their turn: (service date, line number).

use super::line::Line;

/// The indices of lines, each when its turn comes.
///
/// Lines mostly come in order already, and then each step costs one comparison. Lines of equal
/// turn have been refused before.
pub(super) struct InTurn<'a> {
    lines: &'a [Line],
    in_order: bool,
    next: usize,
    before: Option<i64>,
}

impl<'a> InTurn<'a> {
    /// `in_order`: whether the slice is in the order of turns.
    pub(super) const fn of(lines: &'a [Line], in_order: bool) -> Self {
        Self {
            lines,
            in_order,
            next: 0,
            before: None,
        }
    }
}

impl InTurn<'_> {
    /// How many of the first lines can be before the line at `index`.
    pub(super) const fn before(&self, index: usize) -> usize {
        if self.in_order {
            index
        } else {
            self.lines.len()
        }
    }
}

impl Iterator for InTurn<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.in_order {
            let index = self.next;
            self.next = index.checked_add(1)?;
            return (index < self.lines.len()).then_some(index);
        }
        let (index, line) = self
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| Some(line.turn()) > self.before)
            .min_by_key(|(_, line)| line.turn())?;
        self.before = Some(line.turn());
        Some(index)
    }
}
