//! Signers, from the sources that `solana` takes: a keypair file, `prompt://`, `usb://ledger`, `-`.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Once;

use solana_clap_utils::keypair::signer_from_path;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::error::{CliError, Result};
use crate::output::Notes;
use crate::store;

/// Permissions of anybody but the owner.
const OTHERS: u32 = 0o077;

/// Loads the signer that `source` names; `role` is what it is called in messages and prompts.
///
/// # Errors
/// `keypair_missing`, `keypair_unreadable`.
pub fn load(source: &str, role: &str) -> Result<Box<dyn Signer>> {
    if is_file(source) && !Path::new(source).exists() {
        let message = format!("There is no {role} at {source}. Make one with `galen wallet new {source}`, or name another with -k.");
        return Err(CliError::new("keypair_missing", message));
    }
    // The library's interface is clap 2's; empty matches mean that no flag changes how the source is read.
    signer_from_path(&clap_v2::ArgMatches::default(), source, role, &mut None)
        .map_err(|error| CliError::new("keypair_unreadable", format!("The {role} {source} cannot be used: {error}. A keypair file is a JSON array of 64 numbers.")))
}

/// Makes a key and writes it to a file that only its owner can read; never over one that is there.
///
/// # Errors
/// What the file system refuses, with `AlreadyExists` where there is a file.
pub fn make(path: &Path) -> io::Result<Keypair> {
    let keypair = Keypair::new();
    store::write_private(path, keypair_text(&keypair).as_bytes())?;
    Ok(keypair)
}

/// A key as `solana` writes it: the seed's and the public key's bytes as numbers.
fn keypair_text(keypair: &Keypair) -> String {
    let numbers = keypair.to_bytes().map(|byte| byte.to_string());
    format!("[{}]", numbers.join(","))
}

/// Says once in a run that others can read a keypair file. It is used all the same: `solana` uses it without a word, and a script that has
/// worked goes on working.
pub fn warn_of_readers(source: &str, notes: Notes) {
    static SAID: Once = Once::new();
    if let Some(mode) = open_mode(source) {
        SAID.call_once(|| {
            notes.say(format_args!(
                "warning: {source} can be read by others (mode {mode:o}), who could sign as you. Close it with `chmod 600 {source}`."
            ));
        });
    }
}

/// The permissions of a keypair file that others than its owner can do something with.
pub fn open_mode(source: &str) -> Option<u32> {
    let metadata = fs::metadata(source).ok().filter(|_| is_file(source))?;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & OTHERS != 0).then_some(mode)
}

/// Whether a source is a plain file.
pub fn is_file(source: &str) -> bool {
    source != "-" && source != "ASK" && !source.contains("://")
}
