//! SHA-256, for the tree and for the file.

use std::io::{self, Write};

use galen_rules::merkle::{Hasher, Node};
use sha2::{Digest, Sha256};

/// SHA-256 for the rules.
pub struct Sha;

impl Hasher for Sha {
    fn hash(parts: &[&[u8]]) -> Node {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

/// Hashes what is written through it.
pub struct Hashing<W> {
    inner: W,
    hasher: Sha256,
    written: u64,
}

impl<W: Write> Hashing<W> {
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            hasher: Sha256::new(),
            written: 0,
        }
    }

    /// What was written through, its hash, its length.
    pub fn finish(self) -> (W, Node, u64) {
        (self.inner, self.hasher.finalize().into(), self.written)
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
