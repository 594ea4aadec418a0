//! The log of a trial's data points: nothing is overwritten. A change is a new leaf that says why and which leaf it follows.
//!
//! Leaves stay with whoever keeps the data; they are anchored in batches. The roots of the batches are the leaves of one tree of
//! fixed height, whose root is on the ledger: it only grows, so a leaf that is in it was there when it says. Sources: CDISC ODM 2.0,
//! AuditRecord (user, location, time, reason for change, source); rulings.md 4; RFC 6962 2.1 for the prefixes.

use crate::merkle::{fold, parent, Hasher, Node, EMPTY};

/// Height of the tree over the batches: about a million of them.
pub const LOG_DEPTH: u8 = 20;

/// The nodes of the tree over the batches that wait for another one, by height: one wherever the number of batches has a bit.
pub type Peaks = [Node; LOG_DEPTH as usize];

/// Most batches.
pub const MAX_BATCHES: u32 = (1 << LOG_DEPTH) - 1;

/// Most leaves of a batch, as a power of two.
pub const MAX_BATCH_DEPTH: u8 = 24;

/// Stands for "follows no leaf".
pub const FIRST: u64 = u64::MAX;

/// Begins the hash of a data point: the height of a leaf, and what it is.
const POINT: &[u8] = b"\0galen data point";
/// Begins the hash of a batch.
const BATCH: &[u8] = b"\0galen data batch";

/// Why a value was entered. Values never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeReason {
    /// The first value.
    FirstEntry = 0,
    /// The value before was entered wrongly.
    EntryError = 1,
    /// The source says something else now.
    NewInformation = 2,
    /// A query was answered.
    QueryAnswered = 3,
    /// The value before is withdrawn; none takes its place.
    Withdrawn = 4,
}

impl ChangeReason {
    /// The reason of this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::FirstEntry),
            1 => Some(Self::EntryError),
            2 => Some(Self::NewInformation),
            3 => Some(Self::QueryAnswered),
            4 => Some(Self::Withdrawn),
            _ => None,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// A data point, as its leaf has it: salted commitments, whose openings stay off the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataPoint {
    /// Which subject, visit and item.
    pub item: Node,
    /// The value.
    pub value: Node,
    /// Who, where and from which source.
    pub audit: Node,
    /// When, as a Unix second.
    pub at: i64,
    /// Why.
    pub reason: ChangeReason,
    /// The position in the log of the leaf that this one follows; none for a first entry.
    pub follows: Option<u64>,
}

/// What is wrong with a data point's place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfLine {
    /// A first entry that follows something, or a change that follows nothing.
    Reason,
    /// It follows a leaf that does not come before it.
    Position,
    /// It follows a leaf of another item.
    Item,
    /// It is earlier than the leaf that it follows.
    Time,
}

impl DataPoint {
    /// The leaf.
    #[must_use]
    pub fn leaf<H: Hasher>(&self) -> Node {
        H::hash(&[
            POINT,
            &self.item,
            &self.value,
            &self.audit,
            &self.at.to_le_bytes(),
            &[self.reason.number()],
            &self.follows.unwrap_or(FIRST).to_le_bytes(),
        ])
    }

    /// Checks that the data point can stand at `position`, `before` being what stands at the position that it follows.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self, position: u64, before: Option<&Self>) -> Result<(), OutOfLine> {
        match (self.reason, self.follows, before) {
            (ChangeReason::FirstEntry, None, None) => Ok(()),
            (ChangeReason::FirstEntry, _, _) | (_, None, _) | (_, _, None) => {
                Err(OutOfLine::Reason)
            }
            (_, Some(follows), _) if follows >= position => Err(OutOfLine::Position),
            (_, _, Some(before)) if before.item != self.item => Err(OutOfLine::Item),
            (_, _, Some(before)) if before.at > self.at => Err(OutOfLine::Time),
            _ => Ok(()),
        }
    }
}

/// A batch of leaves, as it is anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Root of the tree over its leaves, of the least height that holds them.
    pub root: Node,
    /// Position in the log of its first leaf.
    pub first: u64,
    /// How many leaves it has.
    pub count: u32,
}

impl Batch {
    /// Height of the tree over its leaves; none for no leaves, or too many.
    #[must_use]
    pub fn depth(&self) -> Option<u8> {
        let places = self
            .count
            .checked_next_power_of_two()
            .filter(|_| self.count > 0)?;
        u8::try_from(places.trailing_zeros())
            .ok()
            .filter(|depth| *depth <= MAX_BATCH_DEPTH)
    }

    /// The leaf by which it stands in the tree over the batches.
    #[must_use]
    pub fn leaf<H: Hasher>(&self) -> Node {
        H::hash(&[
            BATCH,
            &self.root,
            &self.first.to_le_bytes(),
            &self.count.to_le_bytes(),
        ])
    }
}

/// Appends a batch's leaf to the tree over `count` batches, in place: on the ledger the stack has no room for a copy. Returns the
/// new root; none, and nothing changed, where the tree is full.
#[must_use]
pub fn append<H: Hasher>(peaks: &mut Peaks, count: u32, leaf: Node) -> Option<Node> {
    if count >= MAX_BATCHES {
        return None;
    }
    let mut node = leaf;
    for (height, peak) in (1_u8..).zip(peaks.iter_mut()) {
        let waiting = core::mem::replace(peak, EMPTY);
        if waiting == EMPTY {
            *peak = node;
            break;
        }
        node = parent::<H>(height, &waiting, &node);
    }
    Some(root::<H>(peaks))
}

/// The root of the tree over the batches, what is missing being empty.
fn root<H: Hasher>(peaks: &Peaks) -> Node {
    let mut carried = EMPTY;
    for (height, peak) in (1_u8..).zip(peaks) {
        carried = if *peak == EMPTY {
            parent::<H>(height, &carried, &EMPTY)
        } else {
            parent::<H>(height, peak, &carried)
        };
    }
    carried
}

/// That a leaf stands in the log.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// Position of the leaf in the log.
    pub position: u64,
    /// Its batch.
    pub batch: Batch,
    /// The batch's number, from 0.
    pub batch_number: u64,
    /// Siblings from the leaf up to the batch's root.
    pub in_batch: &'a [Node],
    /// Siblings from the batch up to the log's root.
    pub in_log: &'a [Node],
}

/// Whether the proof leads from `leaf` to the log's `root`.
#[must_use]
pub fn proves<H: Hasher>(root: &Node, leaf: Node, proof: &Proof<'_>) -> bool {
    let Some(depth) = proof.batch.depth() else {
        return false;
    };
    let Some(place) = proof
        .position
        .checked_sub(proof.batch.first)
        .filter(|place| *place < u64::from(proof.batch.count))
    else {
        return false;
    };
    *root != EMPTY
        && leaf != EMPTY
        && proof.in_batch.len() == usize::from(depth)
        && proof.in_log.len() == usize::from(LOG_DEPTH)
        && fold::<H>(leaf, 0, place, proof.in_batch) == Some(proof.batch.root)
        && fold::<H>(proof.batch.leaf::<H>(), 0, proof.batch_number, proof.in_log).as_ref()
            == Some(root)
}
