//! The local store: what must be remembered and must not be on the ledger.
//!
//! Salts (without them a commitment means nothing any more), code keys (under the number of each schedule of a
//! pool; those of one plan are mostly the same), the secrets by which claims are drawn for review, and a journal of claims and
//! transactions. The journal is a cache: the ledger is the receipt. The file belongs to its user alone (mode 600, folder
//! 700), and deleting a salt is how a person is forgotten.

mod backup;
mod bytes;
mod claims;
mod codes;
mod commitments;
mod draws;
mod epcis;
mod forget;
mod persons;
mod transactions;

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use backup::{Backup, Imported, KeyOf, Salted};
pub use bytes::Bytes;
pub use claims::{ClaimKey, JournalEntry};
pub use codes::{code_digest, code_identifier, first, CodeKey};
pub use commitments::Subject;
pub use draws::DrawSecret;
pub use epcis::CapturedEvent;
pub use forget::Forgotten;
pub use persons::TaxYearRecord;
pub use transactions::{Progress, SentTransaction};

use crate::error::{CliError, Result};

const FILE: &str = "store.sqlite3";
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// How long another `galen` may hold the store before this one gives up.
const BUSY: Duration = Duration::from_secs(10);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS commitments (
    subject TEXT NOT NULL, scope TEXT NOT NULL, identifier TEXT NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 32), commitment BLOB NOT NULL CHECK (length(commitment) = 32),
    PRIMARY KEY (subject, scope, identifier)
) STRICT;
CREATE TABLE IF NOT EXISTS code_keys (
    insurer TEXT NOT NULL, schedule INTEGER NOT NULL, key BLOB NOT NULL CHECK (length(key) = 32),
    PRIMARY KEY (insurer, schedule)
) STRICT;
CREATE TABLE IF NOT EXISTS claims (
    document BLOB NOT NULL CHECK (length(document) = 32), scope TEXT NOT NULL,
    claim_id BLOB NOT NULL CHECK (length(claim_id) = 16),
    address TEXT NOT NULL, signature TEXT, status TEXT NOT NULL,
    PRIMARY KEY (document, scope)
) STRICT;
CREATE TABLE IF NOT EXISTS claim_keys (
    provider TEXT NOT NULL PRIMARY KEY, key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;
CREATE TABLE IF NOT EXISTS transactions (
    signature TEXT NOT NULL PRIMARY KEY, cluster TEXT NOT NULL, label TEXT NOT NULL, bytes BLOB NOT NULL,
    last_valid_block_height INTEGER NOT NULL, progress TEXT NOT NULL, signed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS undecided_transactions ON transactions (cluster) WHERE progress = 'signed';
CREATE TABLE IF NOT EXISTS marker_keys (
    sponsor TEXT NOT NULL PRIMARY KEY, key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;
CREATE TABLE IF NOT EXISTS persons (
    sponsor TEXT NOT NULL, marker BLOB NOT NULL CHECK (length(marker) = 32), identifier TEXT NOT NULL, form TEXT,
    PRIMARY KEY (sponsor, marker)
) STRICT;
CREATE TABLE IF NOT EXISTS tax_years (
    sponsor TEXT NOT NULL, marker BLOB NOT NULL CHECK (length(marker) = 32), year INTEGER NOT NULL,
    stipends INTEGER NOT NULL, withheld INTEGER NOT NULL, as_of INTEGER NOT NULL,
    PRIMARY KEY (sponsor, marker, year)
) STRICT;
CREATE TABLE IF NOT EXISTS draw_secrets (
    pool TEXT NOT NULL, year INTEGER NOT NULL, secret BLOB NOT NULL CHECK (length(secret) = 32),
    PRIMARY KEY (pool, year)
) STRICT;
CREATE TABLE IF NOT EXISTS epcis_events (
    cluster TEXT NOT NULL, hash TEXT NOT NULL, context TEXT NOT NULL, event TEXT NOT NULL, done INTEGER NOT NULL,
    PRIMARY KEY (cluster, hash)
) STRICT;
CREATE TABLE IF NOT EXISTS epcis_transactions (
    cluster TEXT NOT NULL, signature TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (cluster, signature)
) STRICT;
CREATE TABLE IF NOT EXISTS epcis_containers (
    cluster TEXT NOT NULL, sscc TEXT NOT NULL, batch TEXT NOT NULL, place TEXT NOT NULL,
    PRIMARY KEY (cluster, sscc)
) STRICT;
PRAGMA user_version = 1;
";

/// An open store.
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store in `home`, creating both where they are missing.
    ///
    /// # Errors
    /// `store_unwritable`, `store_newer`, `store_damaged`.
    pub fn open(home: &Path) -> Result<Self> {
        let path = home.join(FILE);
        prepare(home, &path).map_err(|error| unwritable(&path, &error))?;
        let connection = Connection::open(&path).map_err(damaged)?;
        connection.busy_timeout(BUSY).map_err(damaged)?;
        let version: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(damaged)?;
        if version > 1 {
            return Err(CliError::new(
                "store_newer",
                format!(
                    "The store {} was written by a newer galen (form {version}); update this one.",
                    path.display()
                ),
            ));
        }
        // FULL: a signature that was written before sending must be there after a power cut.
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(damaged)?;
        connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(damaged)?;
        connection.execute_batch(SCHEMA).map_err(damaged)?;
        Ok(Self { connection, path })
    }

    /// Does several things with the store as one: all of them are on disk then, or none.
    ///
    /// # Errors
    /// Those of `work`; `store_damaged`.
    pub fn together<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        // At once the only one who writes: what was read cannot have changed by the time that it is written.
        let writing = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
            .map_err(damaged)?;
        let done = work(self)?;
        writing.commit().map_err(damaged)?;
        Ok(done)
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Where the store of `home` is, whether or not it exists.
pub fn file(home: &Path) -> PathBuf {
    home.join(FILE)
}

/// Creates folder and file for their user alone, and closes them to others where they stood open.
fn prepare(home: &Path, path: &Path) -> std::io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(home)?;
    fs::set_permissions(home, Permissions::from_mode(FOLDER_MODE))?;
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(FILE_MODE)
        .open(path)?;
    fs::set_permissions(path, Permissions::from_mode(FILE_MODE))
}

/// Writes a file that only its user can read.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(FILE_MODE)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn unwritable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::new("store_unwritable", format!("The store {} cannot be written: {error}. Name a folder of your own with --home or GALEN_HOME.", path.display()))
}

fn damaged(error: rusqlite::Error) -> CliError {
    CliError::new("store_damaged", format!("The local store cannot be used: {error}. Move it away and import your last export with `galen store import`."))
}

/// 32 bytes from the operating system's generator.
///
/// # Errors
/// `no_randomness`.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        CliError::new(
            "no_randomness",
            format!("The operating system gives no random bytes: {error}."),
        )
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_its_users_alone_even_if_it_stood_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("galen");
        fs::create_dir(&home).expect("created");
        fs::set_permissions(&home, Permissions::from_mode(0o755)).expect("opened to all");
        drop(Store::open(&home).expect("opened"));
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&home), mode(&home.join(FILE))), (0o700, 0o600));
    }
}
