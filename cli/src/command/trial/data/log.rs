//! The file in which the data points of a trial are kept, with their salts: nothing in it is ever changed. Only roots leave it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use galen_batch::Sha;
use galen_rules::merkle::Node;
use galen_rules::trial::data_log::{Batch, LOG_DEPTH};
use rusqlite::{params, Connection, OptionalExtension, Row, Transaction};
use solana_pubkey::Pubkey;

use super::point::{self, Audit, Item, Opened, Salts};
use super::tree::climb;
use crate::error::{CliError, Result};

const BUSY: Duration = Duration::from_secs(10);
const FORM: i64 = 0x67_64_6c_31;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS trial (address TEXT NOT NULL PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS points (
    position INTEGER NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL, visit TEXT NOT NULL, item TEXT NOT NULL, value TEXT NOT NULL,
    user TEXT NOT NULL, location TEXT NOT NULL, source TEXT NOT NULL,
    at INTEGER NOT NULL, reason TEXT NOT NULL, follows INTEGER,
    item_salt BLOB NOT NULL CHECK (length(item_salt) = 32), value_salt BLOB NOT NULL CHECK (length(value_salt) = 32),
    audit_salt BLOB NOT NULL CHECK (length(audit_salt) = 32)
) STRICT;
CREATE INDEX IF NOT EXISTS points_of_item ON points (subject, visit, item, position);
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER NOT NULL PRIMARY KEY, first INTEGER NOT NULL, count INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;
";

const COLUMNS: &str = "position, subject, visit, item, value, user, location, source, at, reason, follows, item_salt, value_salt, audit_salt";

/// An open log.
pub struct Log {
    connection: Connection,
    path: PathBuf,
}

/// That a leaf stands in the log, as far as this file goes.
pub struct WayUp {
    /// The batch's number.
    pub batch_number: u64,
    /// The batch.
    pub batch: Batch,
    /// Siblings up to the batch's root.
    pub in_batch: Vec<Node>,
    /// Siblings from there up to the log's.
    pub in_log: Vec<Node>,
}

impl Log {
    /// Opens a log, or begins one where there is no file.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn open_or_begin(path: &Path) -> Result<Self> {
        let log = Self::connect(path)?;
        log.connection
            .pragma_update(None, "application_id", FORM)
            .and_then(|()| log.connection.execute_batch(SCHEMA))
            .map_err(|error| log.unusable(error))?;
        Ok(log)
    }

    /// Opens a log.
    ///
    /// # Errors
    /// `file_missing`, `log_unusable`.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(CliError::new(
                "file_missing",
                format!(
                    "There is no file {}. `galen trial data add` begins one.",
                    path.display()
                ),
            ));
        }
        Self::connect(path)
    }

    fn connect(path: &Path) -> Result<Self> {
        let unusable = |error: rusqlite::Error| unusable(path, &error.to_string());
        let connection = Connection::open(path).map_err(unusable)?;
        connection.busy_timeout(BUSY).map_err(unusable)?;
        let form: i64 = connection
            .query_row("PRAGMA application_id", [], |row| row.get(0))
            .map_err(unusable)?;
        let is_new: bool = connection
            .query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| {
                row.get(0)
            })
            .map_err(unusable)?;
        if !is_new && form != FORM {
            return Err(self::unusable(path, "it is a database of another kind"));
        }
        // FULL: what was anchored must be there after a power cut, or nobody can prove it.
        connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(unusable)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    fn unusable(&self, error: rusqlite::Error) -> CliError {
        unusable(&self.path, &error.to_string())
    }

    /// The trial that the log is anchored for; none before the first time.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn trial(&self) -> Result<Option<Pubkey>> {
        let text: Option<String> = self
            .connection
            .query_row("SELECT address FROM trial", [], |row| row.get(0))
            .optional()
            .map_err(|error| self.unusable(error))?;
        text.map(|text| {
            text.parse()
                .map_err(|_| unusable(&self.path, "the trial's address cannot be read"))
        })
        .transpose()
    }

    /// Binds the log to a trial.
    ///
    /// # Errors
    /// `log_of_other_trial`, `log_unusable`.
    pub fn bind(&self, trial: &Pubkey) -> Result<()> {
        match self.trial()? {
            Some(bound) if bound == *trial => Ok(()),
            Some(bound) => Err(CliError::new(
                "log_of_other_trial",
                format!("{} is the log of the trial {bound}.", self.path.display()),
            )),
            None => self
                .connection
                .execute("INSERT INTO trial VALUES (?1)", [trial.to_string()])
                .map(|_| ())
                .map_err(|error| self.unusable(error)),
        }
    }

    /// How many data points there are.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn count(&self) -> Result<u64> {
        self.connection
            .query_row("SELECT count(*) FROM points", [], |row| row.get(0))
            .map_err(|error| self.unusable(error))
    }

    /// Adds data points, all or none: `add` says what, and ends with an error to add nothing.
    ///
    /// # Errors
    /// `log_unusable`, and whatever `add` refuses.
    pub fn add<T>(&mut self, add: impl FnOnce(&Adding<'_>) -> Result<T>) -> Result<T> {
        let path = self.path.clone();
        let broken = |error: rusqlite::Error| unusable(&path, &error.to_string());
        let transaction = self.connection.transaction().map_err(broken)?;
        let added = add(&Adding {
            transaction: &transaction,
            path: &path,
        })?;
        transaction.commit().map_err(broken)?;
        Ok(added)
    }

    /// The data point at a position.
    ///
    /// # Errors
    /// `unknown_position`, `log_unusable`.
    pub fn at(&self, position: u64) -> Result<Opened> {
        self.connection
            .query_row(
                &format!("SELECT {COLUMNS} FROM points WHERE position = ?1"),
                [position],
                |row| opened(row).map(|(_, point)| point),
            )
            .optional()
            .map_err(|error| self.unusable(error))?
            .ok_or_else(|| {
                CliError::new(
                    "unknown_position",
                    format!("The log has no data point at position {position}."),
                )
            })
    }

    /// The position of an item's last value.
    ///
    /// # Errors
    /// `unknown_item`, `log_unusable`.
    pub fn last(&self, item: &Item) -> Result<u64> {
        last(&self.connection, item)
            .map_err(|error| self.unusable(error))?
            .map(|(position, _)| position)
            .ok_or_else(|| {
                CliError::new(
                    "unknown_item",
                    format!(
                        "The log has no value of {} of subject {} at visit {}.",
                        item.item, item.subject, item.visit
                    ),
                )
            })
    }

    /// The leaves from a position on, at most so many.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn leaves(&self, first: u64, most: u32) -> Result<Vec<Node>> {
        let read = || {
            let mut statement = self.connection.prepare(&format!(
                "SELECT {COLUMNS} FROM points WHERE position >= ?1 ORDER BY position LIMIT ?2"
            ))?;
            let rows = statement.query_map(params![first, most], |row| {
                opened(row).map(|(_, point)| point.point().leaf::<Sha>())
            })?;
            rows.collect::<rusqlite::Result<Vec<Node>>>()
        };
        read().map_err(|error| self.unusable(error))
    }

    /// The batches that were anchored, or were about to be.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn batches(&self) -> Result<Vec<Batch>> {
        let read = || {
            let mut statement = self
                .connection
                .prepare("SELECT first, count, root FROM batches ORDER BY number")?;
            let rows = statement.query_map([], |row| {
                Ok(Batch {
                    first: row.get(0)?,
                    count: row.get(1)?,
                    root: row.get(2)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<Batch>>>()
        };
        read().map_err(|error| self.unusable(error))
    }

    /// Notes a batch before it is sent.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn note(&self, batch: &Batch) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO batches SELECT count(*), ?1, ?2, ?3 FROM batches",
                params![batch.first, batch.count, batch.root],
            )
            .map(|_| ())
            .map_err(|error| self.unusable(error))
    }

    /// The way from the leaf at a position up to the root over the first `anchored` batches; none where its batch is not among them.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn way_up(&self, position: u64, anchored: u32) -> Result<Option<WayUp>> {
        let mut batches = self.batches()?;
        batches.truncate(usize::try_from(anchored).unwrap_or(usize::MAX));
        let found = batches.iter().enumerate().find_map(|(number, batch)| {
            let place = position.checked_sub(batch.first)?;
            (place < u64::from(batch.count)).then_some((number, *batch, place))
        });
        let Some((number, batch, place)) = found else {
            return Ok(None);
        };
        let leaves = self.leaves(batch.first, batch.count)?;
        let index = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let depth = batch.depth().unwrap_or(0);
        let (_, in_batch) = climb(&leaves, depth, index(place));
        let roots: Vec<Node> = batches.iter().map(Batch::leaf::<Sha>).collect();
        let (_, in_log) = climb(&roots, LOG_DEPTH, number);
        Ok(Some(WayUp {
            batch_number: u64::try_from(number).unwrap_or(u64::MAX),
            batch,
            in_batch,
            in_log,
        }))
    }

    /// The root over the first `anchored` batches.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn root(&self, anchored: u32) -> Result<Node> {
        let roots: Vec<Node> = self
            .batches()?
            .iter()
            .take(usize::try_from(anchored).unwrap_or(usize::MAX))
            .map(Batch::leaf::<Sha>)
            .collect();
        Ok(climb(&roots, LOG_DEPTH, 0).0)
    }
}

/// A log while data points are added to it.
pub struct Adding<'a> {
    transaction: &'a Transaction<'a>,
    path: &'a Path,
}

impl Adding<'_> {
    /// The position that the next data point gets.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn next(&self) -> Result<u64> {
        self.transaction
            .query_row("SELECT count(*) FROM points", [], |row| row.get(0))
            .map_err(|error| unusable(self.path, &error.to_string()))
    }

    /// The last value of an item, and its position.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn last(&self, item: &Item) -> Result<Option<(u64, Opened)>> {
        last(self.transaction, item).map_err(|error| unusable(self.path, &error.to_string()))
    }

    /// Adds a data point at `position`.
    ///
    /// # Errors
    /// `log_unusable`.
    pub fn add(&self, position: u64, point: &Opened) -> Result<()> {
        self.transaction
            .prepare_cached(&format!("INSERT INTO points ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"))
            .and_then(|mut statement| {
                statement.execute(params![
                    position,
                    point.item.subject,
                    point.item.visit,
                    point.item.item,
                    point.value,
                    point.audit.user,
                    point.audit.location,
                    point.audit.source,
                    point.at,
                    point::reason_name(point.reason),
                    point.follows,
                    point.salts.item,
                    point.salts.value,
                    point.salts.audit,
                ])
            })
            .map(|_| ())
            .map_err(|error| unusable(self.path, &error.to_string()))
    }
}

fn last(connection: &Connection, item: &Item) -> rusqlite::Result<Option<(u64, Opened)>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM points WHERE subject = ?1 AND visit = ?2 AND item = ?3 ORDER BY position DESC LIMIT 1"))?
        .query_row(params![item.subject, item.visit, item.item], opened)
        .optional()
}

fn opened(row: &Row<'_>) -> rusqlite::Result<(u64, Opened)> {
    let reason: String = row.get(9)?;
    let reason = point::reason(&reason).ok_or(rusqlite::Error::IntegralValueOutOfRange(9, 0))?;
    let point = Opened {
        item: Item {
            subject: row.get(1)?,
            visit: row.get(2)?,
            item: row.get(3)?,
        },
        value: row.get(4)?,
        audit: Audit {
            user: row.get(5)?,
            location: row.get(6)?,
            source: row.get(7)?,
        },
        at: row.get(8)?,
        reason,
        follows: row.get(10)?,
        salts: Salts {
            item: row.get(11)?,
            value: row.get(12)?,
            audit: row.get(13)?,
        },
    };
    Ok((row.get(0)?, point))
}

fn unusable(path: &Path, why: &str) -> CliError {
    CliError::new(
        "log_unusable",
        format!("{} cannot be used as a data log: {why}.", path.display()),
    )
}
