//! SHA-256, for the tree and for the file. ring's is twice as fast as others where the processor has no instruction
//! for it; it does not compile to WebAssembly without a C compiler for that, so the app hashes with another.

use std::io::{self, Read};

use galen_rules::merkle::{Hasher, Node};

#[cfg(not(target_family = "wasm"))]
use native::{digest, Context};
#[cfg(target_family = "wasm")]
use portable::{digest, Context};

#[cfg(not(target_family = "wasm"))]
pub use native::Hashing;

#[cfg(target_family = "wasm")]
mod portable {
    use sha2::{Digest, Sha256};

    use super::Node;

    /// The hash of a text.
    pub fn digest(text: &[u8]) -> Node {
        Sha256::digest(text).into()
    }

    /// A hash in the making.
    #[derive(Default)]
    pub struct Context(Sha256);

    impl Context {
        /// Appends.
        pub fn update(&mut self, text: &[u8]) {
            self.0.update(text);
        }

        /// The hash.
        pub fn finish(self) -> Node {
            self.0.finalize().into()
        }
    }
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::io::{self, Write};

    use ring::digest::{self, SHA256};

    use super::Node;

    /// The hash of a text.
    pub fn digest(text: &[u8]) -> Node {
        node(digest::digest(&SHA256, text).as_ref())
    }

    /// A hash in the making.
    pub struct Context(digest::Context);

    impl Default for Context {
        fn default() -> Self {
            Self(digest::Context::new(&SHA256))
        }
    }

    impl Context {
        /// Appends.
        pub fn update(&mut self, text: &[u8]) {
            self.0.update(text);
        }

        /// The hash.
        pub fn finish(self) -> Node {
            node(self.0.finish().as_ref())
        }
    }

    /// A digest of SHA-256 has 32 bytes.
    fn node(digest: &[u8]) -> Node {
        digest.try_into().unwrap_or_default()
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
                hasher: Context::default(),
                written: 0,
            }
        }

        /// What was written through, its hash, its length.
        pub fn finish(self) -> (W, Node, u64) {
            (self.inner, self.hasher.finish(), self.written)
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
}

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
        digest(text.get(..length).unwrap_or_default())
    }
}

fn of_parts(parts: &[&[u8]]) -> Node {
    let mut context = Context::default();
    for part in parts {
        context.update(part);
    }
    context.finish()
}

/// The hash of all that a reader gives.
pub fn of_reader(mut reader: impl Read) -> io::Result<Node> {
    let mut context = Context::default();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(context.finish()),
            count => context.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}
