//! Forgetting a person: what is deleted cannot be read from the file any more.

use rusqlite::{params, Connection};
use serde::Serialize;

use super::{damaged, Store};
use crate::error::Result;

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Salted commitments, each with its salt.
    pub commitments: usize,
    /// Persons of a sponsor's trials, with their tax forms.
    pub persons: usize,
    /// Years of theirs.
    pub tax_years: usize,
}

impl Store {
    /// Deletes everything that has this identifier, or only what is within `scope` (a pool, a sponsor). What was there is
    /// overwritten, in the file and in SQLite's log beside it.
    ///
    /// # Errors
    /// `store_damaged`, also while another galen uses the store.
    pub fn forget(&self, identifier: &str, scope: Option<&str>) -> Result<Forgotten> {
        self.connection
            .pragma_update(None, "secure_delete", "ON")
            .map_err(damaged)?;
        let forgotten = self.together(|store| {
            let delete = |sql| delete(&store.connection, sql, identifier, scope);
            Ok(Forgotten {
                commitments: delete(
                    "DELETE FROM commitments WHERE identifier = ?1 AND (?2 IS NULL OR scope = ?2)",
                )?,
                tax_years: delete(
                    "DELETE FROM tax_years WHERE (sponsor, marker) IN
                     (SELECT sponsor, marker FROM persons WHERE identifier = ?1 AND (?2 IS NULL OR sponsor = ?2))",
                )?,
                persons: delete(
                    "DELETE FROM persons WHERE identifier = ?1 AND (?2 IS NULL OR sponsor = ?2)",
                )?,
            })
        })?;
        // The log keeps older pages until it is emptied.
        self.connection
            .execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
            .map_err(damaged)?;
        Ok(forgotten)
    }
}

fn delete(
    connection: &Connection,
    sql: &str,
    identifier: &str,
    scope: Option<&str>,
) -> Result<usize> {
    connection
        .execute(sql, params![identifier, scope])
        .map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Subject;

    const WHO: &str = "M-4711-to-be-forgotten";

    fn bytes_of(folder: &std::path::Path) -> Vec<u8> {
        std::fs::read_dir(folder)
            .expect("a folder")
            .flat_map(|file| std::fs::read(file.expect("a file").path()).expect("read"))
            .collect()
    }

    fn has(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn who_is_forgotten_stands_nowhere_and_cannot_be_tried_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opened");
        let on_ledger = store
            .commitment(Subject::Member, "pool", WHO)
            .expect("made");
        let other = store
            .commitment(Subject::Member, "pool", "M-4712")
            .expect("made");
        let marker = store.marker("sponsor", WHO).expect("made");
        store
            .keep_form("sponsor", &marker, r#"{"form": "W-9"}"#)
            .expect("kept");
        let year = crate::store::TaxYearRecord {
            stipends: 1,
            withheld: 0,
            as_of: 20_000,
        };
        store
            .keep_tax_year("sponsor", &marker, 2026, &year)
            .expect("kept");
        assert!(has(&bytes_of(folder.path()), WHO.as_bytes()));

        let elsewhere = store.forget(WHO, Some("another pool")).expect("nothing");
        assert_eq!(elsewhere, Forgotten::default());
        let forgotten = store.forget(WHO, None).expect("forgotten");
        assert_eq!(
            forgotten,
            Forgotten {
                commitments: 1,
                persons: 1,
                tax_years: 1
            }
        );
        let left = bytes_of(folder.path());
        assert!(!has(&left, WHO.as_bytes()));
        assert!(!has(&left, &on_ledger));
        assert!(!has(&left, b"W-9"));
        // Who guesses right gets another commitment: the one on the ledger belongs to nobody any more.
        let guessed = store
            .commitment(Subject::Member, "pool", WHO)
            .expect("made");
        assert_ne!(guessed, on_ledger);
        let kept = store.known_commitment(Subject::Member, "pool", "M-4712");
        assert_eq!(kept.expect("read"), Some(other));
        assert_eq!(
            store.forget("nobody", None).expect("nothing"),
            Forgotten::default()
        );
    }
}
