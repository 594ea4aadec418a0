//! Persons of a sponsor's trials: the key under which they are blinded, who they are, their tax forms, and what each calendar
//! year came to. None of it is on the ledger, and the ledger keeps only the present year.

use hmac::{Hmac, Mac};
use rusqlite::{params, OptionalExtension};
use sha2::Sha256;

use super::{damaged, random, Store};
use crate::error::{CliError, Result};

const DOMAIN: &[u8] = b"galen person v1\0";

/// What the sponsor knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// Who it is, as the sponsor says.
    pub identifier: String,
    /// The tax form as a document, where there is one.
    pub form: Option<String>,
}

/// What a calendar year of a person came to, in cents, when it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxYearRecord {
    /// Stipends of the year.
    pub stipends: u64,
    /// Withheld in the year.
    pub withheld: u64,
    /// The day of the look, in days since 1970-01-01.
    pub as_of: i32,
}

impl Store {
    /// The blinded marker of a person at a sponsor: the same for the same person, and nobody without the sponsor's key can
    /// compute it. The key is made at the first time of asking.
    ///
    /// # Errors
    /// `store_damaged`, `no_randomness`.
    pub fn marker(&self, sponsor: &str, identifier: &str) -> Result<[u8; 32]> {
        // Another galen may have been quicker: its key then counts.
        self.connection
            .execute(
                "INSERT OR IGNORE INTO marker_keys VALUES (?1, ?2)",
                params![sponsor, random()?],
            )
            .map_err(damaged)?;
        self.known_marker(sponsor, identifier)?
            .ok_or_else(|| damaged(rusqlite::Error::QueryReturnedNoRows))
    }

    /// As [`Store::marker`], if this store has the sponsor's key.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn known_marker(&self, sponsor: &str, identifier: &str) -> Result<Option<[u8; 32]>> {
        let key: Option<[u8; 32]> = self
            .connection
            .query_row(
                "SELECT key FROM marker_keys WHERE sponsor = ?1",
                [sponsor],
                |row| row.get(0),
            )
            .optional()
            .map_err(damaged)?;
        let Some(key) = key else { return Ok(None) };
        let mut mac = Hmac::<Sha256>::new_from_slice(&key)
            .map_err(|_| CliError::new("marker_key_unusable", "The marker key cannot be used."))?;
        mac.update(DOMAIN);
        mac.update(identifier.as_bytes());
        let marker: [u8; 32] = mac.finalize().into_bytes().into();
        self.connection
            .execute(
                "INSERT OR IGNORE INTO persons VALUES (?1, ?2, ?3, NULL)",
                params![sponsor, marker, identifier],
            )
            .map_err(damaged)?;
        Ok(Some(marker))
    }

    /// Who a marker stands for, if this store knows.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn person(&self, sponsor: &str, marker: &[u8; 32]) -> Result<Option<KnownPerson>> {
        self.connection
            .query_row(
                "SELECT identifier, form FROM persons WHERE sponsor = ?1 AND marker = ?2",
                params![sponsor, marker],
                |row| {
                    Ok(KnownPerson {
                        identifier: row.get(0)?,
                        form: row.get(1)?,
                    })
                },
            )
            .optional()
            .map_err(damaged)
    }

    /// Keeps a person's tax form.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn keep_form(&self, sponsor: &str, marker: &[u8; 32], form: &str) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO persons VALUES (?1, ?2, '', ?3)
                 ON CONFLICT (sponsor, marker) DO UPDATE SET form = excluded.form",
                params![sponsor, marker, form],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// Keeps what a year of a person came to.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn keep_tax_year(
        &self,
        sponsor: &str,
        marker: &[u8; 32],
        year: u16,
        record: &TaxYearRecord,
    ) -> Result<()> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO tax_years VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    sponsor,
                    marker,
                    year,
                    signed(record.stipends)?,
                    signed(record.withheld)?,
                    record.as_of
                ],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// What a year of a person came to, if it was looked at then.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn tax_year(
        &self,
        sponsor: &str,
        marker: &[u8; 32],
        year: u16,
    ) -> Result<Option<TaxYearRecord>> {
        let query = "SELECT stipends, withheld, as_of FROM tax_years WHERE sponsor = ?1 AND marker = ?2 AND year = ?3";
        let found: Option<(i64, i64, i32)> = self
            .connection
            .query_row(query, params![sponsor, marker, year], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()
            .map_err(damaged)?;
        Ok(found.map(|(stipends, withheld, as_of)| TaxYearRecord {
            stipends: u64::try_from(stipends).unwrap_or_default(),
            withheld: u64::try_from(withheld).unwrap_or_default(),
            as_of,
        }))
    }
}

/// SQLite's integers are signed; no sum of cents comes near their end.
fn signed(cents: u64) -> Result<i64> {
    i64::try_from(cents).map_err(|_| {
        CliError::new(
            "amount_overflow",
            format!("{cents} cents are more than the store can count."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_stable_and_the_sponsors_alone() {
        let (one, other) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        let store = Store::open(one.path()).expect("opened");
        assert_eq!(store.known_marker("sponsor", "P").expect("read"), None);
        let marker = store.marker("sponsor", "P").expect("made");
        assert_eq!(store.marker("sponsor", "P").expect("again"), marker);
        assert_ne!(store.marker("sponsor", "Q").expect("made"), marker);
        assert_ne!(store.marker("another", "P").expect("made"), marker);
        let elsewhere = Store::open(other.path()).expect("opened");
        assert_ne!(elsewhere.marker("sponsor", "P").expect("made"), marker);
        assert_eq!(
            store.person("sponsor", &marker).expect("read"),
            Some(KnownPerson {
                identifier: "P".to_owned(),
                form: None
            })
        );
    }

    #[test]
    fn forms_and_years_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opened");
        let marker = store.marker("sponsor", "P").expect("made");
        store.keep_form("sponsor", &marker, "{}").expect("kept");
        let person = store
            .person("sponsor", &marker)
            .expect("read")
            .expect("there");
        assert_eq!(
            (person.identifier.as_str(), person.form.as_deref()),
            ("P", Some("{}"))
        );
        let record = |stipends, withheld| TaxYearRecord {
            stipends,
            withheld,
            as_of: 20_000,
        };
        for (year, stipends, withheld) in [(2025, 10, 1), (2026, 30, 4), (2026, 40, 5)] {
            store
                .keep_tax_year("sponsor", &marker, year, &record(stipends, withheld))
                .expect("kept");
        }
        assert_eq!(
            store.tax_year("sponsor", &marker, 2026).expect("read"),
            Some(record(40, 5))
        );
        assert_eq!(
            store.tax_year("sponsor", &marker, 2025).expect("read"),
            Some(record(10, 1))
        );
        assert_eq!(
            store.tax_year("sponsor", &marker, 2027).expect("read"),
            None
        );
    }
}
