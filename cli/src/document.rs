//! Documents from files: plan, claim, member. `-` is stdin.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use galen_documents::{claim, fhir, member, plan, strict, Problem};
use serde_json::Value;

use crate::error::{CliError, Result};

/// No document that Galen reads is anywhere near this size; a schedule of 10,000 codes is about 2 MB.
const MAX_BYTES: u64 = 64 << 20;

/// A claim, with what only its FHIR form says.
pub struct Claim {
    /// In Galen's own form.
    pub claim: claim::Claim,
    /// As FHIR has it, if it came so.
    pub fhir: Option<fhir::Claim>,
    /// The document's bytes, for the journal and the commitment.
    pub bytes: Vec<u8>,
}

/// Reads PLAN.json.
///
/// # Errors
/// `file_missing`, `file_unreadable`, `file_too_large`, and what the reader refuses.
pub fn plan(path: &Path) -> Result<plan::Plan> {
    let value = parse(path, &bytes(path)?)?;
    plan::read(&value).map_err(|problem| at(path, problem))
}

/// Reads MEMBER.json.
///
/// # Errors
/// As [`plan`].
pub fn member(path: &Path) -> Result<member::Member> {
    let value = parse(path, &bytes(path)?)?;
    member::read(&value).map_err(|problem| at(path, problem))
}

/// Reads a claim in either form; `in_network` is for FHIR, which does not say.
///
/// # Errors
/// As [`plan`].
pub fn claim(path: &Path, currency: &str, in_network: bool) -> Result<Claim> {
    let bytes = bytes(path)?;
    let value = parse(path, &bytes)?;
    if fhir::is_resource(&value) {
        return fhir_claim(&value, bytes, currency, in_network)
            .map_err(|problem| at(path, problem));
    }
    let claim = claim::read(&value).map_err(|problem| at(path, problem))?;
    Ok(Claim {
        claim,
        fhir: None,
        bytes,
    })
}

/// Reads a FHIR claim; `bytes` are what the journal and the commitment take for the document.
///
/// # Errors
/// What the reader refuses.
pub fn fhir_claim(
    value: &Value,
    bytes: Vec<u8>,
    currency: &str,
    in_network: bool,
) -> std::result::Result<Claim, Problem> {
    let read = fhir::read_claim(value, currency)?;
    Ok(Claim {
        claim: read.to_galen(in_network),
        fhir: Some(read),
        bytes,
    })
}

/// Reads JSON, refusing a key that stands twice.
///
/// # Errors
/// `invalid_encoding`, `invalid_json`, `duplicate_key`, and those of [`bytes`].
pub fn json(path: &Path) -> Result<Value> {
    parse(path, &bytes(path)?)
}

/// The name of a document in messages.
pub fn name(path: &Path) -> String {
    match path.to_str() {
        Some("-") => "stdin".to_owned(),
        _ => path.display().to_string(),
    }
}

/// The bytes of a document.
///
/// # Errors
/// `file_missing`, `file_unreadable`, `file_too_large`.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    bytes_within(path, MAX_BYTES)
}

/// The bytes of a file of less than `most` bytes.
///
/// # Errors
/// `file_missing`, `file_unreadable`, `file_too_large`.
pub fn bytes_within(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().lock().take(most).read_to_end(&mut bytes),
        _ => File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    match read {
        Ok(count) if u64::try_from(count).is_ok_and(|count| count < most) => Ok(bytes),
        Ok(_) => Err(CliError::new(
            "file_too_large",
            format!(
                "{} is larger than {most} bytes; it cannot be the document that is needed.",
                name(path)
            ),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(CliError::new(
            "file_missing",
            format!("There is no file {}.", name(path)),
        )),
        Err(error) => Err(CliError::new(
            "file_unreadable",
            format!("{} cannot be read: {error}.", name(path)),
        )),
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Value> {
    strict::parse(bytes).map_err(|problem| at(path, problem))
}

fn at(path: &Path, problem: Problem) -> CliError {
    CliError::in_document(&name(path), problem)
}

/// A document that a command has written: the answer is the document itself, in either form of output.
pub struct Written(pub Value);

impl serde::Serialize for Written {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl std::fmt::Display for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}
