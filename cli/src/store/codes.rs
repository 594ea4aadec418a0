//! Keyed identifiers of procedure codes: what stands on the ledger in place of a code.

use hmac::{Hmac, Mac};
use rusqlite::{params, OptionalExtension};
use sha2::Sha256;

use super::{damaged, random, Store};
use crate::error::{CliError, Result};

/// An insurer's key for the codes of one schedule version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeKey(pub [u8; 32]);

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
    /// The code key of an insurer's schedule version, made at the first time of asking.
    ///
    /// # Errors
    /// `store_damaged`, `no_randomness`.
    pub fn code_key(&self, insurer: &str, schedule: u32) -> Result<CodeKey> {
        self.connection
            .execute(
                "INSERT OR IGNORE INTO code_keys VALUES (?1, ?2, ?3)",
                params![insurer, schedule, random()?],
            )
            .map_err(damaged)?;
        self.known_code_key(insurer, schedule)?
            .ok_or_else(|| damaged(rusqlite::Error::QueryReturnedNoRows))
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
}
