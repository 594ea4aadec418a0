//! The tree of a batch of packs, from a list of serial numbers.
//!
//! Building streams: serial numbers are read one by one, leaves written as they come, and all that stays in memory is
//! 24 bytes for each pack, to find repeated ones. The leaf file has what is needed to prove any pack in milliseconds;
//! whoever has it knows the salts, so it is the manufacturer's, and its hash is what is published.
//!
//! Compiled to WebAssembly, for the app, it proves from leaf files and builds none.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
// What only building needs.
#![cfg_attr(target_family = "wasm", allow(dead_code))]

#[cfg(not(target_family = "wasm"))]
mod build;
mod error;
mod file;
mod hashing;
mod prove;
mod serial;

#[cfg(not(target_family = "wasm"))]
pub use build::{build, Built, Options};
pub use error::BatchError;
pub use hashing::Sha;
pub use prove::{Leaves, Proof};
