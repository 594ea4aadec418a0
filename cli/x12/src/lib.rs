//! X12 health care documents, version 005010: 837P claims in, 835 remittances out and in, acknowledgements (999, 277CA),
//! eligibility (270 in, 271 out).
//!
//! What a document says is read by the structure of its implementation guide: each segment in its place, each element
//! that is used with its type, every count, control number and sum. Refusals name the place ([`Place`]). Pure: no files,
//! no network, no ledger. Why there is a reader of our own is in docs/decisions/0016-x12-documents.md.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod acknowledgement;
mod cursor;
mod element;
pub mod eligibility;
mod fault;
pub mod interchange;
pub mod professional;
pub mod remittance;
mod segment;
pub mod writer;

pub use eligibility::{read_270, write_271};
pub use fault::{Fault, Kind, Place};
pub use professional::{claims_of, is_source, read_837p, read_source};
pub use remittance::read_835;

use galen_documents::Problem;

/// Whether a document's bytes are meant as an X12 interchange: it starts with `ISA` and a separator that is no letter, digit or
/// space, or ends there. Blanks and a byte order mark before it make it a bad one, and nothing else.
pub fn is_interchange(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.trim_ascii_start().strip_prefix(b"ISA") {
        Some(rest) => rest.first().is_none_or(u8::is_ascii_punctuation),
        None => false,
    }
}

/// The text of an interchange.
///
/// # Errors
/// `invalid_encoding`.
pub fn text(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!(
            "The interchange is not UTF-8 from byte {} on; X12 takes ASCII, and Galen UTF-8.",
            error.valid_up_to()
        );
        Problem::new("invalid_encoding", "", message)
    })
}
