//! `galen duplicates create-key` and `create-secret`

use std::fmt;
use std::path::PathBuf;

use galen_blinding::SecretKey;
use serde::Serialize;

use super::files::{self, KeyFile, SecretFile};
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen duplicates create-key`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen duplicates create-key --key service.json

The key stays with the service. The public key that is printed goes into the plans of the insurers that take part, as
`checks.blinder`. Who loses the key begins a new registry.")]
pub struct KeyArgs {
    /// Where the key is written, for its owner alone
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// Flags of `galen duplicates create-secret`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen duplicates create-secret --secret registry-secret.json

The insurers of a registry share it, and the service must not have it: with its own key and this secret it could try out
whom an entry is about.")]
pub struct SecretArgs {
    /// Where the secret is written, for its owner alone
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
}

#[derive(Serialize)]
struct Report {
    /// The file.
    file: String,
    /// The public key of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
}

/// Makes the key of a blinding service.
///
/// # Errors
/// `no_randomness`, `file_exists`, `file_unwritable`.
pub fn create_key(args: &KeyArgs) -> Result<Answer> {
    let key = SecretKey::generate().map_err(files::refused)?;
    files::write(&args.key, &KeyFile::of(&key))?;
    Answer::new(&Report {
        file: args.key.display().to_string(),
        service: Some(files::name(&key.public())),
    })
}

/// Makes the secret of the insurers.
///
/// # Errors
/// `no_randomness`, `file_exists`, `file_unwritable`.
pub fn create_secret(args: &SecretArgs) -> Result<Answer> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| {
        CliError::new(
            "no_randomness",
            "The system has no randomness to give; try again.",
        )
    })?;
    files::write(&args.secret, &SecretFile::of(&secret))?;
    Answer::new(&Report {
        file: args.secret.display().to_string(),
        service: None,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Written to {}, for you alone.", self.file)?;
        if let Some(service) = &self.service {
            write!(f, "\nPublic key: {service}")?;
        }
        Ok(())
    }
}
