//! Builds a root from leaves that come one after the other.

use core::marker::PhantomData;

use super::{parent, Hasher, Node, EMPTY, MAX_DEPTH};

const SLOTS: usize = MAX_DEPTH as usize + 1;

/// What is known of a tree whose leaves so far are its first ones: at most one node of each height.
pub struct Frontier<H> {
    waiting: [Option<Node>; SLOTS],
    count: u64,
    hasher: PhantomData<H>,
}

impl<H> Default for Frontier<H> {
    fn default() -> Self {
        Self {
            waiting: [None; SLOTS],
            count: 0,
            hasher: PhantomData,
        }
    }
}

impl<H: Hasher> Frontier<H> {
    /// How many leaves there are, empty ones included.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Appends a leaf. `completed` sees each node that this completes, with its height, from the leaf up. None where
    /// the tree is full.
    #[must_use]
    pub fn push(&mut self, leaf: Node, mut completed: impl FnMut(u8, &Node)) -> Option<()> {
        let mut node = leaf;
        let mut height: u8 = 0;
        completed(height, &node);
        loop {
            let slot = self.waiting.get_mut(usize::from(height))?;
            let Some(left) = slot.take() else {
                *slot = Some(node);
                break;
            };
            height = height.checked_add(1)?;
            node = parent::<H>(height, &left, &node);
            completed(height, &node);
        }
        self.count = self.count.checked_add(1)?;
        Some(())
    }

    /// The root of the tree of this height, what is missing being empty. None where there are more leaves than it
    /// has.
    #[must_use]
    pub fn root(&self, depth: u8) -> Option<Node> {
        if depth > MAX_DEPTH || self.count > 1_u64.checked_shl(u32::from(depth))? {
            return None;
        }
        let mut carried: Option<Node> = None;
        for height in 0..depth {
            let waiting = self.waiting.get(usize::from(height)).copied().flatten();
            let above = height.checked_add(1)?;
            carried = match (waiting, carried) {
                (Some(left), right) => Some(parent::<H>(above, &left, &right.unwrap_or(EMPTY))),
                (None, Some(left)) => Some(parent::<H>(above, &left, &EMPTY)),
                (None, None) => None,
            };
        }
        let whole = self.waiting.get(usize::from(depth)).copied().flatten();
        Some(whole.or(carried).unwrap_or(EMPTY))
    }
}
