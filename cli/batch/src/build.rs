//! From serial numbers to root and leaf file.

use std::io::{BufRead, BufWriter, Write};

use galen_rules::gs1::has_check_digit;
use galen_rules::merkle::{Frontier, Layout, Node, EMPTY, SALT_LENGTH};

use crate::error::BatchError;
use crate::file::{heights, Header, Record, Trailer, ENTRY, KEPT};
use crate::hashing::{Hashing, Sha};
use crate::serial::{pad, unpad, Padded};

const BUFFER: usize = 1 << 20;
/// Lines between two signs of progress.
const PROGRESS: u64 = 1 << 14;
/// What tables call the column of serial numbers, in lower case and without what joins words.
const COLUMN_NAMES: [&str; 7] = [
    "serial",
    "serials",
    "serialno",
    "serialnr",
    "serialnumber",
    "serialnumbers",
    "sn",
];
/// A byte order mark, which some editors write in front.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What is built.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// 14 digits.
    pub gtin: [u8; 14],
    /// How many packs fill a case.
    pub packs_in_case: u32,
    /// How many cases fill a pallet.
    pub cases_in_pallet: u32,
    /// Whether each leaf has a random salt, so that nobody can guess serial numbers against the tree.
    pub salted: bool,
}

/// What was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// Packs.
    pub count: u64,
    /// Of the tree.
    pub root: Node,
    /// Of the tree.
    pub layout: Layout,
    /// SHA-256 of the leaf file.
    pub file_hash: Node,
    /// Bytes of the leaf file.
    pub file_length: u64,
    /// Serial numbers with a comma or a semicolon: GS1 allows them, and a table's other columns look the same.
    pub with_separators: u64,
}

/// Reads serial numbers, one a line, and writes the leaf file. `progress` is told how many bytes have been read.
///
/// # Errors
/// `bad_gtin`, `bad_layout`, `bad_serial` (the name of a column too), `repeated_serial`, `no_serials`, `too_many_serials`, `no_randomness`, and
/// those of reading and writing.
pub fn build<R: BufRead, W: Write>(
    mut serials: R,
    leaves: W,
    options: Options,
    mut progress: impl FnMut(u64),
) -> Result<Built, BatchError> {
    if !has_check_digit(&options.gtin) {
        return Err(BatchError::BadGtin);
    }
    let header = Header {
        gtin: options.gtin,
        packs_in_case: options.packs_in_case,
        cases_in_pallet: options.cases_in_pallet,
    };
    // The exponents of case and pallet; the number of pallets follows from the list.
    let widest = header.layout(1)?.exponents();
    let open = Layout::new(
        widest[0],
        widest[1],
        40_u8.saturating_sub(widest[0].saturating_add(widest[1])),
    )
    .ok_or(BatchError::BadLayout)?;
    let mut writing = Writing {
        file: BufWriter::with_capacity(BUFFER, Hashing::new(leaves)),
        frontier: Frontier::default(),
        kept: Vec::new(),
        order: Vec::new(),
        salts: Salts::new(options.salted),
        header,
        open,
        with_separators: 0,
    };
    writing.file.write_all(&header.to_bytes())?;
    let mut line = Vec::new();
    let mut read: u64 = 0;
    let mut number: u64 = 0;
    loop {
        line.clear();
        let length = serials.read_until(b'\n', &mut line)?;
        if length == 0 {
            break;
        }
        read += length as u64;
        number += 1;
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = if number == 1 {
            text.strip_prefix(MARK).unwrap_or(text)
        } else {
            text
        };
        if number == 1 && is_column_name(text) {
            return Err(BatchError::BadSerial {
                line: number,
                why: "This is the name of a column, not a serial number; leave it out, and all columns but that one.",
            });
        }
        if text.iter().any(|byte| b",;".contains(byte)) {
            writing.with_separators += 1;
        }
        let serial = pad(text).map_err(|why| BatchError::BadSerial { line: number, why })?;
        writing.push(serial)?;
        if number.is_multiple_of(PROGRESS) {
            progress(read);
        }
    }
    progress(read);
    writing.finish()
}

struct Writing<W: Write> {
    file: BufWriter<Hashing<W>>,
    frontier: Frontier<Sha>,
    kept: Vec<Node>,
    /// Serial numbers with the number of their pack.
    order: Vec<(Padded, u32)>,
    salts: Salts,
    header: Header,
    open: Layout,
    with_separators: u64,
}

/// Whether a line is what tables call the column of serial numbers, with others behind it or without.
fn is_column_name(line: &[u8]) -> bool {
    let first = line
        .split(|byte| b",;\t".contains(byte))
        .next()
        .unwrap_or_default();
    let name: String = first
        .iter()
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .filter(|letter| !"_- .\"'".contains(*letter))
        .collect();
    COLUMN_NAMES.contains(&name.as_str())
}

impl<W: Write> Writing<W> {
    fn push(&mut self, serial: Padded) -> Result<(), BatchError> {
        let number = u32::try_from(self.order.len()).map_err(|_| BatchError::TooManySerials)?;
        let index = self
            .header
            .index(self.open, u64::from(number))
            .ok_or(BatchError::BadLayout)?;
        while self.frontier.count() < index {
            self.append(EMPTY)?;
        }
        let record = Record {
            salt: self.salts.next()?,
            serial,
        };
        self.append(record.leaf(&self.header.gtin))?;
        self.file.write_all(&record.to_bytes())?;
        self.order.push((serial, number));
        Ok(())
    }

    fn append(&mut self, leaf: Node) -> Result<(), BatchError> {
        let kept = &mut self.kept;
        self.frontier
            .push(leaf, |height, node| {
                if height == KEPT {
                    kept.push(*node);
                }
            })
            .ok_or(BatchError::BadLayout)
    }

    fn finish(mut self) -> Result<Built, BatchError> {
        let count = self.order.len() as u64;
        if count == 0 {
            return Err(BatchError::NoSerials);
        }
        let layout = self.header.layout(count)?;
        self.order.sort_unstable();
        self.refuse_repetition()?;
        for (_, number) in &self.order {
            let entry: [u8; ENTRY] = number.to_le_bytes();
            self.file.write_all(&entry)?;
        }
        if layout.depth() >= KEPT {
            while !self.frontier.count().is_multiple_of(1 << KEPT) {
                self.append(EMPTY)?;
            }
            for node in heights(self.kept, layout.depth()).iter().flatten() {
                self.file.write_all(node)?;
            }
        }
        let root = self
            .frontier
            .root(layout.depth())
            .ok_or(BatchError::BadLayout)?;
        self.file.write_all(&Trailer { count, root }.to_bytes())?;
        self.file.flush()?;
        let hashing = self
            .file
            .into_inner()
            .map_err(|error| BatchError::Io(error.into_error()))?;
        let (_, file_hash, file_length) = hashing.finish();
        Ok(Built {
            count,
            root,
            layout,
            file_hash,
            file_length,
            with_separators: self.with_separators,
        })
    }

    fn refuse_repetition(&self) -> Result<(), BatchError> {
        let repeated = self.order.windows(2).find_map(|pair| match pair {
            [(first, one), (second, two)] if first == second => Some((first, *one, *two)),
            _ => None,
        });
        match repeated {
            None => Ok(()),
            Some((serial, first, second)) => Err(BatchError::RepeatedSerial {
                serial: String::from_utf8_lossy(unpad(serial)).into_owned(),
                first: u64::from(first) + 1,
                second: u64::from(second) + 1,
            }),
        }
    }
}

/// Random salts, fetched from the system many at a time.
struct Salts {
    buffer: Vec<u8>,
    used: usize,
    salted: bool,
}

impl Salts {
    fn new(salted: bool) -> Self {
        Self {
            buffer: vec![0; SALT_LENGTH << 12],
            used: usize::MAX,
            salted,
        }
    }

    fn next(&mut self) -> Result<[u8; SALT_LENGTH], BatchError> {
        if !self.salted {
            return Ok([0; SALT_LENGTH]);
        }
        if self.used >= self.buffer.len() {
            getrandom::fill(&mut self.buffer).map_err(BatchError::NoRandomness)?;
            self.used = 0;
        }
        let salt = self
            .buffer
            .get(self.used..)
            .and_then(|rest| rest.first_chunk::<SALT_LENGTH>())
            .copied();
        self.used += SALT_LENGTH;
        salt.ok_or(BatchError::BadLayout)
    }
}
