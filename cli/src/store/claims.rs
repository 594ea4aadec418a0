//! The claim journal: which document became which claim.

use rusqlite::{params, OptionalExtension, Row};

use super::{damaged, random, Store};
use crate::error::Result;

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
        let random = random()?;
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(random) {
            *to = from;
        }
        Ok(id)
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
