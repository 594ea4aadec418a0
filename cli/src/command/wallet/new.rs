//! `galen wallet new`

use std::fmt;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::PathBuf;

use serde::Serialize;
use solana_signer::Signer;

use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::signer;

/// Flags of `galen wallet new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen wallet new
  galen wallet new clinic.json

Without FILE it is the file that every command signs with (`-k`, else the config file's, else ~/.config/solana/id.json). A file
that is there already is never written over. The form is Solana's: 64 numbers. Keep a copy: nobody can restore a key.")]
pub struct Args {
    /// Where the key is written
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// As JSON: `{"file": "...", "address": "..."}`.
#[derive(Serialize)]
struct Report {
    file: String,
    address: String,
}

/// Runs the command.
///
/// # Errors
/// `file_exists`, `file_unwritable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let file = match &args.file {
        Some(file) => file.clone(),
        None if signer::is_file(&settings.keypair) => PathBuf::from(&settings.keypair),
        None => {
            let message = format!(
                "The signer {} is no file; name the file to be written.",
                settings.keypair
            );
            return Err(CliError::new("file_unwritable", message));
        }
    };
    let unwritable = |error: &Error| {
        let message = format!("{} cannot be written: {error}.", file.display());
        CliError::new("file_unwritable", message)
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritable(&error))?;
    }
    let keypair = signer::make(&file).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => CliError::new(
            "file_exists",
            format!(
                "{} is there already and stays as it is. Name another file, or use its key with -k.",
                file.display()
            ),
        ),
        _ => unwritable(&error),
    })?;
    Answer::new(&Report {
        file: file.display().to_string(),
        address: keypair.pubkey().to_string(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { file, address } = self;
        write!(
            f,
            "{address}\nIts key is in {file}, which only you can read. Keep a copy: nobody can restore it."
        )
    }
}
