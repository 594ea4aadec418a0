//! The claim journal: which document became which claim.

use hmac::{Hmac, Mac};
use rusqlite::{params, OptionalExtension, Row};
use sha2::Sha256;

use super::{damaged, first, random, Store};
use crate::error::{CliError, Result};

/// A provider's key under which claim numbers are derived from documents.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClaimKey(pub [u8; 32]);

impl ClaimKey {
    /// Claim number `attempt` of a document within `scope` (pool and provider): the first bytes of
    /// HMAC-SHA256(key, `galen claim v1` ‖ scope ‖ document ‖ attempt).
    ///
    /// # Errors
    /// None in fact: HMAC takes keys of any length; the library's type says otherwise.
    pub fn claim_id(&self, scope: &str, document: &[u8; 32], attempt: u32) -> Result<[u8; 16]> {
        self.derive(b"galen claim v1\0", scope, document, &attempt.to_le_bytes())
            .map(first)
    }

    /// The salt of the commitment to a document: HMAC-SHA256(key, `galen document salt v1` ‖ scope ‖ document). Whoever
    /// has the key can go on with a draft that another began: the member's signature is for its commitment too.
    ///
    /// # Errors
    /// As [`Self::claim_id`].
    pub fn document_salt(&self, scope: &str, document: &[u8; 32]) -> Result<[u8; 32]> {
        self.derive(b"galen document salt v1\0", scope, document, &[])
    }

    fn derive(
        &self,
        domain: &[u8],
        scope: &str,
        document: &[u8; 32],
        more: &[u8],
    ) -> Result<[u8; 32]> {
        let refused = |_| CliError::new("claim_key_unusable", "The claim key cannot be used.");
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(refused)?;
        mac.update(domain);
        mac.update(scope.as_bytes());
        mac.update(&[0]);
        mac.update(document);
        mac.update(more);
        Ok(mac.finalize().into_bytes().into())
    }
}

/// One claim that was submitted, or was about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The number under which the claim stands on the ledger.
    pub claim_id: [u8; 16],
    /// The claim's account.
    pub address: String,
    /// The transaction that submitted it, once one was signed.
    pub signature: Option<String>,
    /// As last seen on the ledger; `new` before.
    pub status: String,
}

impl Store {
    /// A new claim number.
    ///
    /// # Errors
    /// `no_randomness`.
    pub fn new_claim_id(&self) -> Result<[u8; 16]> {
        random().map(first)
    }

    /// The claim key of a provider; at the first time of asking what `make` says.
    ///
    /// # Errors
    /// `store_damaged`, and those of `make`.
    pub fn claim_key(
        &self,
        provider: &str,
        make: impl FnOnce() -> Result<[u8; 32]>,
    ) -> Result<ClaimKey> {
        if let Some(known) = self.known_claim_key(provider)? {
            return Ok(known);
        }
        // Another galen may have been quicker: its key then counts, and is read back.
        self.connection
            .execute(
                "INSERT OR IGNORE INTO claim_keys VALUES (?1, ?2)",
                params![provider, make()?],
            )
            .map_err(damaged)?;
        self.known_claim_key(provider)?
            .ok_or_else(|| damaged(rusqlite::Error::QueryReturnedNoRows))
    }

    fn known_claim_key(&self, provider: &str) -> Result<Option<ClaimKey>> {
        self.connection
            .query_row(
                "SELECT key FROM claim_keys WHERE provider = ?1",
                [provider],
                |row| row.get(0).map(ClaimKey),
            )
            .optional()
            .map_err(damaged)
    }

    /// 32 random bytes, for a claim key that is made of nothing else.
    ///
    /// # Errors
    /// `no_randomness`.
    pub fn new_claim_key(&self) -> Result<[u8; 32]> {
        random()
    }

    /// The claim that a document became within `scope` (pool and provider), if any.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn claim(&self, document: &[u8; 32], scope: &str) -> Result<Option<JournalEntry>> {
        self.connection
            .query_row("SELECT claim_id, address, signature, status FROM claims WHERE document = ?1 AND scope = ?2", params![document, scope], entry)
            .optional()
            .map_err(damaged)
    }

    /// Notes a claim, or what has become of it.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_claim(&self, document: &[u8; 32], scope: &str, entry: &JournalEntry) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO claims VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (document, scope) DO UPDATE SET
                    claim_id = excluded.claim_id, address = excluded.address, signature = excluded.signature, status = excluded.status",
                params![document, scope, entry.claim_id, entry.address, entry.signature, entry.status],
            )
            .map(|_| ())
            .map_err(damaged)
    }
}

fn entry(row: &Row) -> rusqlite::Result<JournalEntry> {
    Ok(JournalEntry {
        claim_id: row.get(0)?,
        address: row.get(1)?,
        signature: row.get(2)?,
        status: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_number_follows_from_key_scope_document_and_attempt() {
        let of = |key: u8, scope: &str, document: u8, attempt| {
            ClaimKey([key; 32])
                .claim_id(scope, &[document; 32], attempt)
                .expect("computed")
        };
        let one = of(1, "pool provider", 2, 0);
        assert_eq!(of(1, "pool provider", 2, 0), one);
        for other in [
            of(9, "pool provider", 2, 0),
            of(1, "pool other", 2, 0),
            of(1, "pool provider", 3, 0),
            of(1, "pool provider", 2, 1),
        ] {
            assert_ne!(other, one);
        }
    }

    #[test]
    fn the_salt_of_a_document_follows_from_key_scope_and_document() {
        let of = |key: u8, scope: &str, document: u8| {
            ClaimKey([key; 32])
                .document_salt(scope, &[document; 32])
                .expect("computed")
        };
        let one = of(1, "pool provider", 2);
        assert_eq!(of(1, "pool provider", 2), one);
        assert_ne!(of(9, "pool provider", 2), one);
        assert_ne!(of(1, "pool other", 2), one);
        assert_ne!(of(1, "pool provider", 3), one);
        // It is no part of the number that stands on the ledger.
        let number = ClaimKey([1; 32])
            .claim_id("pool provider", &[2; 32], 0)
            .expect("computed");
        assert!(!one.starts_with(&number));
    }

    #[test]
    fn a_claim_key_is_made_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opened");
        let made = store.claim_key("clinic", || Ok([1; 32])).expect("made");
        assert_eq!(made.0, [1; 32]);
        let again = store.claim_key("clinic", || Ok([2; 32])).expect("read");
        assert_eq!(again.0, [1; 32]);
        let other = store.claim_key("another", || Ok([2; 32])).expect("made");
        assert_eq!(other.0, [2; 32]);
    }
}
