//! Keyed identifiers of procedure codes: what stands on the ledger in place of a code.

use hmac::{Hmac, Mac};
use rusqlite::{params, OptionalExtension};
use sha2::Sha256;

use super::{damaged, random, Store};
use crate::error::{CliError, Result};

/// An insurer's key for the codes of schedules: those of one plan have the same, unless a new one was drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeKey(pub [u8; 32]);

impl CodeKey {
    /// A new one.
    ///
    /// # Errors
    /// `no_randomness`.
    pub fn draw() -> Result<Self> {
        random().map(Self)
    }
}

/// The first eight bytes of [`code_digest`].
///
/// # Errors
/// Those of [`code_digest`].
pub fn code_identifier(key: &CodeKey, system: &str, code: &str) -> Result<[u8; 8]> {
    code_digest(key, system, code).map(first)
}

/// HMAC-SHA256(key, code system ‖ 0 ‖ code).
///
/// # Errors
/// None in fact: HMAC takes keys of any length; the library's type says otherwise.
pub fn code_digest(key: &CodeKey, system: &str, code: &str) -> Result<[u8; 32]> {
    let refused = |_| CliError::new("code_key_unusable", "The code key cannot be used.");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).map_err(refused)?;
    mac.update(system.as_bytes());
    mac.update(&[0]);
    mac.update(code.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

/// The first bytes of a digest.
pub fn first<const N: usize>(digest: [u8; 32]) -> [u8; N] {
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    bytes
}

impl Store {
    /// Keeps the code key of an insurer's schedule version, unless it has one.
    ///
    /// # Errors
    /// `store_conflict` where it has another; `store_damaged`.
    pub fn keep_code_key(&self, insurer: &str, schedule: u32, key: &CodeKey) -> Result<()> {
        self.connection
            .execute(
                "INSERT OR IGNORE INTO code_keys VALUES (?1, ?2, ?3)",
                params![insurer, schedule, key.0],
            )
            .map_err(damaged)?;
        if self.known_code_key(insurer, schedule)? == Some(*key) {
            return Ok(());
        }
        let message = format!(
            "The store {} has another code key for schedule {schedule} of {insurer}; it is as it was.",
            self.path().display()
        );
        Err(CliError::new("store_conflict", message))
    }

    /// The code key of an insurer's schedule version, if this store has it.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn known_code_key(&self, insurer: &str, schedule: u32) -> Result<Option<CodeKey>> {
        self.connection
            .query_row(
                "SELECT key FROM code_keys WHERE insurer = ?1 AND schedule = ?2",
                params![insurer, schedule],
                |row| row.get(0).map(CodeKey),
            )
            .optional()
            .map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_hmac_and_keep_system_and_code_apart() {
        let key = CodeKey([7; 32]);
        let of = |system, code| code_identifier(&key, system, code).expect("computed");
        assert_eq!(
            of("http://www.ama-assn.org/go/cpt", "99213"),
            of("http://www.ama-assn.org/go/cpt", "99213")
        );
        assert_ne!(of("ab", "c"), of("a", "bc"));
        assert_ne!(
            of("", "99213"),
            code_identifier(&CodeKey([8; 32]), "", "99213").expect("computed")
        );
    }

    #[test]
    fn a_key_that_is_kept_is_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let keys = [CodeKey([7; 32]), CodeKey([8; 32])];
        let keep = |schedule, key| store.keep_code_key("pool", schedule, key);
        let known = |schedule| store.known_code_key("pool", schedule).expect("read");
        keep(0, &keys[0]).expect("kept");
        keep(0, &keys[0]).expect("kept already");
        assert_eq!(
            keep(0, &keys[1]).expect_err("another").code,
            "store_conflict"
        );
        // Two schedules may have the same.
        keep(1, &keys[0]).expect("kept");
        assert!(known(0) == Some(keys[0]) && known(1) == Some(keys[0]) && known(2).is_none());
    }
}
