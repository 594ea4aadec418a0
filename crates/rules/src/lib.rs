//! Galen's rulebook: everything that decides money, time or state, as pure integer functions.
//!
//! The programs call it on chain, the command line calls it natively, and the web page calls it as
//! WebAssembly: a quote is the bill, computed early. So it allocates nothing, depends on nothing,
//! reads no clock and holds no state. Whatever it needs is passed in; whatever it decides is
//! returned with the reason.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod adjudication;
pub mod coldchain;
pub mod date;
pub mod gs1;
pub mod identifier;
pub mod merkle;
pub mod money;
pub mod prompt_pay;
pub mod provenance;
pub mod reason;
pub mod trial;

pub use date::Date;
pub use money::{BasisPoints, Cents};
pub use reason::{Group, Reason, Remark};
