//! Where the compute units of a transaction go, function by function.
//!
//! The machine is asked for the address of every instruction that it runs and for what every syscall costs; the names of
//! the functions come from `target/deploy/NAME.symbols`, which `cargo xtask bench --profile` writes.

mod prices;
mod symbols;
mod trace;
mod tree;

pub use symbols::Symbols;
pub use trace::{Run, Syscall, Tracer};
pub use tree::Tree;
