//! The hash of the tree, by the system call.

use galen_rules::merkle::{Hasher, Node};
use solana_sha256_hasher::hashv;

/// SHA-256 on chain.
pub struct Sha;

impl Hasher for Sha {
    fn hash(parts: &[&[u8]]) -> Node {
        hashv(parts).to_bytes()
    }
}
