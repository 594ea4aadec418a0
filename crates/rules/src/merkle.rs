//! The tree of a batch: one leaf for each pack, laid out so that each case and each pallet is a subtree.
//!
//! Sources: rulings.md 5 (addresses by position, padding, empty leaves); RFC 6962 2.1 (leaves and nodes hash under
//! different prefixes, or a node could be passed off as a leaf). A node's prefix names its height too, so a proof that
//! begins at another height proves nothing.
//!
//! The hash function is the caller's: a crate natively, the system call on chain.

mod frontier;
mod layout;
mod proof;

pub use frontier::Frontier;
pub use layout::{Layout, Level, Subtree, MAX_DEPTH};
pub use proof::{fold, proves, proves_subtree};

/// A hash of the tree.
pub type Node = [u8; 32];
/// What stands where no pack is. No hash is known that gives it, and a leaf that is it is never a member.
pub const EMPTY: Node = [0; 32];
/// Bytes of a salt.
pub const SALT_LENGTH: usize = 16;
/// Bytes of the longest serial number (AI 21).
pub const SERIAL_LENGTH: usize = 20;

const LEAF_PREFIX: u8 = 0;

/// SHA-256 over the concatenation of slices.
pub trait Hasher {
    /// The hash.
    fn hash(parts: &[&[u8]]) -> Node;
}

/// The leaf of a pack: SHA-256(0 ‖ GTIN, 14 digits ‖ salt ‖ length ‖ serial number). At most 52 bytes, one block of
/// the hash. None where the GTIN has no 14 bytes or the serial number none, or more than 20.
#[must_use]
pub fn leaf<H: Hasher>(gtin: &[u8], salt: &[u8; SALT_LENGTH], serial: &[u8]) -> Option<Node> {
    let length = u8::try_from(serial.len()).ok()?;
    let fits = gtin.len() == 14 && (1..=SERIAL_LENGTH).contains(&serial.len());
    fits.then(|| H::hash(&[&[LEAF_PREFIX], gtin, salt, &[length], serial]))
}

/// Whether a node is [`EMPTY`]. The first byte of a hash says that it is not in 255 of 256 cases; to compare all of it is a call on
/// chain.
fn is_empty(node: &Node) -> bool {
    let [first, ..] = node;
    *first == 0 && *node == EMPTY
}

/// The node of `height` (1 above the leaves) over two nodes: SHA-256(height ‖ left ‖ right), and empty over two empty
/// ones, so that padding costs nothing.
#[must_use]
#[inline(always)]
pub fn parent<H: Hasher>(height: u8, left: &Node, right: &Node) -> Node {
    if is_empty(left) && is_empty(right) {
        return EMPTY;
    }
    H::hash(&[&[height], left, right])
}
