//! What insurer and provider hand to each other outside the ledger: documents, salts, code keys.
//!
//! A parcel is signed by an operator of the sender and sealed to operators of the recipient, by the keys that the registry
//! has for them (docs/exchange.md, decision 17). What is in it is held against the ledger before the store takes it.

pub mod check;
pub mod envelope;
pub mod keys;
pub mod parcel;
