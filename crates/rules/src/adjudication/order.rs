//! The order in which lines take their turn: (service date, line number).

/// The indices of lines, each when its turn comes.
///
/// Lines mostly come in order already, and then each step costs one comparison. Lines of equal
/// turn have been refused before.
pub(super) struct Turns {
    in_order: bool,
    before: Option<i64>,
}

impl Turns {
    /// `in_order`: whether the lines are kept in the order of their turns.
    pub(super) const fn of(in_order: bool) -> Self {
        Self {
            in_order,
            before: None,
        }
    }

    /// How many of the first `count` lines can be before the line at `index`.
    pub(super) const fn before(&self, index: usize, count: usize) -> usize {
        if self.in_order {
            index
        } else {
            count
        }
    }

    /// The index that comes after those asked for so far, of which there are `nth`, among `count`;
    /// `turn` says when an index has its turn. `None` after the last.
    #[inline(always)]
    pub(super) fn nth(
        &mut self,
        nth: usize,
        count: usize,
        turn: impl Fn(usize) -> Option<i64>,
    ) -> Option<usize> {
        if self.in_order {
            return Some(nth);
        }
        self.search(count, turn)
    }

    #[cold]
    #[inline(never)]
    fn search(&mut self, count: usize, turn: impl Fn(usize) -> Option<i64>) -> Option<usize> {
        let before = self.before;
        let (turn, index) = (0..count)
            .filter_map(|index| turn(index).map(|turn| (turn, index)))
            .filter(|(turn, _)| Some(*turn) > before)
            .min()?;
        self.before = Some(turn);
        Some(index)
    }
}
