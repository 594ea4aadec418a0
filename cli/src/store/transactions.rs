//! Transactions, written down before they are sent.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::params;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use super::{damaged, Store};
use crate::error::Result;

/// What has become of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Signed; may have been sent.
    Signed,
    /// On the ledger.
    Landed,
    /// On the ledger, as failed.
    Failed,
    /// Can never land any more.
    Expired,
}

impl Progress {
    fn name(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Landed => "landed",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

impl ToSql for Progress {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Progress {
    fn column_result(value: ValueRef) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        [Self::Signed, Self::Landed, Self::Failed, Self::Expired]
            .into_iter()
            .find(|progress| progress.name() == text)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A transaction that was signed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentTransaction {
    /// Base58.
    pub signature: String,
    /// Genesis hash of the cluster.
    pub cluster: String,
    /// What it is for.
    pub label: String,
    /// As signed: resending means these bytes, never new ones.
    pub bytes: Vec<u8>,
    /// The block height after which it can no longer land.
    pub last_valid_block_height: u64,
    /// What has become of it.
    pub progress: Progress,
}

impl Store {
    /// Writes a signed transaction down. It must be on disk before the first byte is sent.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_transaction(&self, transaction: &SentTransaction) -> Result<()> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        self.connection
            .execute(
                "INSERT OR REPLACE INTO transactions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    transaction.signature,
                    transaction.cluster,
                    transaction.label,
                    transaction.bytes,
                    i64::try_from(transaction.last_valid_block_height).unwrap_or(i64::MAX),
                    transaction.progress,
                    i64::try_from(now).unwrap_or(i64::MAX)
                ],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// Writes several signed transactions down, all or none.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_transactions(&self, transactions: &[SentTransaction]) -> Result<()> {
        self.together(|store| {
            transactions
                .iter()
                .try_for_each(|transaction| store.note_transaction(transaction))
        })
    }

    /// Whether a transaction with this signature was ever signed here.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn has_signed(&self, signature: &str) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM transactions WHERE signature = ?1)")
            .and_then(|mut statement| statement.query_row(params![signature], |row| row.get(0)))
            .map_err(damaged)
    }

    /// Notes what has become of a transaction.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_progress(&self, signature: &str, progress: Progress) -> Result<()> {
        self.connection
            .execute(
                "UPDATE transactions SET progress = ?2 WHERE signature = ?1",
                params![signature, progress],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// Transactions of a cluster of which it is not known what has become.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn undecided(&self, cluster: &str) -> Result<Vec<SentTransaction>> {
        let mut statement = self
            .connection
            .prepare("SELECT signature, cluster, label, bytes, last_valid_block_height, progress FROM transactions WHERE cluster = ?1 AND progress = 'signed' ORDER BY signed_at")
            .map_err(damaged)?;
        let read = |row: &rusqlite::Row| {
            Ok(SentTransaction {
                signature: row.get(0)?,
                cluster: row.get(1)?,
                label: row.get(2)?,
                bytes: row.get(3)?,
                last_valid_block_height: u64::try_from(row.get::<_, i64>(4)?).unwrap_or_default(),
                progress: row.get(5)?,
            })
        };
        let rows = statement
            .query_map(params![cluster], read)
            .map_err(damaged)?;
        rows.collect::<rusqlite::Result<_>>().map_err(damaged)
    }
}
