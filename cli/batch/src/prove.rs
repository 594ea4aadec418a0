//! Proofs from a leaf file.

use std::io::{BufReader, Read, Seek, SeekFrom};

use galen_rules::merkle::{
    fold, parent, proves, Frontier, Layout, Level, Node, Subtree, EMPTY, SALT_LENGTH,
};

use crate::error::BatchError;
use crate::file::{
    heights, kept_counts, Header, Record, Trailer, ENTRY, HEADER, KEPT, RECORD, TRAILER,
};
use crate::hashing::{of_reader, Sha};
use crate::serial::{pad, unpad, Padded};

/// Bytes of a node.
const NODE: u64 = 32;
/// Beginnings of serial numbers that are looked at where upper and lower case are not told apart: a batch whose serial numbers differ in
/// nothing else has more of them, and any one is as good.
const MOST_HEADS: usize = 64;

/// That a pack is in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// 14 digits.
    pub gtin: [u8; 14],
    /// As it is printed on the pack.
    pub serial: String,
    /// Zeros where the batch is not salted.
    pub salt: [u8; SALT_LENGTH],
    /// Of the tree.
    pub layout: Layout,
    /// Where in the tree the pack is.
    pub index: u64,
    /// From the leaf's up.
    pub siblings: Vec<Node>,
}

impl Proof {
    /// Whether it proves the pack to be in the batch with this root.
    #[must_use]
    pub fn holds(&self, root: &Node) -> bool {
        galen_rules::merkle::leaf::<Sha>(&self.gtin, &self.salt, self.serial.as_bytes())
            .is_some_and(|leaf| proves::<Sha>(root, self.layout, self.index, leaf, &self.siblings))
    }

    /// The index of a level's subtree that the pack is in.
    #[must_use]
    pub fn index_at(&self, level: Level) -> u64 {
        self.index >> self.layout.height(level)
    }
}

/// An open leaf file.
pub struct Leaves<F> {
    file: F,
    header: Header,
    trailer: Trailer,
    layout: Layout,
}

impl<F: Read + Seek> Leaves<F> {
    /// Opens a leaf file.
    ///
    /// # Errors
    /// `not_a_leaf_file`, `leaf_file_damaged`, and those of reading.
    pub fn open(mut file: F) -> Result<Self, BatchError> {
        let length = file.seek(SeekFrom::End(0))?;
        if length < (HEADER + TRAILER) as u64 {
            return Err(BatchError::NotALeafFile);
        }
        let mut header = [0; HEADER];
        file.seek(SeekFrom::Start(0))?;
        file.read_exact(&mut header)?;
        let header = Header::from_bytes(&header)?;
        let mut trailer = [0; TRAILER];
        file.seek(SeekFrom::End(-(TRAILER as i64)))?;
        file.read_exact(&mut trailer)?;
        let trailer = Trailer::from_bytes(&trailer)?;
        let damaged = |_| BatchError::Damaged("its sizes make no tree");
        let layout = header.layout(trailer.count).map_err(damaged)?;
        let leaves = Self {
            file,
            header,
            trailer,
            layout,
        };
        if leaves.kept_start() + leaves.kept_counts().iter().sum::<u64>() * NODE + TRAILER as u64
            != length
        {
            return Err(BatchError::Damaged("its length is not that of its packs"));
        }
        Ok(leaves)
    }

    /// The root that the file states.
    pub fn root(&self) -> Node {
        self.trailer.root
    }

    /// How many packs there are.
    pub fn count(&self) -> u64 {
        self.trailer.count
    }

    /// Of the tree.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// 14 digits.
    pub fn gtin(&self) -> [u8; 14] {
        self.header.gtin
    }

    /// SHA-256 of the file, read in pieces.
    ///
    /// # Errors
    /// Those of reading.
    pub fn file_hash(&mut self) -> Result<Node, BatchError> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(of_reader(&mut self.file)?)
    }

    /// Proves a pack. Whatever of the file the proof rests on is compared with the file's root.
    ///
    /// # Errors
    /// `unknown_serial`, `leaf_file_damaged`, and those of reading.
    pub fn prove(&mut self, serial: &str) -> Result<Proof, BatchError> {
        let wanted = pad(serial.as_bytes()).map_err(|_| BatchError::UnknownSerial)?;
        let number = self.find(&wanted)?.ok_or(BatchError::UnknownSerial)?;
        let record = self.record(number)?;
        let index = self
            .header
            .index(self.layout, number)
            .ok_or(BatchError::Damaged("a pack is outside the tree"))?;
        let mut siblings = Vec::new();
        let low = self.layout.depth().min(KEPT);
        let block = index >> low;
        let bottom = self.block(block, low)?;
        let top = climb(bottom, 0, low, index & ((1 << low) - 1), &mut siblings);
        let above = self.siblings_above(block)?;
        if fold::<Sha>(top, low, block, &above) != Some(self.trailer.root) {
            return Err(BatchError::Damaged("its root is not that of its packs"));
        }
        siblings.extend(above);
        Ok(Proof {
            gtin: self.header.gtin,
            serial: serial.to_owned(),
            salt: record.salt,
            layout: self.layout,
            index,
            siblings,
        })
    }

    /// Where in the tree the pack with a serial number is; none where there is no such pack. Unlike [`Self::prove`] it compares
    /// nothing with the root.
    ///
    /// # Errors
    /// `leaf_file_damaged`, and those of reading.
    pub fn place_of(&mut self, serial: &str) -> Result<Option<u64>, BatchError> {
        let Ok(wanted) = pad(serial.as_bytes()) else {
            return Ok(None);
        };
        let Some(number) = self.find(&wanted)? else {
            return Ok(None);
        };
        let index = self.header.index(self.layout, number);
        index
            .map(Some)
            .ok_or(BatchError::Damaged("a pack is outside the tree"))
    }

    /// A serial number of the batch that differs from this one in upper and lower case only; none where there is no such pack. Like
    /// [`Self::place_of`] it compares nothing with the root.
    ///
    /// # Errors
    /// `leaf_file_damaged`, and those of reading.
    pub fn in_other_case(&mut self, serial: &str) -> Result<Option<String>, BatchError> {
        let Ok(wanted) = pad(serial.as_bytes()) else {
            return Ok(None);
        };
        // What serial numbers of the batch begin with, in either case, as far as has been looked at.
        let mut heads: Vec<Vec<u8>> = vec![Vec::new()];
        for byte in wanted {
            let (upper, lower) = (byte.to_ascii_uppercase(), byte.to_ascii_lowercase());
            let cases = [Some(upper), (lower != upper).then_some(lower)];
            let mut longer = Vec::new();
            for head in &heads {
                for case in cases.into_iter().flatten() {
                    let mut head = head.clone();
                    head.push(case);
                    if longer.len() < MOST_HEADS && self.has_head(&head)? {
                        longer.push(head);
                    }
                }
            }
            heads = longer;
        }
        Ok(heads
            .into_iter()
            .filter_map(|head| Padded::try_from(head).ok())
            .find(|found| *found != wanted)
            .map(|found| String::from_utf8_lossy(unpad(&found)).into_owned()))
    }

    /// Whether a serial number of the batch begins so.
    fn has_head(&mut self, head: &[u8]) -> Result<bool, BatchError> {
        let (mut low, mut high) = (0, self.trailer.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = self.in_order(middle)?;
            if found.starts_with(head) {
                return Ok(true);
            }
            if found.as_slice() < head {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(false)
    }

    /// The serial number at a place of their order.
    fn in_order(&mut self, place: u64) -> Result<Padded, BatchError> {
        let mut entry = [0; ENTRY];
        self.read(self.order_start() + place * ENTRY as u64, &mut entry)?;
        let number = u64::from(u32::from_le_bytes(entry));
        Ok(self.record(number)?.serial)
    }

    /// How many packs are in a place of the tree.
    pub fn count_in(&self, of: Subtree) -> u64 {
        let (first, end) = self.numbers_in(of);
        end.saturating_sub(first)
    }

    /// The packs in a place of the tree, each by its index and its serial number, in the order of the list.
    ///
    /// # Errors
    /// `leaf_file_damaged`, and those of reading.
    pub fn packs_in(&mut self, of: Subtree) -> Result<Vec<(u64, String)>, BatchError> {
        let (first, end) = self.numbers_in(of);
        let mut packs = Vec::new();
        for number in first..end {
            let record = self.record(number)?;
            let index = self
                .header
                .index(self.layout, number)
                .ok_or(BatchError::Damaged("a pack is outside the tree"))?;
            let serial = String::from_utf8_lossy(unpad(&record.serial)).into_owned();
            packs.push((index, serial));
        }
        Ok(packs)
    }

    /// The numbers of the packs in a place: the first, and the one after the last.
    fn numbers_in(&self, of: Subtree) -> (u64, u64) {
        let height = u32::from(self.layout.height(of.level));
        let place = |index: u64| {
            let start = index.checked_shl(height).unwrap_or(u64::MAX);
            self.header
                .number_from(self.layout, start)
                .min(self.trailer.count)
        };
        if of.index >= self.layout.places(of.level) {
            return (0, 0);
        }
        match of.level {
            Level::Batch => (0, self.trailer.count),
            _ => (place(of.index), place(of.index.saturating_add(1))),
        }
    }

    /// Reads the whole file: that its root is that of its packs, that none is repeated, that its nodes and its order
    /// are right. Gives the file's SHA-256.
    ///
    /// # Errors
    /// `leaf_file_damaged`, and those of reading.
    pub fn check(&mut self) -> Result<Node, BatchError> {
        let mut frontier = Frontier::<Sha>::default();
        let mut nodes = Vec::new();
        let mut serials: Vec<(Padded, u32)> = Vec::new();
        let outside = BatchError::Damaged("a pack is outside the tree");
        self.file.seek(SeekFrom::Start(HEADER as u64))?;
        {
            let mut reader = BufReader::with_capacity(1 << 20, &mut self.file);
            let mut bytes = [0; RECORD];
            for number in 0..self.trailer.count {
                reader.read_exact(&mut bytes)?;
                let record = Record::from_bytes(&bytes).ok_or(BatchError::NotALeafFile)?;
                let index = self.header.index(self.layout, number);
                let is_padded = pad(unpad(&record.serial)) == Ok(record.serial);
                let Some(index) = index.filter(|_| is_padded) else {
                    return Err(BatchError::Damaged("a serial number is none"));
                };
                while frontier.count() < index {
                    keep(&mut frontier, EMPTY, &mut nodes).ok_or(BatchError::BadLayout)?;
                }
                keep(&mut frontier, record.leaf(&self.header.gtin), &mut nodes)
                    .ok_or(BatchError::BadLayout)?;
                let number = u32::try_from(number).map_err(|_| BatchError::TooManySerials)?;
                serials.push((record.serial, number));
            }
            let mut entry = [0; ENTRY];
            serials.sort_unstable();
            if serials
                .windows(2)
                .any(|pair| matches!(pair, [(one, _), (two, _)] if one == two))
            {
                return Err(BatchError::Damaged("a serial number is repeated"));
            }
            for (_, number) in &serials {
                reader.read_exact(&mut entry)?;
                if u32::from_le_bytes(entry) != *number {
                    return Err(BatchError::Damaged(
                        "its order is not that of the serial numbers",
                    ));
                }
            }
        }
        if self.layout.depth() >= KEPT {
            while !frontier.count().is_multiple_of(1 << KEPT) {
                keep(&mut frontier, EMPTY, &mut nodes).ok_or(BatchError::BadLayout)?;
            }
            if self.kept()? != heights(nodes, self.layout.depth()).concat().concat() {
                return Err(BatchError::Damaged("a node is not that of its packs"));
            }
        }
        if frontier.root(self.layout.depth()).ok_or(outside)? != self.trailer.root {
            return Err(BatchError::Damaged("its root is not that of its packs"));
        }
        self.file_hash()
    }

    /// The number of the pack with a serial number, by binary search.
    fn find(&mut self, wanted: &Padded) -> Result<Option<u64>, BatchError> {
        let (mut low, mut high) = (0, self.trailer.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let mut entry = [0; ENTRY];
            self.read(self.order_start() + middle * ENTRY as u64, &mut entry)?;
            let number = u64::from(u32::from_le_bytes(entry));
            let record = self.record(number)?;
            match record.serial.cmp(wanted) {
                std::cmp::Ordering::Equal => return Ok(Some(number)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    fn record(&mut self, number: u64) -> Result<Record, BatchError> {
        if number >= self.trailer.count {
            return Err(BatchError::Damaged(
                "its order names a pack that is not there",
            ));
        }
        let mut bytes = [0; RECORD];
        self.read(HEADER as u64 + number * RECORD as u64, &mut bytes)?;
        Record::from_bytes(&bytes).ok_or(BatchError::NotALeafFile)
    }

    /// The leaves of a subtree of height `low`.
    fn block(&mut self, block: u64, low: u8) -> Result<Vec<Node>, BatchError> {
        let start = block << low;
        let first = self.header.number_from(self.layout, start);
        let end = self
            .header
            .number_from(self.layout, start + (1 << low))
            .min(self.trailer.count);
        let mut leaves = vec![EMPTY; 1 << low];
        self.file
            .seek(SeekFrom::Start(HEADER as u64 + first * RECORD as u64))?;
        let length = end.saturating_sub(first) * RECORD as u64;
        let mut bytes = Vec::new();
        (&mut self.file).take(length).read_to_end(&mut bytes)?;
        for (number, bytes) in (first..end).zip(bytes.chunks_exact(RECORD)) {
            let place = self
                .header
                .index(self.layout, number)
                .and_then(|index| index.checked_sub(start));
            let slot = place
                .and_then(|place| usize::try_from(place).ok())
                .and_then(|place| leaves.get_mut(place));
            let record = Record::from_bytes(bytes);
            if let (Some(slot), Some(record)) = (slot, record) {
                *slot = record.leaf(&self.header.gtin);
            }
        }
        Ok(leaves)
    }

    /// The siblings on the way from a kept node up to the root.
    fn siblings_above(&mut self, block: u64) -> Result<Vec<Node>, BatchError> {
        let mut start = self.kept_start();
        let mut index = block;
        let mut siblings = Vec::new();
        // The last is the root, which has none.
        let counts = self.kept_counts();
        for count in counts.iter().take(counts.len().saturating_sub(1)) {
            let mut node = EMPTY;
            if index ^ 1 < *count {
                self.read(start + (index ^ 1) * NODE, &mut node)?;
            }
            siblings.push(node);
            start += count * NODE;
            index >>= 1;
        }
        Ok(siblings)
    }

    fn kept(&mut self) -> Result<Vec<u8>, BatchError> {
        let length = self.kept_counts().iter().sum::<u64>() * NODE;
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| BatchError::BadLayout)?];
        self.read(self.kept_start(), &mut bytes)?;
        Ok(bytes)
    }

    fn order_start(&self) -> u64 {
        (HEADER as u64).saturating_add(self.trailer.count.saturating_mul(RECORD as u64))
    }

    fn kept_start(&self) -> u64 {
        self.order_start()
            .saturating_add(self.trailer.count.saturating_mul(ENTRY as u64))
    }

    fn kept_counts(&self) -> Vec<u64> {
        let last = self
            .trailer
            .count
            .checked_sub(1)
            .and_then(|last| self.header.index(self.layout, last));
        last.map_or_else(Vec::new, |last| kept_counts(last, self.layout.depth()))
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), BatchError> {
        self.file.seek(SeekFrom::Start(at))?;
        Ok(self.file.read_exact(bytes)?)
    }
}

fn keep(frontier: &mut Frontier<Sha>, leaf: Node, nodes: &mut Vec<Node>) -> Option<()> {
    frontier.push(leaf, |height, node| {
        if height == KEPT {
            nodes.push(*node);
        }
    })
}

/// Hashes a level up to the node over it, and notes the siblings of the node at `index` on the way. What is missing at
/// the end of a level is empty.
fn climb(mut level: Vec<Node>, from: u8, to: u8, mut index: u64, siblings: &mut Vec<Node>) -> Node {
    let at = |level: &[Node], index: u64| {
        let node = usize::try_from(index)
            .ok()
            .and_then(|index| level.get(index));
        node.copied().unwrap_or(EMPTY)
    };
    for height in from..to {
        siblings.push(at(&level, index ^ 1));
        level = level
            .chunks(2)
            .map(|pair| parent::<Sha>(height + 1, &at(pair, 0), &at(pair, 1)))
            .collect();
        index >>= 1;
    }
    at(&level, 0)
}
