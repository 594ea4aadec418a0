//! `galen pack`: what the code on a medicine pack says. Needs no network.

pub mod parse;
pub mod scan;
pub mod view;

use clap::Subcommand;

use crate::error::Result;
use crate::output::Answer;

/// What to do with a pack's code.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a code that was scanned or typed: GS1 element string or Digital Link
    Parse(parse::Args),
    /// Read the code in a picture: GS1 DataMatrix or QR, in PNG or JPEG
    Scan(scan::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self) -> Result<Answer> {
        match self {
            Self::Parse(args) => parse::run(&args),
            Self::Scan(args) => scan::run(&args),
        }
    }
}
