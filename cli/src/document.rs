//! Documents from files: plan, claim, member. `-` is stdin.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use galen_documents::{claim, fhir, member, plan, strict, Problem};
use galen_x12::professional;
use serde_json::Value;

use crate::error::{CliError, Result};

/// No document that Galen reads is anywhere near this size; a schedule of 10,000 codes is about 2 MB.
const MAX_BYTES: u64 = 64 << 20;

/// Whether stdin has been read: it is one document.
static STDIN_READ: AtomicBool = AtomicBool::new(false);

/// A claim, with what only the form in which it came says.
pub struct Claim {
    /// In Galen's own form.
    pub claim: claim::Claim,
    /// As FHIR has it, if it came so.
    pub fhir: Option<fhir::Claim>,
    /// As X12 has it, if it came so.
    pub x12: Option<professional::Claim>,
    /// The document's bytes, for the journal and the commitment. Of a claim in an interchange, the segments that make it:
    /// sent again in another interchange it is the same document.
    pub bytes: Vec<u8>,
}

impl Claim {
    /// A claim that was read from an interchange.
    pub fn of_x12(read: professional::Claim, in_network: bool) -> Self {
        Self {
            claim: read.to_galen(in_network),
            fhir: None,
            bytes: read.source.clone().into_bytes(),
            x12: Some(read),
        }
    }
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

/// Which of the claims of an interchange is meant.
#[derive(Debug, Default, clap::Args)]
pub struct Choice {
    /// Which claim of an X12 interchange of several, by the provider's number of it (CLM01)
    #[arg(long, value_name = "NUMBER")]
    pub control_number: Option<String>,
}

/// Reads a claim in any form; `in_network` is for FHIR and X12, which do not say.
///
/// # Errors
/// As [`plan`], and those of [`choose`].
pub fn claim(path: &Path, currency: &str, in_network: bool, choice: &Choice) -> Result<Claim> {
    let bytes = bytes(path)?;
    if galen_x12::is_interchange(&bytes) {
        let text = galen_x12::text(&bytes).map_err(|problem| at(path, problem))?;
        let claims = galen_x12::claims_of(text, currency).map_err(|problem| at(path, problem))?;
        let read = choose(&name(path), claims, choice)?;
        return Ok(Claim::of_x12(read, in_network));
    }
    if choice.control_number.is_some() {
        return Err(CliError::new(
            "contradiction",
            format!(
                "{} is one claim and no X12 interchange; leave --control-number out.",
                name(path)
            ),
        ));
    }
    one(path, bytes, currency, in_network)
}

/// Reads a document that is one claim: in one of the forms that are JSON, or the segments of a claim of an interchange.
///
/// # Errors
/// What the readers refuse.
pub fn one(path: &Path, bytes: Vec<u8>, currency: &str, in_network: bool) -> Result<Claim> {
    if galen_x12::is_source(&bytes) {
        let text = galen_x12::text(&bytes).map_err(|problem| at(path, problem))?;
        let read = galen_x12::read_source(text).map_err(|fault| at(path, fault.into()))?;
        return Ok(Claim {
            bytes,
            ..Claim::of_x12(read, in_network)
        });
    }
    let value = parse(path, &bytes)?;
    if fhir::is_resource(&value) {
        return fhir_claim(&value, bytes, currency, in_network)
            .map_err(|problem| at(path, problem));
    }
    let claim = claim::read(&value).map_err(|problem| at(path, problem))?;
    Ok(Claim {
        claim,
        fhir: None,
        x12: None,
        bytes,
    })
}

/// The claims of an interchange, each with the provider's number of it.
type Claims = Vec<(String, std::result::Result<professional::Claim, Problem>)>;

/// The one claim that is meant.
///
/// # Errors
/// `several_claims`, `claim_not_in_document`, `ambiguous_control_number`, and why the claim is refused.
fn choose(name: &str, claims: Claims, choice: &Choice) -> Result<professional::Claim> {
    let several = claims.len() > 1;
    let mut meant = claims.into_iter().filter(|(number, _)| {
        choice
            .control_number
            .as_ref()
            .is_none_or(|wanted| wanted == number)
    });
    let (first, second) = (meant.next(), meant.next());
    match (first, second, &choice.control_number) {
        (Some((_, claim)), None, _) => {
            claim.map_err(|problem| CliError::in_document(name, problem))
        }
        (_, _, None) if several => Err(CliError::new(
            "several_claims",
            format!("{name} has several claims; say which with --control-number."),
        )),
        (Some(_), _, Some(wanted)) => Err(CliError::new(
            "ambiguous_control_number",
            format!("{name} has several claims with the number {wanted}."),
        )),
        (_, _, wanted) => Err(CliError::new(
            "claim_not_in_document",
            format!(
                "{name} has no claim {}.",
                wanted.as_deref().unwrap_or_default()
            ),
        )),
    }
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
        x12: None,
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
/// `stdin_twice`, `file_missing`, `file_unreadable`, `file_too_large`.
pub fn bytes_within(path: &Path, most: u64) -> Result<Vec<u8>> {
    if path.to_str() == Some("-") && STDIN_READ.swap(true, Ordering::Relaxed) {
        return Err(CliError::new(
            "stdin_twice",
            "Two documents are named `-`, and stdin can be read only once: give one of them as a file.",
        ));
    }
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
