//! `galen batch verify`: whether a proof holds against a root.

use std::fmt;
use std::path::PathBuf;

use galen_documents::strict;
use serde::Serialize;

use super::view::ProofView;
use crate::chain::text::unhex_array;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen batch verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch verify proof.json --root 4f6c...e1
  galen batch prove batch.leaves --serial A1 --output json | galen batch verify - --root 4f6c...e1

ROOT is the one that you trust: the one on the ledger, not the one that came with the proof. Exit code 1 where the
proof does not hold.")]
pub struct Args {
    /// The proof, as `galen batch prove --output json` writes it
    #[arg(value_name = "PROOF")]
    proof: PathBuf,
    /// The batch's root, 64 hexadecimal digits
    #[arg(long)]
    root: String,
}

#[derive(Serialize)]
struct Report {
    valid: bool,
    gtin: String,
    serial: String,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let root = unhex_array(&args.root)
        .ok_or_else(|| CliError::new("bad_root", "A root has 64 hexadecimal digits."))?;
    let json = document::json(&args.proof)?;
    let name = document::name(&args.proof);
    let view: ProofView =
        strict::from_value(&json).map_err(|problem| CliError::in_document(&name, problem))?;
    let valid = view.read()?.holds(&root);
    let report = Report {
        valid,
        gtin: view.gtin,
        serial: view.serial,
    };
    Ok(Answer::new(&report)?.with_success(valid))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let verdict = if self.valid {
            "is"
        } else {
            "is not shown to be"
        };
        write!(
            f,
            "{} of {} {verdict} in the batch with this root",
            self.serial, self.gtin
        )
    }
}
