//! The leaf file: header, a record for each pack in the order of the list, their order by serial number, nodes of the
//! tree from one height up, trailer. Numbers are little-endian.

use galen_rules::merkle::{leaf, parent, Layout, Level, Node, EMPTY, SALT_LENGTH, SERIAL_LENGTH};

use crate::error::BatchError;
use crate::hashing::Sha;
use crate::serial::{unpad, Padded};

const MAGIC: &[u8; 8] = b"GALENLF1";
/// Bytes of the header: magic, GTIN, packs in a case, cases in a pallet, zeros.
pub const HEADER: usize = 64;
/// Bytes of a record: salt, serial number padded.
pub const RECORD: usize = SALT_LENGTH + SERIAL_LENGTH;
/// Bytes of an entry of the order: the number of a pack.
pub const ENTRY: usize = 4;
/// Bytes of the trailer: count, root, magic.
pub const TRAILER: usize = 48;
/// The height from which on nodes are kept: proving a pack hashes one subtree of this height and reads the siblings
/// above it. Of each height, what is empty at its end is left out.
pub const KEPT: u8 = 10;

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Of all packs.
    pub gtin: [u8; 14],
    /// How many packs fill a case.
    pub packs_in_case: u32,
    /// How many cases fill a pallet.
    pub cases_in_pallet: u32,
}

impl Header {
    pub fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let parts: [&[u8]; 4] = [
            MAGIC,
            &self.gtin,
            &self.packs_in_case.to_le_bytes(),
            &self.cases_in_pallet.to_le_bytes(),
        ];
        for (place, byte) in bytes.iter_mut().zip(parts.concat()) {
            *place = byte;
        }
        bytes
    }

    pub fn from_bytes(bytes: &[u8; HEADER]) -> Result<Self, BatchError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(BatchError::NotALeafFile)?;
        let (gtin, rest) = rest
            .split_first_chunk::<14>()
            .ok_or(BatchError::NotALeafFile)?;
        let (packs, rest) = rest
            .split_first_chunk::<4>()
            .ok_or(BatchError::NotALeafFile)?;
        let (cases, rest) = rest
            .split_first_chunk::<4>()
            .ok_or(BatchError::NotALeafFile)?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(BatchError::NotALeafFile);
        }
        Ok(Self {
            gtin: *gtin,
            packs_in_case: u32::from_le_bytes(*packs),
            cases_in_pallet: u32::from_le_bytes(*cases),
        })
    }

    /// The layout for so many packs.
    pub fn layout(self, count: u64) -> Result<Layout, BatchError> {
        Layout::fitting(self.packs_in_case, self.cases_in_pallet, count)
            .ok_or(BatchError::BadLayout)
    }

    /// Where in the tree the pack with this number is. Cases and pallets are filled in the order of the list.
    pub fn index(self, layout: Layout, number: u64) -> Option<u64> {
        let packs = u64::from(self.packs_in_case);
        let cases = u64::from(self.cases_in_pallet);
        let case = number.checked_div(packs)?;
        layout.pack(
            case.checked_div(cases)?,
            case.checked_rem(cases)?,
            number.checked_rem(packs)?,
        )
    }

    /// The number of the first pack at this place of the tree or after it.
    pub fn number_from(self, layout: Layout, index: u64) -> u64 {
        let (case_height, pallet_height) =
            (layout.height(Level::Case), layout.height(Level::Pallet));
        let packs = u64::from(self.packs_in_case);
        let cases = u64::from(self.cases_in_pallet);
        let pallet = index >> pallet_height;
        let case = (index >> case_height) & ((1 << (pallet_height - case_height)) - 1);
        let place = index & ((1 << case_height) - 1);
        let number_of_case = |pallet: u64, case: u64| (pallet * cases + case.min(cases)) * packs;
        if case >= cases {
            number_of_case(pallet + 1, 0)
        } else {
            number_of_case(pallet, case) + place.min(packs)
        }
    }
}

/// What the trailer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// How many packs there are.
    pub count: u64,
    /// Of the tree.
    pub root: Node,
}

impl Trailer {
    pub fn to_bytes(self) -> Vec<u8> {
        [&self.count.to_le_bytes()[..], &self.root, MAGIC].concat()
    }

    pub fn from_bytes(bytes: &[u8; TRAILER]) -> Result<Self, BatchError> {
        let cut = BatchError::Damaged("its end is missing");
        let rest = bytes.strip_suffix(MAGIC).ok_or(cut)?;
        let (count, root) = rest
            .split_first_chunk::<8>()
            .ok_or(BatchError::NotALeafFile)?;
        Ok(Self {
            count: u64::from_le_bytes(*count),
            root: root.try_into().map_err(|_| BatchError::NotALeafFile)?,
        })
    }
}

/// A pack as the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Zeros where the batch is not salted.
    pub salt: [u8; SALT_LENGTH],
    /// Padded.
    pub serial: Padded,
}

impl Record {
    pub fn to_bytes(self) -> [u8; RECORD] {
        let mut bytes = [0; RECORD];
        let (salt, serial) = bytes.split_at_mut(SALT_LENGTH);
        salt.copy_from_slice(&self.salt);
        serial.copy_from_slice(&self.serial);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (salt, rest) = bytes.split_first_chunk::<SALT_LENGTH>()?;
        Some(Self {
            salt: *salt,
            serial: rest.try_into().ok()?,
        })
    }

    /// Its leaf.
    pub fn leaf(&self, gtin: &[u8; 14]) -> Node {
        leaf::<Sha>(gtin, &self.salt, unpad(&self.serial)).unwrap_or(EMPTY)
    }
}

/// The kept nodes of each height, from their lowest up to the root.
pub fn heights(lowest: Vec<Node>, depth: u8) -> Vec<Vec<Node>> {
    let mut heights = vec![lowest];
    for height in KEPT..depth {
        let below = heights.last().map(Vec::as_slice).unwrap_or_default();
        let level = below.chunks(2).map(|pair| match pair {
            [left, right] => parent::<Sha>(height + 1, left, right),
            [left] => parent::<Sha>(height + 1, left, &EMPTY),
            _ => EMPTY,
        });
        heights.push(level.collect());
    }
    heights
}

/// How many nodes are kept of each height, where the last pack is at this place of the tree.
pub fn kept_counts(last: u64, depth: u8) -> Vec<u64> {
    (KEPT..=depth).map(|height| (last >> height) + 1).collect()
}
