//! Keyed identifiers: what stands on the ledger in place of procedure codes and category names.
//!
//! One key per schedule of a pool. A plan document knows codes without their code system, and so does the quote: the
//! system of a FHIR claim is no part of the identifier.

use solana_pubkey::Pubkey;

use crate::error::Result;
use crate::store::{code_identifier, CodeKey, Store};

const PROCEDURE: &str = "procedure";
const CATEGORY: &str = "category";

/// The key of schedule `number` of `pool`, made at the first time of asking.
///
/// # Errors
/// Those of [`Store::code_key`].
pub fn key_of(store: &Store, pool: &Pubkey, number: u16) -> Result<CodeKey> {
    store.code_key(&pool.to_string(), number.into())
}

/// The key of schedule `number` of `pool`, if this store has it.
///
/// # Errors
/// Those of [`Store::known_code_key`].
pub fn known_key_of(store: &Store, pool: &Pubkey, number: u16) -> Result<Option<CodeKey>> {
    store.known_code_key(&pool.to_string(), number.into())
}

/// What stands for a procedure code.
///
/// # Errors
/// Those of [`code_identifier`].
pub fn procedure(key: &CodeKey, code: &str) -> Result<[u8; 8]> {
    code_identifier(key, PROCEDURE, code)
}

/// What stands for the name of a benefit category.
///
/// # Errors
/// Those of [`code_identifier`].
pub fn category(key: &CodeKey, name: &str) -> Result<[u8; 8]> {
    code_identifier(key, CATEGORY, name)
}
