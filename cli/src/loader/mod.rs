//! Puts programs on a cluster through the upgradeable loader (version 3), and keeps them there.
//!
//! The cluster is the record. A deployment looks at it and takes the next step, again and again,
//! until what runs there is what was built: a run that is killed anywhere is continued by the next.
//! The upload buffer's address follows from the program's and the authority's keys, so it cannot be
//! lost, and is never made twice.
//!
//! - `artifact`: the built file, and what is recorded about it
//! - `identity`: under which address it goes
//! - `state`: what the cluster holds of it
//! - `step`: the next step from there to what was built
//! - `deployer`: takes the steps
//! - `wallet`: one-off transactions; the crate's `courier` gets them into blocks
//! - `journal`: what is under way, written down before it is sent
//! - `buffers`: what was left over
//! - `handover`: the upgrade authority, to another key in two steps

pub mod artifact;
pub mod buffers;
pub mod deployer;
mod error;
pub mod handover;
pub mod identity;
pub mod journal;
pub mod state;
pub mod step;
pub mod wallet;

pub use error::LoaderError;
