//! Taking the store elsewhere: one JSON file with everything that cannot be made again.

use std::collections::BTreeMap;

use rusqlite::{params, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::{damaged, Store, Subject};
use crate::chain::text::unhex_array;
use crate::error::{CliError, Result};

const FORM: &str = "galen store 1";

/// An export: salts, code keys and claims. Transactions are left out: the ledger has them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    form: String,
    commitments: Vec<CommitmentRow>,
    code_keys: Vec<CodeKeyRow>,
    claims: Vec<ClaimRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    claim_keys: Vec<ClaimKeyRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    draw_secrets: Vec<DrawSecretRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    marker_keys: Vec<MarkerKeyRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    persons: Vec<PersonRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tax_years: Vec<TaxYearRow>,
}

impl Backup {
    /// The same without salts, claims and persons: what a provider may have.
    #[must_use]
    pub fn only_code_keys(self) -> Self {
        Self {
            commitments: Vec::new(),
            claims: Vec::new(),
            claim_keys: Vec::new(),
            draw_secrets: Vec::new(),
            marker_keys: Vec::new(),
            persons: Vec::new(),
            tax_years: Vec::new(),
            ..self
        }
    }

    /// Only the salts of these commitments, and the code keys of these pools.
    #[must_use]
    pub fn only(mut self, commitments: &[[u8; 32]], pools: &[String]) -> Self {
        let salts = std::mem::take(&mut self.commitments);
        let wanted = |row: &CommitmentRow| commitments.contains(&row.commitment.0);
        let mut only = self.only_code_keys();
        only.code_keys.retain(|row| pools.contains(&row.insurer));
        only.commitments = salts.into_iter().filter(wanted).collect();
        only
    }

    /// Whether it has anything but salts and code keys.
    pub fn has_more(&self) -> bool {
        !(self.claims.is_empty()
            && self.draw_secrets.is_empty()
            && self.marker_keys.is_empty()
            && self.persons.is_empty()
            && self.tax_years.is_empty())
    }

    /// The commitments, each of which must be that of its salt and identifier.
    ///
    /// # Errors
    /// `commitment_mismatch` with the entry.
    pub fn salts(&self) -> Result<Vec<Salted<'_>>> {
        let salted = self.commitments.iter().enumerate().map(|(index, row)| {
            let subject = Subject::from_name(&row.subject)
                .filter(|subject| subject.commit(&row.salt.0, &row.identifier) == row.commitment.0)
                .ok_or_else(|| CliError {
                    code: "commitment_mismatch".to_owned(),
                    message: format!(
                        "The commitment to the {} {} within {} is not that of its salt: something of the entry was changed. Nothing of it was taken.",
                        row.subject, row.identifier, row.scope
                    ),
                    at: Some(format!("commitments[{index}]")),
                })?;
            Ok(Salted {
                subject,
                scope: &row.scope,
                identifier: &row.identifier,
                commitment: row.commitment.0,
            })
        });
        salted.collect()
    }

    /// Of what it has code keys.
    pub fn keys(&self) -> Vec<KeyOf<'_>> {
        let keys = self.code_keys.iter();
        keys.map(|row| KeyOf {
            pool: &row.insurer,
            schedule: row.schedule,
        })
        .collect()
    }
}

/// A commitment whose salt is at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salted<'a> {
    /// What it is a commitment to.
    pub subject: Subject,
    /// Within what.
    pub scope: &'a str,
    /// The identifier.
    pub identifier: &'a str,
    /// The commitment.
    pub commitment: [u8; 32],
}

/// Of which schedule a code key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyOf<'a> {
    /// The pool's address.
    pub pool: &'a str,
    /// The schedule's number.
    pub schedule: u32,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitmentRow {
    subject: String,
    scope: String,
    identifier: String,
    salt: Hex<32>,
    commitment: Hex<32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeKeyRow {
    insurer: String,
    schedule: u32,
    key: Hex<32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimRow {
    document: Hex<32>,
    scope: String,
    claim_id: Hex<16>,
    address: String,
    signature: Option<String>,
    status: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimKeyRow {
    provider: String,
    key: Hex<32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DrawSecretRow {
    pool: String,
    year: u16,
    secret: Hex<32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkerKeyRow {
    sponsor: String,
    key: Hex<32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRow {
    sponsor: String,
    marker: Hex<32>,
    identifier: String,
    form: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxYearRow {
    sponsor: String,
    marker: Hex<32>,
    year: u16,
    stipends: i64,
    withheld: i64,
    as_of: i32,
}

/// How many entries an import has added, and how many were there already.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// New in this store.
    pub added: usize,
    /// The same in both.
    pub known: usize,
}

impl Store {
    /// Everything that cannot be made again.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn export(&self) -> Result<Backup> {
        Ok(Backup {
            form: FORM.to_owned(),
            commitments: self.rows("SELECT subject, scope, identifier, salt, commitment FROM commitments ORDER BY 1, 2, 3", |row| {
                Ok(CommitmentRow { subject: row.get(0)?, scope: row.get(1)?, identifier: row.get(2)?, salt: Hex(row.get(3)?), commitment: Hex(row.get(4)?) })
            })?,
            code_keys: self.rows("SELECT insurer, schedule, key FROM code_keys ORDER BY 1, 2", |row| {
                Ok(CodeKeyRow { insurer: row.get(0)?, schedule: row.get(1)?, key: Hex(row.get(2)?) })
            })?,
            claims: self.rows("SELECT document, scope, claim_id, address, signature, status FROM claims ORDER BY 1, 2", |row| {
                Ok(ClaimRow {
                    document: Hex(row.get(0)?),
                    scope: row.get(1)?,
                    claim_id: Hex(row.get(2)?),
                    address: row.get(3)?,
                    signature: row.get(4)?,
                    status: row.get(5)?,
                })
            })?,
            claim_keys: self.rows("SELECT provider, key FROM claim_keys ORDER BY 1", |row| {
                Ok(ClaimKeyRow { provider: row.get(0)?, key: Hex(row.get(1)?) })
            })?,
            draw_secrets: self.rows("SELECT pool, year, secret FROM draw_secrets ORDER BY 1, 2", |row| {
                Ok(DrawSecretRow { pool: row.get(0)?, year: row.get(1)?, secret: Hex(row.get(2)?) })
            })?,
            marker_keys: self.rows("SELECT sponsor, key FROM marker_keys ORDER BY 1", |row| {
                Ok(MarkerKeyRow { sponsor: row.get(0)?, key: Hex(row.get(1)?) })
            })?,
            persons: self.rows("SELECT sponsor, marker, identifier, form FROM persons ORDER BY 1, 2", |row| {
                Ok(PersonRow { sponsor: row.get(0)?, marker: Hex(row.get(1)?), identifier: row.get(2)?, form: row.get(3)? })
            })?,
            tax_years: self.rows("SELECT sponsor, marker, year, stipends, withheld, as_of FROM tax_years ORDER BY 1, 2, 3", |row| {
                Ok(TaxYearRow {
                    sponsor: row.get(0)?,
                    marker: Hex(row.get(1)?),
                    year: row.get(2)?,
                    stipends: row.get(3)?,
                    withheld: row.get(4)?,
                    as_of: row.get(5)?,
                })
            })?,
        })
    }

    /// Adds what an export has. All of it or, where one entry differs from what is here, none.
    ///
    /// # Errors
    /// `store_conflict`, `commitment_mismatch` with the entry; `store_newer`; `store_damaged`.
    pub fn import(&mut self, backup: &Backup) -> Result<Imported> {
        if backup.form != FORM {
            return Err(CliError::new(
                "store_newer",
                format!(
                    "The export has the form \"{}\"; this galen reads \"{FORM}\".",
                    backup.form
                ),
            ));
        }
        // Under a salt or an identifier that was changed on the way, nobody would be found on the ledger.
        backup.salts()?;
        let transaction = self.connection.transaction().map_err(damaged)?;
        let mut counts = BTreeMap::from([(true, 0), (false, 0)]);
        let mut count = |added: bool| *counts.entry(added).or_insert(0) += 1;
        for row in &backup.commitments {
            count(import_commitment(&transaction, row)?);
        }
        for row in &backup.code_keys {
            count(import_code_key(&transaction, row)?);
        }
        for row in &backup.claims {
            count(import_claim(&transaction, row)?);
        }
        for row in &backup.claim_keys {
            count(import_claim_key(&transaction, row)?);
        }
        for row in &backup.draw_secrets {
            count(import_draw_secret(&transaction, row)?);
        }
        for row in &backup.marker_keys {
            count(import_marker_key(&transaction, row)?);
        }
        for row in &backup.persons {
            count(import_person(&transaction, row)?);
        }
        for row in &backup.tax_years {
            count(import_tax_year(&transaction, row)?);
        }
        transaction.commit().map_err(damaged)?;
        let of = |added| counts.get(&added).copied().unwrap_or_default();
        Ok(Imported {
            added: of(true),
            known: of(false),
        })
    }

    fn rows<T>(
        &self,
        query: &str,
        read: fn(&rusqlite::Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare(query).map_err(damaged)?;
        let rows = statement.query_map([], read).map_err(damaged)?;
        rows.collect::<rusqlite::Result<_>>().map_err(damaged)
    }
}

/// True where the entry is new, false where it is known.
fn import_commitment(transaction: &Transaction, row: &CommitmentRow) -> Result<bool> {
    let key = params![row.subject, row.scope, row.identifier];
    let known: Option<[u8; 32]> = transaction
        .query_row(
            "SELECT salt FROM commitments WHERE subject = ?1 AND scope = ?2 AND identifier = ?3",
            key,
            |row| row.get(0),
        )
        .optional()
        .map_err(damaged)?;
    match known {
        Some(salt) if salt == row.salt.0 => Ok(false),
        Some(_) => Err(conflict(&format!(
            "the {} {} within {}",
            row.subject, row.identifier, row.scope
        ))),
        None => insert(
            transaction,
            "INSERT INTO commitments VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                row.subject,
                row.scope,
                row.identifier,
                row.salt.0,
                row.commitment.0
            ],
        ),
    }
}

fn import_code_key(transaction: &Transaction, row: &CodeKeyRow) -> Result<bool> {
    let known: Option<[u8; 32]> = transaction
        .query_row(
            "SELECT key FROM code_keys WHERE insurer = ?1 AND schedule = ?2",
            params![row.insurer, row.schedule],
            |row| row.get(0),
        )
        .optional()
        .map_err(damaged)?;
    match known {
        Some(key) if key == row.key.0 => Ok(false),
        Some(_) => Err(conflict(&format!(
            "the code key of insurer {}, schedule {}",
            row.insurer, row.schedule
        ))),
        None => insert(
            transaction,
            "INSERT INTO code_keys VALUES (?1, ?2, ?3)",
            params![row.insurer, row.schedule, row.key.0],
        ),
    }
}

/// Signature and status are what was last seen of the ledger; only the claim's number must agree.
fn import_claim(transaction: &Transaction, row: &ClaimRow) -> Result<bool> {
    let known: Option<[u8; 16]> = transaction
        .query_row(
            "SELECT claim_id FROM claims WHERE document = ?1 AND scope = ?2",
            params![row.document.0, row.scope],
            |row| row.get(0),
        )
        .optional()
        .map_err(damaged)?;
    match known {
        Some(id) if id == row.claim_id.0 => Ok(false),
        Some(_) => Err(conflict(&format!("the claim of document {}", row.document))),
        None => insert(
            transaction,
            "INSERT INTO claims VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                row.document.0,
                row.scope,
                row.claim_id.0,
                row.address,
                row.signature,
                row.status
            ],
        ),
    }
}

fn import_claim_key(transaction: &Transaction, row: &ClaimKeyRow) -> Result<bool> {
    let known: Option<[u8; 32]> = transaction
        .query_row(
            "SELECT key FROM claim_keys WHERE provider = ?1",
            [&row.provider],
            |row| row.get(0),
        )
        .optional()
        .map_err(damaged)?;
    match known {
        Some(key) if key == row.key.0 => Ok(false),
        Some(_) => Err(conflict(&format!("the claim key of {}", row.provider))),
        None => insert(
            transaction,
            "INSERT INTO claim_keys VALUES (?1, ?2)",
            params![row.provider, row.key.0],
        ),
    }
}

fn import_draw_secret(transaction: &Transaction, row: &DrawSecretRow) -> Result<bool> {
    let known: Option<[u8; 32]> = transaction
        .query_row(
            "SELECT secret FROM draw_secrets WHERE pool = ?1 AND year = ?2",
            params![row.pool, row.year],
            |row| row.get(0),
        )
        .optional()
        .map_err(damaged)?;
    match known {
        Some(secret) if secret == row.secret.0 => Ok(false),
        Some(_) => Err(conflict(&format!(
            "the secret of the draws of {} in {}",
            row.pool, row.year
        ))),
        None => insert(
            transaction,
            "INSERT INTO draw_secrets VALUES (?1, ?2, ?3)",
            params![row.pool, row.year, row.secret.0],
        ),
    }
}

fn import_marker_key(transaction: &Transaction, row: &MarkerKeyRow) -> Result<bool> {
    let known: Option<[u8; 32]> = transaction
        .query_row(
            "SELECT key FROM marker_keys WHERE sponsor = ?1",
            [&row.sponsor],
            |row| row.get(0),
        )
        .optional()
        .map_err(damaged)?;
    match known {
        Some(key) if key == row.key.0 => Ok(false),
        Some(_) => Err(conflict(&format!("the marker key of {}", row.sponsor))),
        None => insert(
            transaction,
            "INSERT INTO marker_keys VALUES (?1, ?2)",
            params![row.sponsor, row.key.0],
        ),
    }
}

/// A form that only one of the two has is taken; two that differ are not.
fn import_person(transaction: &Transaction, row: &PersonRow) -> Result<bool> {
    let known: Option<(String, Option<String>)> = transaction
        .query_row(
            "SELECT identifier, form FROM persons WHERE sponsor = ?1 AND marker = ?2",
            params![row.sponsor, row.marker.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(damaged)?;
    match known {
        None => insert(
            transaction,
            "INSERT INTO persons VALUES (?1, ?2, ?3, ?4)",
            params![row.sponsor, row.marker.0, row.identifier, row.form],
        ),
        Some((identifier, form)) if identifier == row.identifier => match (form, &row.form) {
            (None, Some(form)) => insert(
                transaction,
                "UPDATE persons SET form = ?3 WHERE sponsor = ?1 AND marker = ?2",
                params![row.sponsor, row.marker.0, form],
            ),
            (Some(form), Some(other)) if form != *other => {
                Err(conflict(&format!("the tax form of {identifier}")))
            }
            _ => Ok(false),
        },
        Some(_) => Err(conflict(&format!(
            "the person of the marker {}",
            row.marker
        ))),
    }
}

/// The later look at a year is the better one.
fn import_tax_year(transaction: &Transaction, row: &TaxYearRow) -> Result<bool> {
    let known: Option<i32> = transaction
        .query_row(
            "SELECT as_of FROM tax_years WHERE sponsor = ?1 AND marker = ?2 AND year = ?3",
            params![row.sponsor, row.marker.0, row.year],
            |row| row.get(0),
        )
        .optional()
        .map_err(damaged)?;
    if known.is_some_and(|as_of| as_of >= row.as_of) {
        return Ok(false);
    }
    insert(
        transaction,
        "INSERT OR REPLACE INTO tax_years VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            row.sponsor,
            row.marker.0,
            row.year,
            row.stipends,
            row.withheld,
            row.as_of
        ],
    )
}

fn insert(
    transaction: &Transaction,
    statement: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<bool> {
    transaction
        .execute(statement, values)
        .map(|_| true)
        .map_err(damaged)
}

fn conflict(what: &str) -> CliError {
    CliError::new("store_conflict", format!("The export and this store differ in {what}. Nothing was imported; use another --home for the other store."))
}

/// Bytes as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hex<const N: usize>([u8; N]);

impl<const N: usize> std::fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        unhex_array(&text).map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!("expected {} hexadecimal digits", N * 2))
        })
    }
}
