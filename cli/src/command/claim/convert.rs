//! `galen claim convert`

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use galen_documents::fhir::{self, Systems};
use galen_documents::{claim, strict, Problem};
use serde::{Serialize, Serializer};
use serde_json::{json, Value};

use super::batch::source::{self, Frame};
use crate::document::{self, Choice, Written};
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen claim convert`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim convert day.837 > day.fhir.json
  galen claim convert day.837 --control-number C-2026-0001
  galen claim convert day.837 --to ndjson > day.ndjson

Writes FHIR R4 Claims: one as it is, several as a Bundle (`collection`), or each on a line. What FILE does not say is not made up; what a
FHIR Claim cannot say and would change what is owed is refused by its place, and then nothing is written. A written claim is quoted and
filed as the one that it was made from, and it is another document to the ledger: file one of the two. Needs no network.")]
pub struct Args {
    /// The claims: an X12 837P, a FHIR R4 Claim, a Bundle of them, one on each line (NDJSON), or a claim in Galen's own form
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What is written
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Fhir)]
    to: Form,
    #[command(flatten)]
    choice: Choice,
    /// The currency of the amounts
    #[arg(long, value_name = "CODE", default_value = "USD", value_parser = currency)]
    currency: String,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A FHIR R4 Claim, or a Bundle of several
    Fhir,
    /// A FHIR R4 Claim on each line
    Ndjson,
}

fn currency(text: &str) -> std::result::Result<String, String> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(text.to_owned());
    }
    Err("a currency is three capital letters, as USD".to_owned())
}

/// Runs the command.
///
/// # Errors
/// Those of the readers and of [`fhir::write_claim`], with the claim's place; `no_claims`, those of [`document::claim`] for one of
/// an interchange.
pub fn run(args: &Args) -> Result<Answer> {
    let mut written = Vec::new();
    for (name, claim) in claims(args)? {
        let refused = |problem: Problem| CliError::in_document(&name, problem);
        let (claim, systems) = in_fhir(&claim).map_err(refused)?;
        written.push(fhir::write_claim(&claim, &systems, &args.currency).map_err(refused)?);
    }
    match (args.to, written.len()) {
        (Form::Ndjson, _) => Answer::new(&Lines(written)),
        (Form::Fhir, 1) => Answer::new(&Written(written.remove(0))),
        (Form::Fhir, _) => {
            let entries = written.into_iter().map(|claim| json!({"resource": claim}));
            let entries: Vec<Value> = entries.collect();
            Answer::new(&Written(json!({
                "resourceType": "Bundle", "type": "collection", "entry": entries,
            })))
        }
    }
}

/// The claims of the file, each with its name in messages.
fn claims(args: &Args) -> Result<Vec<(String, document::Claim)>> {
    let name = document::name(&args.file);
    if args.choice.control_number.is_some() {
        let claim = document::claim(&args.file, &args.currency, true, &args.choice)?;
        return Ok(vec![(name, claim)]);
    }
    let bytes = source::bytes(&args.file)?;
    if !galen_x12::is_interchange(&bytes) {
        let own = strict::parse(&bytes)
            .ok()
            .filter(|value| !fhir::is_resource(value));
        if let Some(value) = own {
            let claim =
                claim::read(&value).map_err(|problem| CliError::in_document(&name, problem))?;
            let claim = document::Claim {
                claim,
                fhir: None,
                x12: None,
                bytes,
            };
            return Ok(vec![(name, claim)]);
        }
    }
    let frame = Frame {
        currency: &args.currency,
        in_network: true,
    };
    let items = source::of(&args.file, &bytes, None, &frame)?.into_iter();
    let claims = items.map(|item| {
        let name = format!("{name}, {}", item.place);
        let bill = item.bill;
        let bill = bill.map_err(|problem| CliError::in_document(&name, problem))?;
        Ok((name, bill.document))
    });
    claims.collect()
}

/// A claim as FHIR has it, and the code systems that its own form implies.
fn in_fhir(claim: &document::Claim) -> std::result::Result<(fhir::Claim, Systems), Problem> {
    match (&claim.fhir, &claim.x12) {
        (Some(fhir), _) => Ok((fhir.clone(), Systems::default())),
        (None, Some(x12)) => Ok((x12.to_fhir()?, Systems::PROFESSIONAL)),
        (None, None) => {
            let claim = fhir::Claim::from_galen(&claim.claim, None, None)?;
            Ok((claim, Systems::default()))
        }
    }
}

/// Documents, each on a line.
struct Lines(Vec<Value>);

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for document in &self.0 {
            writeln!(f, "{document}")?;
        }
        Ok(())
    }
}
