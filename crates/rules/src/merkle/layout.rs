//! Where packs, cases and pallets stand in the tree.

/// The greatest height of a tree.
pub const MAX_DEPTH: u8 = 40;

/// Levels of packaging, from the pack up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What a patient gets.
    Pack,
    /// Packs shipped together.
    Case,
    /// Cases shipped together.
    Pallet,
    /// All of it.
    Batch,
}

impl Level {
    /// Every level, from the pack up.
    pub const ALL: [Self; 4] = [Self::Pack, Self::Case, Self::Pallet, Self::Batch];
}

/// A place in the tree: the `index`-th of its level, counted with the padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// The level.
    pub level: Level,
    /// From 0.
    pub index: u64,
}

/// How many fit into what: powers of two, as exponents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    packs_in_case: u8,
    cases_in_pallet: u8,
    pallets_in_batch: u8,
}

impl Layout {
    /// A layout by its exponents; none where the tree would be higher than [`MAX_DEPTH`].
    #[must_use]
    pub fn new(packs_in_case: u8, cases_in_pallet: u8, pallets_in_batch: u8) -> Option<Self> {
        let depth = packs_in_case
            .checked_add(cases_in_pallet)?
            .checked_add(pallets_in_batch)?;
        (depth <= MAX_DEPTH).then_some(Self {
            packs_in_case,
            cases_in_pallet,
            pallets_in_batch,
        })
    }

    /// The smallest layout for cases and pallets of these sizes and so many packs; none where one is zero or the tree
    /// would be too high.
    #[must_use]
    pub fn fitting(packs_in_case: u32, cases_in_pallet: u32, packs: u64) -> Option<Self> {
        let pallet = u64::from(packs_in_case).checked_mul(u64::from(cases_in_pallet))?;
        let pallets = packs
            .checked_add(pallet.checked_sub(1)?)?
            .checked_div(pallet)?;
        Self::new(
            exponent(u64::from(packs_in_case))?,
            exponent(u64::from(cases_in_pallet))?,
            exponent(pallets)?,
        )
    }

    /// The exponents: packs in a case, cases in a pallet, pallets in the batch.
    #[must_use]
    pub const fn exponents(self) -> [u8; 3] {
        [
            self.packs_in_case,
            self.cases_in_pallet,
            self.pallets_in_batch,
        ]
    }

    /// The height of the tree.
    #[must_use]
    pub fn depth(self) -> u8 {
        self.height(Level::Batch)
    }

    /// The height of a level's nodes.
    #[must_use]
    pub fn height(self, level: Level) -> u8 {
        // Their sum was checked when the layout was made.
        match level {
            Level::Pack => 0,
            Level::Case => self.packs_in_case,
            Level::Pallet => self.packs_in_case.saturating_add(self.cases_in_pallet),
            Level::Batch => self
                .packs_in_case
                .saturating_add(self.cases_in_pallet)
                .saturating_add(self.pallets_in_batch),
        }
    }

    /// How many places a level has, padding included.
    #[must_use]
    pub fn places(self, level: Level) -> u64 {
        let above = self.depth().saturating_sub(self.height(level));
        1_u64.checked_shl(u32::from(above)).unwrap_or(u64::MAX)
    }

    /// The index of a pack by its pallet, its case in the pallet, its place in the case; none where one is out of
    /// its range.
    #[must_use]
    pub fn pack(self, pallet: u64, case: u64, place: u64) -> Option<u64> {
        let within = |number: u64, exponent: u8| number.checked_shr(u32::from(exponent)) == Some(0);
        let fits = within(pallet, self.pallets_in_batch)
            && within(case, self.cases_in_pallet)
            && within(place, self.packs_in_case);
        let index = pallet
            .checked_shl(u32::from(self.height(Level::Pallet)))?
            .checked_add(case.checked_shl(u32::from(self.height(Level::Case)))?)?
            .checked_add(place)?;
        fits.then_some(index)
    }

    /// What contains a subtree, itself first: every place whose custody and recall decide about it. None where the
    /// tree has no such place.
    #[must_use]
    pub fn path(self, of: Subtree) -> Option<[Option<Subtree>; 4]> {
        if of.index >= self.places(of.level) {
            return None;
        }
        let from = self.height(of.level);
        Some(Level::ALL.map(|level| {
            let up = self.height(level).checked_sub(from)?;
            (level >= of.level).then_some(Subtree {
                level,
                index: of.index.checked_shr(u32::from(up))?,
            })
        }))
    }
}

/// The exponent of the smallest power of two that is at least `number`.
fn exponent(number: u64) -> Option<u8> {
    let power = number.checked_next_power_of_two().filter(|_| number > 0)?;
    u8::try_from(power.trailing_zeros()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_packs() {
        let layout = Layout::fitting(48, 40, 1_000_000).unwrap();
        assert_eq!((layout.exponents(), layout.depth()), ([6, 6, 10], 22));
        assert_eq!(layout.places(Level::Pallet), 1_024);
        assert_eq!(layout.pack(520, 39, 47), Some((520 << 12) | (39 << 6) | 47));
        for outside in [(1_024, 0, 0), (0, 64, 0), (0, 0, 64)] {
            assert_eq!(layout.pack(outside.0, outside.1, outside.2), None);
        }
    }

    #[test]
    fn the_path_has_every_level_above() {
        let layout = Layout::new(6, 6, 10).unwrap();
        let index = layout.pack(3, 2, 1).unwrap();
        let path = layout
            .path(Subtree {
                level: Level::Pack,
                index,
            })
            .unwrap();
        assert_eq!(
            path.map(|place| place.unwrap().index),
            [index, 3 * 64 + 2, 3, 0]
        );
        let case = layout
            .path(Subtree {
                level: Level::Case,
                index: 3 * 64 + 2,
            })
            .unwrap();
        assert_eq!(
            case.map(|place| place.map(|place| place.index)),
            [None, Some(194), Some(3), Some(0)]
        );
        assert_eq!(
            layout.path(Subtree {
                level: Level::Case,
                index: 1 << 16
            }),
            None
        );
        assert_eq!(
            layout.path(Subtree {
                level: Level::Batch,
                index: 1
            }),
            None
        );
    }

    #[test]
    fn impossible_layouts_are_none() {
        assert_eq!(Layout::new(20, 20, 1), None);
        assert_eq!(Layout::new(255, 1, 0), None);
        assert!(Layout::new(40, 0, 0).is_some());
        for (packs, cases, count) in [
            (0, 1, 1),
            (1, 0, 1),
            (1, 1, 0),
            (1, 1, u64::MAX),
            (u32::MAX, u32::MAX, 1),
        ] {
            assert_eq!(Layout::fitting(packs, cases, count), None);
        }
    }
}
