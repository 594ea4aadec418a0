//! Keyed identifiers: what stands on the ledger in place of procedure codes and category names.
//!
//! One key per plan of a pool, kept under the number of each of its schedules; a new one where `galen plan publish` is told to.
//! A plan document knows codes without their code system, and so does the quote: the system of a FHIR claim is no part of the
//! identifier.

use claims::state::BenefitEntry;
use galen_rules::gs1;
use solana_pubkey::Pubkey;

use crate::error::{CliError, Result};
use crate::store::{code_digest, code_identifier, first, CodeKey, Store};

const PROCEDURE: &str = "procedure";
const CATEGORY: &str = "category";
const PRODUCT: &str = "product";

/// Keeps the key of schedule `number` of `pool`.
///
/// # Errors
/// Those of [`Store::keep_code_key`].
pub fn keep_key_of(store: &Store, pool: &Pubkey, number: u16, key: &CodeKey) -> Result<()> {
    store.keep_code_key(&pool.to_string(), number.into(), key)
}

/// The key of schedule `number` of `pool`, if this store has it.
///
/// # Errors
/// Those of [`Store::known_code_key`].
pub fn known_key_of(store: &Store, pool: &Pubkey, number: u16) -> Result<Option<CodeKey>> {
    store.known_code_key(&pool.to_string(), number.into())
}

/// The key of schedule `number` of `pool`, without which nothing can be said of its codes.
///
/// # Errors
/// `code_key_missing`, and those of [`Store::known_code_key`].
pub fn needed_key_of(store: &Store, pool: &Pubkey, number: u16) -> Result<CodeKey> {
    known_key_of(store, pool, number)?.ok_or_else(|| {
        let message = format!(
            "This store lacks the code key of schedule {number} of the pool {pool}. The insurer hands it over with `galen store export --code-keys`; import that file with `galen store import`, or what was sent sealed with `galen store receive`."
        );
        CliError::new("code_key_missing", message)
    })
}

/// What stands for a procedure code, or for a medicine where the code is a GTIN of 14 digits: of that a pharmacy can show that it
/// is a pack's.
///
/// # Errors
/// Those of [`code_identifier`].
pub fn procedure(key: &CodeKey, code: &str) -> Result<[u8; 8]> {
    match gtin(code) {
        Some(gtin) => Ok(BenefitEntry::product_key(&opening(key, gtin)?, gtin)),
        None => code_identifier(key, PROCEDURE, code),
    }
}

/// The GTIN that a procedure code is, if it is one.
pub fn gtin(code: &str) -> Option<&[u8; 14]> {
    let digits: &[u8; 14] = code.as_bytes().try_into().ok()?;
    gs1::has_check_digit(digits).then_some(digits)
}

/// What shows that the identifier of a medicine is that of this GTIN.
///
/// # Errors
/// Those of [`code_digest`].
pub fn opening(key: &CodeKey, gtin: &[u8; 14]) -> Result<[u8; 16]> {
    let digits: String = gtin.iter().copied().map(char::from).collect();
    code_digest(key, PRODUCT, &digits).map(first)
}

/// What stands for the name of a benefit category.
///
/// # Errors
/// Those of [`code_identifier`].
pub fn category(key: &CodeKey, name: &str) -> Result<[u8; 8]> {
    code_identifier(key, CATEGORY, name)
}

/// What has keyed identifiers beside procedure codes and categories: each has words of its own, so that a place and a
/// diagnosis of one code do not look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// Diagnosis codes.
    Diagnosis,
    /// Procedure modifiers, each for itself.
    Modifier,
    /// Places of service.
    Place,
    /// Types of provider.
    ProviderType,
    /// What claims state and what comes with them.
    Information,
    /// Payers.
    Payer,
    /// Relations to the subscriber.
    Relation,
    /// What members meet.
    Requirement,
    /// Categories of sex.
    Sex,
    /// Ranges of age.
    Age,
}

impl Vocabulary {
    const fn name(self) -> &'static str {
        match self {
            Self::Diagnosis => "diagnosis",
            Self::Modifier => "modifier",
            Self::Place => "place",
            Self::ProviderType => "provider type",
            Self::Information => "information",
            Self::Payer => "payer",
            Self::Relation => "relation",
            Self::Requirement => "requirement",
            Self::Sex => "sex",
            Self::Age => "age",
        }
    }

    /// What stands for a word.
    ///
    /// # Errors
    /// Those of [`code_identifier`].
    pub fn word(self, key: &CodeKey, word: &str) -> Result<[u8; 8]> {
        code_identifier(key, self.name(), word)
    }
}

/// What stands for the ages from one to another in completed years, both included.
///
/// # Errors
/// Those of [`code_identifier`].
pub fn ages(key: &CodeKey, from: u16, to: Option<u16>) -> Result<[u8; 8]> {
    let to = to.map_or_else(String::new, |to| to.to_string());
    Vocabulary::Age.word(key, &format!("{from}-{to}"))
}
