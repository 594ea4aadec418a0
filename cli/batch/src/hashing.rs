//! SHA-256, for the tree and for the file. ring's is twice as fast as others where the processor has no instruction
//! for it.

use std::io::{self, Read, Write};

use galen_rules::merkle::{Hasher, Node};
use ring::digest::{digest, Context, SHA256};

/// SHA-256 for the rules.
pub struct Sha;

/// Bytes of the longest text that the tree hashes: a node's height and two nodes.
const LONGEST: usize = 65;

impl Hasher for Sha {
    fn hash(parts: &[&[u8]]) -> Node {
        let mut text = [0; LONGEST];
        let mut length = 0;
        for part in parts {
            let Some(place) = text.get_mut(length..length + part.len()) else {
                return of_parts(parts);
            };
            place.copy_from_slice(part);
            length += part.len();
        }
        node(digest(&SHA256, text.get(..length).unwrap_or_default()).as_ref())
    }
}

fn of_parts(parts: &[&[u8]]) -> Node {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    node(context.finish().as_ref())
}

/// A digest of SHA-256 has 32 bytes.
fn node(digest: &[u8]) -> Node {
    digest.try_into().unwrap_or_default()
}

/// The hash of all that a reader gives.
pub fn of_reader(mut reader: impl Read) -> io::Result<Node> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(node(context.finish().as_ref())),
            count => context.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}

/// Hashes what is written through it.
pub struct Hashing<W> {
    inner: W,
    hasher: Context,
    written: u64,
}

impl<W: Write> Hashing<W> {
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            hasher: Context::new(&SHA256),
            written: 0,
        }
    }

    /// What was written through, its hash, its length.
    pub fn finish(self) -> (W, Node, u64) {
        (
            self.inner,
            node(self.hasher.finish().as_ref()),
            self.written,
        )
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
