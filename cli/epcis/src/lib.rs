//! EPCIS 2.0 documents in JSON-LD: whether they are valid, and the hash that identifies an event (CBV 2.0, section 8.9).
//!
//! The hash is that of a canonical string: the event's fields in a fixed order, values normalised, lists sorted. Where
//! the standard leaves room, this is what release 1.9.3 of the reference implementation computes
//! (RalphTro/epcis-event-hash-generator), with one difference: the order of the keys of a JSON object never matters
//! here. docs/decisions has the page.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod canonical;
mod document;
mod identifier;
mod namespaces;
mod schema;
mod time_stamp;
mod tree;
mod uri;
mod validate;
mod vocabulary;

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

pub use identifier::{identify, Identifier};
pub use validate::validate;
pub use vocabulary::bare;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpcisError {
    /// The stable name, for programs.
    pub code: &'static str,
    /// What to do, in a sentence.
    pub message: String,
    /// The place: `epcisBody.eventList[0].eventTime`.
    pub at: String,
}

impl EpcisError {
    fn new(code: &'static str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            at: at.into(),
        }
    }
}

impl fmt::Display for EpcisError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} (at {})", self.message, self.at)
    }
}

impl std::error::Error for EpcisError {}

/// The canonical string of each event of a document, in the document's order.
///
/// # Errors
/// `not_epcis`, `unknown_event_type`, `missing_field`, `wrong_type`, `invalid_time`.
pub fn canonical_strings(document: &Value) -> Result<Vec<String>, EpcisError> {
    let events = document::events(document)?;
    let namespaces = namespaces::Namespaces::of(document)?;
    let words = vocabulary::Words::of(document);
    events
        .into_iter()
        .map(|(at, event)| {
            let (name, fields) = tree::event(event, &at, &namespaces, &words)?;
            Ok(canonical::string(&name, fields))
        })
        .collect()
}

/// The hash of each event of a document, in the document's order: `ni:///sha-256;…?ver=CBV2.0`.
///
/// # Errors
/// As [`canonical_strings`].
pub fn hashes(document: &Value) -> Result<Vec<String>, EpcisError> {
    Ok(canonical_strings(document)?
        .iter()
        .map(|text| format!("ni:///sha-256;{:x}?ver=CBV2.0", Sha256::digest(text)))
        .collect())
}

/// The events of a document, each with its place: `epcisBody.eventList[0]`.
///
/// # Errors
/// `not_epcis`, `unknown_event_type`, `missing_field`, `wrong_type`.
pub fn events(document: &Value) -> Result<Vec<(String, &Value)>, EpcisError> {
    document::events(document)
}

/// A moment in UTC and to the millisecond, `2022-02-17T02:33:31.116Z`: texts of this form have the order of time. None where
/// the text is no moment.
#[must_use]
pub fn moment(text: &str) -> Option<String> {
    time_stamp::canonical(text)
}
