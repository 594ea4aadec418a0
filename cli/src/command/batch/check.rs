//! `galen batch check`: a leaf file, read whole.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::view::{open, refused, LayoutView};
use crate::chain::text::hex;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch check batch.leaves
  galen batch check batch.leaves --output json

Everything is computed again: each leaf, each node, the root, the order, that no serial number is repeated. Compare
root and SHA-256 with those that the manufacturer anchored.")]
pub struct Args {
    /// The leaf file
    #[arg(value_name = "LEAVES")]
    leaves: PathBuf,
}

#[derive(Serialize)]
struct Report {
    gtin: String,
    count: u64,
    root: String,
    layout: LayoutView,
    sha256: String,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let mut leaves = open(&args.leaves)?;
    let hash = leaves
        .check()
        .map_err(|error| refused(&args.leaves, &error))?;
    Answer::new(&Report {
        gtin: String::from_utf8_lossy(&leaves.gtin()).into_owned(),
        count: leaves.count(),
        root: hex(&leaves.root()),
        layout: leaves.layout().into(),
        sha256: hex(&hash),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{} packs of {}; the file is whole",
            self.count, self.gtin
        )?;
        writeln!(f, "Root     {}", self.root)?;
        write!(f, "SHA-256  {}", self.sha256)
    }
}
