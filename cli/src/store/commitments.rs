//! Salted commitments: what stands on the ledger in place of an identifier.

use rusqlite::{params, OptionalExtension};
use sha2::{Digest, Sha256};

use super::{damaged, random, Store};
use crate::error::Result;

/// What is committed to. Each has a domain of its own, so that no commitment can stand for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A member of a pool.
    Member,
    /// A claim document.
    Document,
    /// A family of a pool.
    Family,
    /// A pack of a claim; what it gives is the salt of the commitment on the ledger.
    Pack,
}

impl Subject {
    const ALL: [Self; 4] = [Self::Member, Self::Document, Self::Family, Self::Pack];

    /// The subject of this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Document => "document",
            Self::Family => "family",
            Self::Pack => "pack",
        }
    }

    fn domain(self) -> &'static [u8] {
        match self {
            Self::Member => b"galen member v1",
            Self::Document => b"galen document v1",
            Self::Family => b"galen family v1",
            Self::Pack => b"galen pack v1",
        }
    }

    /// sha256(domain ‖ salt ‖ identifier).
    pub(super) fn commit(self, salt: &[u8; 32], identifier: &str) -> [u8; 32] {
        Sha256::new()
            .chain_update(self.domain())
            .chain_update(salt)
            .chain_update(identifier)
            .finalize()
            .into()
    }
}

impl Store {
    /// The commitment to an identifier within `scope` (a pool: the same person is another pseudonym elsewhere), made
    /// with a new salt at the first time of asking.
    ///
    /// # Errors
    /// `store_damaged`, `no_randomness`.
    pub fn commitment(&self, subject: Subject, scope: &str, identifier: &str) -> Result<[u8; 32]> {
        self.commitment_with(subject, scope, identifier, random)
    }

    /// The same, the new salt being what `salt` says: 32 bytes that nobody can guess.
    ///
    /// # Errors
    /// `store_damaged`, and those of `salt`.
    pub fn commitment_with(
        &self,
        subject: Subject,
        scope: &str,
        identifier: &str,
        salt: impl FnOnce() -> Result<[u8; 32]>,
    ) -> Result<[u8; 32]> {
        if let Some(known) = self.known_commitment(subject, scope, identifier)? {
            return Ok(known);
        }
        let salt = salt()?;
        // Another galen may have been quicker: its salt then counts, and is read back.
        self.connection
            .execute(
                "INSERT OR IGNORE INTO commitments VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    subject.name(),
                    scope,
                    identifier,
                    salt,
                    subject.commit(&salt, identifier)
                ],
            )
            .map_err(damaged)?;
        self.known_commitment(subject, scope, identifier)?
            .ok_or_else(|| damaged(rusqlite::Error::QueryReturnedNoRows))
    }

    /// The commitment to an identifier, if one was made before.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn known_commitment(
        &self,
        subject: Subject,
        scope: &str,
        identifier: &str,
    ) -> Result<Option<[u8; 32]>> {
        self.connection
            .query_row(
                "SELECT commitment FROM commitments WHERE subject = ?1 AND scope = ?2 AND identifier = ?3",
                params![subject.name(), scope, identifier],
                |row| row.get(0),
            )
            .optional()
            .map_err(damaged)
    }

    /// The identifier behind a commitment, if this store made it.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn identifier(&self, subject: Subject, commitment: &[u8; 32]) -> Result<Option<String>> {
        self.connection
            .query_row(
                "SELECT identifier FROM commitments WHERE subject = ?1 AND commitment = ?2",
                params![subject.name(), commitment],
                |row| row.get(0),
            )
            .optional()
            .map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_stable_and_says_nothing_without_its_salt() {
        let (one, other) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        let store = Store::open(one.path()).expect("opened");
        let first = store
            .commitment(Subject::Member, "pool", "M-1")
            .expect("made");
        assert_eq!(
            store
                .commitment(Subject::Member, "pool", "M-1")
                .expect("again"),
            first
        );
        assert_eq!(
            store.identifier(Subject::Member, &first).expect("read"),
            Some("M-1".to_owned())
        );
        assert_ne!(
            store
                .commitment(Subject::Member, "another pool", "M-1")
                .expect("made"),
            first
        );
        assert_ne!(
            store
                .commitment(Subject::Document, "pool", "M-1")
                .expect("made"),
            first
        );
        let elsewhere = Store::open(other.path()).expect("opened");
        assert_ne!(
            elsewhere
                .commitment(Subject::Member, "pool", "M-1")
                .expect("made"),
            first
        );
    }
}
