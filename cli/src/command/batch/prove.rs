//! `galen batch prove`: that a pack is in a batch.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::view::{open, refused, ProofView};
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch prove`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch prove batch.leaves --serial A1
  galen batch prove batch.leaves --serial A1 --output json > proof.json

The proof is the input of `galen batch verify`.")]
pub struct Args {
    /// The leaf file
    #[arg(value_name = "LEAVES")]
    leaves: PathBuf,
    /// The pack's serial number, as it is printed
    #[arg(long, allow_hyphen_values = true)]
    serial: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Report(ProofView);

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let mut leaves = open(&args.leaves)?;
    let proof = leaves
        .prove(&args.serial)
        .map_err(|error| refused(&args.leaves, &error))?;
    Answer::new(&Report(ProofView::new(&proof, &leaves.root())))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let proof = &self.0;
        writeln!(f, "{} of {} is in the batch", proof.serial, proof.gtin)?;
        writeln!(
            f,
            "Place  pack {}, case {}, pallet {}",
            proof.index, proof.case, proof.pallet
        )?;
        writeln!(f, "Root   {}", proof.root)?;
        write!(
            f,
            "Proof  {} siblings (`--output json` writes them)",
            proof.siblings.len()
        )
    }
}
