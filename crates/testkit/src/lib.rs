//! The LiteSVM world in which Galen's programs are tested: the compiled programs as they are deployed, people
//! with keys, a clock, money, and assertions that print the logs when they fail.
//!
//! This crate is for tests and measurements: it panics with a message where a test cannot go on.

pub mod attack;
pub mod batch_life;
pub mod books;
pub mod codes;
pub mod fixtures;
pub mod found;
pub mod locks;
pub mod outcome;
pub mod precompile;
pub mod profile;
pub mod random;
pub mod token;
pub mod world;

pub use outcome::{Outcome, Snapshot};
pub use random::{few_or_many, Random};
pub use token::TokenProgram;
pub use world::{actor, instruction, Program, World, START};
