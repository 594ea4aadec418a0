//! The claims of a file, each with its place, in the form that is the same for every format.

use std::path::Path;

use clap::ValueEnum;
use galen_documents::{strict, Problem};
use serde_json::Value;

use crate::command::claim::submit::npi_of;
use crate::document;
use crate::error::{CliError, Result};

/// A hundred thousand claims of some kilobytes.
const MAX_BYTES: u64 = 512 << 20;

/// How a file holds its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A FHIR R4 Bundle, or one Claim
    Bundle,
    /// A FHIR R4 Claim on each line
    Ndjson,
}

/// What a document's reader has to know and no document says.
pub struct Frame<'a> {
    /// The currency of the pool, ISO 4217.
    pub currency: &'a str,
    /// Whether the agreement is in the network.
    pub in_network: bool,
}

/// One claim of a file.
pub struct Item {
    /// Where it stands: `line 3`, `Bundle.entry[2].resource`.
    pub place: String,
    /// The claim, or what is wrong with it.
    pub bill: std::result::Result<Bill, Problem>,
}

/// A claim, with what a batch has to know of it whatever its format.
pub struct Bill {
    /// The claim; its bytes are what makes it another document or the same.
    pub document: document::Claim,
    /// The National Provider Identifier by which it bills, if it does so by one.
    pub npi: Option<String>,
    /// By what it names the patient.
    pub patient: Option<String>,
    /// The provider's own numbers of the claim.
    pub numbers: Vec<String>,
    /// Where the document has these.
    pub places: Places,
}

/// Places in a document, as its format names them.
pub struct Places {
    /// Who bills.
    pub npi: &'static str,
    /// Whom it is about.
    pub patient: &'static str,
    /// The provider's number of it.
    pub number: &'static str,
}

const FHIR: Places = Places {
    npi: "Claim.provider.identifier.value",
    patient: "Claim.patient",
    number: "Claim.identifier",
};

impl Format {
    /// The format of a file of which nothing is said: by its name, else by whether its first line is a document of its own.
    fn of(path: &Path, bytes: &[u8]) -> Self {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("ndjson" | "jsonl")) {
            return Self::Ndjson;
        }
        let first = lines(bytes).next().map(|(_, line)| line);
        let alone: Option<Value> = first.and_then(|line| serde_json::from_slice(line).ok());
        match alone {
            Some(value) if value["resourceType"] != "Bundle" => Self::Ndjson,
            _ => Self::Bundle,
        }
    }
}

/// Reads a file, or stdin where the path is `-`.
///
/// # Errors
/// `no_claims`; for a Bundle those of the document as a whole; those of [`document::bytes_within`]. What is wrong with
/// single claims stands in the answer.
pub fn read(path: &Path, format: Option<Format>, frame: &Frame) -> Result<Vec<Item>> {
    let bytes = document::bytes_within(path, MAX_BYTES)?;
    let name = document::name(path);
    // Another format is one more arm, which gives each claim's place and what its reader makes of it.
    let items = match format.unwrap_or_else(|| Format::of(path, &bytes)) {
        Format::Bundle => {
            bundle(&bytes, frame).map_err(|problem| CliError::in_document(&name, problem))?
        }
        Format::Ndjson => ndjson(&bytes, frame),
    };
    if items.is_empty() {
        return Err(CliError::new(
            "no_claims",
            format!("There is no claim in {name}."),
        ));
    }
    Ok(items)
}

/// The lines that have something on them, counted from 1.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    (1..)
        .zip(bytes.split(|byte| *byte == b'\n'))
        .map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)))
        .filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace))
}

fn ndjson(bytes: &[u8], frame: &Frame) -> Vec<Item> {
    lines(bytes)
        .map(|(number, line)| Item {
            place: format!("line {number}"),
            bill: strict::parse(line).and_then(|value| claim(&value, frame)),
        })
        .collect()
}

/// The Claims of a Bundle. Resources that only stand beside them are passed over: a claim names its parties by reference.
fn bundle(bytes: &[u8], frame: &Frame) -> std::result::Result<Vec<Item>, Problem> {
    let whole = strict::parse(bytes)?;
    if whole["resourceType"] != "Bundle" {
        return Ok(vec![Item {
            place: "the document".to_owned(),
            bill: claim(&whole, frame),
        }]);
    }
    let entries = match whole.get("entry") {
        None => return Ok(Vec::new()),
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            let message = "The entries of a Bundle are a list.";
            return Err(Problem::new("wrong_type", "Bundle.entry", message));
        }
    };
    Ok(entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            let place = format!("Bundle.entry[{index}].resource");
            let bill = match entry.get("resource") {
                Some(resource) => match resource["resourceType"].as_str() {
                    Some(other) if other != "Claim" => return None,
                    _ => claim(resource, frame),
                },
                None => Err(Problem::new(
                    "missing_field",
                    "",
                    "The entry has no resource in it.",
                )),
            };
            Some(Item { place, bill })
        })
        .collect())
}

/// A document of a file counts as the same one whatever its blanks and the order of its keys.
fn claim(value: &Value, frame: &Frame) -> std::result::Result<Bill, Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| {
        let message = format!("The claim cannot be written out again: {error}.");
        Problem::new("invalid_value", "Claim", message)
    })?;
    let document = document::fhir_claim(value, bytes, frame.currency, frame.in_network)?;
    let fhir = document.fhir.as_ref();
    Ok(Bill {
        npi: fhir.and_then(npi_of).map(str::to_owned),
        patient: fhir.and_then(|fhir| {
            let patient = &fhir.patient;
            patient.value.clone().or(patient.reference.clone())
        }),
        numbers: fhir.map_or_else(Vec::new, |fhir| fhir.identifiers.clone()),
        places: FHIR,
        document,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame {
        currency: "USD",
        in_network: true,
    };

    fn sample() -> Value {
        let text = include_str!("../../../../samples/visit.fhir.json");
        serde_json::from_str(text).expect("JSON")
    }

    fn codes(items: &[Item]) -> Vec<(&str, Option<(&str, &str)>)> {
        items
            .iter()
            .map(|item| {
                let problem = item.bill.as_ref().err();
                let problem = problem.map(|problem| (problem.code.as_str(), problem.at.as_str()));
                (item.place.as_str(), problem)
            })
            .collect()
    }

    #[test]
    fn every_bad_line_is_named_and_good_ones_are_read() {
        let good = sample().to_string();
        let negative = good.replace("180.00", "-1");
        let twice = good.replacen('{', r#"{"use": "claim","#, 1);
        let patient = r#"{"resourceType": "Patient"}"#;
        let text = format!("{good}\r\n\n{negative}\n{twice}\n{{\n{patient}\n[]\n{good}");
        let items = ndjson(text.as_bytes(), &FRAME);
        assert_eq!(
            codes(&items),
            [
                ("line 1", None),
                (
                    "line 3",
                    Some(("negative_money", "Claim.item[0].net.value"))
                ),
                ("line 4", Some(("duplicate_key", "use"))),
                ("line 5", Some(("invalid_json", ""))),
                ("line 6", Some(("unsupported_resource", "resourceType"))),
                ("line 7", Some(("wrong_type", "resourceType"))),
                ("line 8", None),
            ]
        );
    }

    #[test]
    fn a_bundle_has_its_claims_in_entries() {
        let mut bad = sample();
        bad["status"] = "draft".into();
        let whole = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"resource": {"resourceType": "Patient", "id": "1"}}, {"resource": sample()}, {"resource": bad}, {"fullUrl": "urn:x"},
        ]});
        let pretty = serde_json::to_string_pretty(&whole).expect("JSON");
        let items = bundle(pretty.as_bytes(), &FRAME).expect("a bundle");
        assert_eq!(
            codes(&items),
            [
                ("Bundle.entry[1].resource", None),
                (
                    "Bundle.entry[2].resource",
                    Some(("unsupported", "Claim.status"))
                ),
                ("Bundle.entry[3].resource", Some(("missing_field", ""))),
            ]
        );
        for (text, code) in [
            ("{\"resourceType\": \"Bundle\", \"entry\": 3}", "wrong_type"),
            ("{\"resourceType\": \"Bundle\"", "invalid_json"),
        ] {
            let problem = bundle(text.as_bytes(), &FRAME).err().expect("refused");
            assert_eq!(problem.code, code);
        }
    }

    #[test]
    fn the_format_follows_from_name_and_content() {
        let claim = sample();
        let (compact, pretty) = (
            claim.to_string(),
            serde_json::to_string_pretty(&claim).expect("JSON"),
        );
        for (name, text, format) in [
            ("claims.ndjson", "{", Format::Ndjson),
            ("claims.jsonl", "", Format::Ndjson),
            ("claims.json", pretty.as_str(), Format::Bundle),
            ("claims", compact.as_str(), Format::Ndjson),
            ("-", r#"{"resourceType": "Bundle"}"#, Format::Bundle),
        ] {
            assert_eq!(
                Format::of(Path::new(name), text.as_bytes()),
                format,
                "{name}"
            );
        }
    }

    #[test]
    fn blanks_and_the_order_of_keys_do_not_make_another_document() {
        let bytes = |text: &str| {
            let mut items = ndjson(text.as_bytes(), &FRAME);
            let item = items.pop().expect("an item");
            item.bill.map(|bill| bill.document.bytes).expect("read")
        };
        let text = sample().to_string();
        let (head, tail) = text
            .split_once(r#""status":"active","#)
            .expect("a status in it");
        let moved = format!("{{ \"status\" : \"active\",{}{tail}", &head[1..]);
        assert_ne!(moved, text);
        assert_eq!(bytes(&moved), bytes(&text));
        assert_ne!(bytes(&text.replace("J18.9", "J18.8")), bytes(&text));
    }
}
