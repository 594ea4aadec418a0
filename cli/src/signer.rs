//! Signers, from the sources that `solana` takes: a keypair file, `prompt://`, `usb://ledger`, `-`.

use std::path::Path;

use solana_clap_utils::keypair::signer_from_path;
use solana_signer::Signer;

use crate::error::{CliError, Result};

/// Loads the signer that `source` names; `role` is what it is called in messages and prompts.
///
/// # Errors
/// `keypair_missing`, `keypair_unreadable`.
pub fn load(source: &str, role: &str) -> Result<Box<dyn Signer>> {
    if is_file(source) && !Path::new(source).exists() {
        let message = format!("There is no {role} at {source}. Make one with `solana-keygen new --outfile {source}`, or name another with -k.");
        return Err(CliError::new("keypair_missing", message));
    }
    // The library's interface is clap 2's; empty matches mean that no flag changes how the source is read.
    signer_from_path(&clap_v2::ArgMatches::default(), source, role, &mut None)
        .map_err(|error| CliError::new("keypair_unreadable", format!("The {role} {source} cannot be used: {error}. A keypair file is a JSON array of 64 numbers.")))
}

/// Whether a source is a plain file.
pub fn is_file(source: &str) -> bool {
    source != "-" && source != "ASK" && !source.contains("://")
}
