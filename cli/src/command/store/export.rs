//! `galen store export`

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::Serialize;

use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::{self, Store};

/// Flags of `galen store export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen store export backup.json
  galen store export code-keys.json --code-keys

The file holds the salts: whoever has it can tell whose claims are on the ledger. Keep it as you keep medical records. With
--code-keys it holds the code keys only: what a provider needs to put procedure codes under an insurer's key.")]
pub struct Args {
    /// The file to write; it must not exist yet
    file: PathBuf,
    /// Only the code keys, for a provider; no salts and no claims
    #[arg(long)]
    code_keys: bool,
}

#[derive(Serialize)]
struct Report {
    file: String,
    store: String,
}

/// Runs the command.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let store = Store::open(&settings.home)?;
    let backup = if args.code_keys {
        store.export()?.only_code_keys()
    } else {
        store.export()?
    };
    let text = serde_json::to_string_pretty(&backup).map_err(|error| {
        CliError::new(
            "unprintable",
            format!("The store cannot be written as JSON: {error}."),
        )
    })?;
    let file = args.file.display().to_string();
    store::write_private(&args.file, text.as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => CliError::new(
            "file_exists",
            format!("{file} exists already; an export never overwrites one."),
        ),
        _ => CliError::new(
            "file_unwritable",
            format!("{file} cannot be written: {error}."),
        ),
    })?;
    Answer::new(&Report {
        file,
        store: store.path().display().to_string(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Exported {} to {}.", self.store, self.file)
    }
}
