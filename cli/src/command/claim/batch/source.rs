//! The claims of a file, each with its place, in the form that is the same for every format.

use std::borrow::Cow;
use std::path::Path;

use clap::ValueEnum;
use galen_documents::{fhir, strict, Problem};
use galen_x12::professional;
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
    /// An X12 interchange of 837P claims
    X12,
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
    /// Where it stands: `line 3`, `Bundle.entry[2].resource`, `claim 3, C-2026-0001`.
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
    /// By what it names the patient; see [`professional::Claim::patient_name`] for an X12 one.
    pub patient: Option<String>,
    /// The provider's own numbers of the claim.
    pub numbers: Vec<String>,
    /// Where the document has these.
    pub places: Places,
}

/// Places in a document, as its format names them.
pub struct Places {
    /// Who bills.
    pub npi: Cow<'static, str>,
    /// Whom it is about.
    pub patient: Cow<'static, str>,
    /// The provider's number of it.
    pub number: Cow<'static, str>,
}

const FHIR: Places = Places {
    npi: Cow::Borrowed("Claim.provider.identifier.value"),
    patient: Cow::Borrowed("Claim.patient"),
    number: Cow::Borrowed("Claim.identifier"),
};

impl Format {
    /// The format of a file of which nothing is said: by how it begins, its name, else by whether its first line is a document
    /// of its own.
    fn of(path: &Path, bytes: &[u8]) -> Self {
        if galen_x12::is_interchange(bytes) {
            return Self::X12;
        }
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
/// `no_claims`; for a Bundle and an interchange those of the document as a whole; those of [`document::bytes_within`]. What is wrong with
/// single claims stands in the answer.
pub fn read(path: &Path, format: Option<Format>, frame: &Frame) -> Result<Vec<Item>> {
    of(path, &bytes(path)?, format, frame)
}

/// The bytes of a file of claims, or of stdin where the path is `-`.
///
/// # Errors
/// Those of [`document::bytes_within`].
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    document::bytes_within(path, MAX_BYTES)
}

/// Reads what stands in a file.
///
/// # Errors
/// As [`read`].
pub fn of(path: &Path, bytes: &[u8], format: Option<Format>, frame: &Frame) -> Result<Vec<Item>> {
    let name = document::name(path);
    // Another format is one more arm, which gives each claim's place and what its reader makes of it.
    let items = match format.unwrap_or_else(|| Format::of(path, bytes)) {
        Format::Bundle => bundle(bytes, frame),
        Format::Ndjson => Ok(ndjson(bytes, frame)),
        Format::X12 => x12(bytes, frame),
    };
    let items = items.map_err(|problem| CliError::in_document(&name, problem))?;
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

/// A document that stands on its own in a file.
fn resource(value: &Value, frame: &Frame) -> std::result::Result<Bill, Problem> {
    if !fhir::is_resource(value) {
        let message = "This is no FHIR resource. A file of claims is a Bundle of FHIR R4 Claims, has one on each line, or is an X12 interchange; a claim in Galen's own form goes alone.";
        return Err(Problem::new("wrong_type", "resourceType", message));
    }
    claim(value, frame)
}

fn ndjson(bytes: &[u8], frame: &Frame) -> Vec<Item> {
    lines(bytes)
        .map(|(number, line)| Item {
            place: format!("line {number}"),
            bill: strict::parse(line).and_then(|value| resource(&value, frame)),
        })
        .collect()
}

/// The Claims of a Bundle. Resources that only stand beside them are passed over: a claim names its parties by reference.
fn bundle(bytes: &[u8], frame: &Frame) -> std::result::Result<Vec<Item>, Problem> {
    let whole = strict::parse(bytes)?;
    if whole["resourceType"] != "Bundle" {
        return Ok(vec![Item {
            place: "the document".to_owned(),
            bill: resource(&whole, frame),
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

/// What a batch takes for a FHIR Claim: a document of a file counts as the same one whatever its blanks and the order of its keys.
///
/// # Errors
/// None in fact: what was read can be written; the library's type says otherwise.
pub fn written(value: &Value) -> std::result::Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| {
        let message = format!("The claim cannot be written out again: {error}.");
        Problem::new("invalid_value", "Claim", message)
    })
}

fn claim(value: &Value, frame: &Frame) -> std::result::Result<Bill, Problem> {
    let bytes = written(value)?;
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

/// The claims of an interchange. What concerns one alone refuses that one; what concerns a transaction set, all of its claims.
fn x12(bytes: &[u8], frame: &Frame) -> std::result::Result<Vec<Item>, Problem> {
    let claims = galen_x12::claims_of(galen_x12::text(bytes)?, frame.currency)?;
    let items = (1..).zip(claims).map(|(count, (number, read))| Item {
        place: match number.as_str() {
            "" => format!("claim {count}"),
            number => format!("claim {count}, {number}"),
        },
        bill: read.map(|claim| professional_bill(claim, frame)),
    });
    Ok(items.collect())
}

fn professional_bill(claim: professional::Claim, frame: &Frame) -> Bill {
    let provider = &claim.provider;
    Bill {
        npi: Some(provider.id.clone()).filter(|_| provider.qualifier == "XX"),
        patient: Some(claim.patient_name()),
        numbers: vec![claim.control_number.clone()],
        places: Places {
            npi: provider.place.to_string().into(),
            patient: claim.subscriber.place.to_string().into(),
            number: claim.place.to_string().into(),
        },
        document: document::Claim::of_x12(claim, frame.in_network),
    }
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
    fn what_is_no_fhir_is_told_what_a_file_of_claims_is() {
        let own = r#"{"service_date": "2026-03-01", "lines": [{"code": "A", "charge": 1}]}"#;
        let pretty = own.replace("{\"service", "{\n\"service");
        for text in [own, pretty.as_str(), "[]", "[\n]"] {
            let items = of(Path::new("claims"), text.as_bytes(), None, &FRAME).expect("items");
            assert_eq!(items.len(), 1);
            let problem = items.into_iter().find_map(|item| item.bill.err());
            let problem = problem.expect("refused");
            assert_eq!(problem.code, "wrong_type", "{text}");
            assert!(
                problem.message.contains("Bundle of FHIR R4 Claims"),
                "{text}"
            );
        }
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
            ("claims.ndjson", VISIT, Format::X12),
        ] {
            assert_eq!(
                Format::of(Path::new(name), text.as_bytes()),
                format,
                "{name}"
            );
        }
    }

    const VISIT: &str = include_str!("../../../../samples/visit.837");

    /// The sample with its claim three times, numbered from 1; the second one's first line bills another amount.
    fn three() -> String {
        let (head, rest) = VISIT.split_once("CLM*").expect("a claim");
        let (claim, _) = rest.split_once("SE*").expect("a trailer");
        let claims: Vec<String> = (1..=3)
            .map(|number| {
                format!(
                    "CLM*{}",
                    claim.replacen("C-2026-0001", &format!("C-{number}"), 1)
                )
            })
            .collect();
        let second = claims[1].replacen("*180*", "*181*", 1);
        let body = [head, &claims[0], &second, &claims[2]].concat();
        let (_, set) = body.split_once("ST*").expect("a transaction set");
        let count = set.matches('~').count() + 1;
        format!("{body}SE*{count}*0001~\nGE*1*1~\nIEA*1*000000001~\n")
    }

    #[test]
    fn of_an_interchange_bad_claims_are_named_by_their_segment() {
        let text = three();
        let items = x12(text.as_bytes(), &FRAME).expect("an interchange");
        let second = text.match_indices("CLM*").nth(1).expect("three").0;
        let segment = text[..second].matches('~').count() + 1;
        let at = format!("segment[{segment}].CLM02");
        assert_eq!(
            codes(&items),
            [
                ("claim 1, C-1", None),
                ("claim 2, C-2", Some(("sum_mismatch", at.as_str()))),
                ("claim 3, C-3", None),
            ]
        );
        let bill = items.into_iter().next().and_then(|item| item.bill.ok());
        let bill = bill.expect("read");
        assert_eq!(
            (bill.npi.as_deref(), bill.patient.as_deref()),
            (Some("1234567893"), Some("M-4711"))
        );
        assert_eq!(bill.numbers, ["C-1"]);
        assert_eq!(bill.places.npi, "segment[10].NM109");
        // What concerns the interchange as such refuses it whole.
        let (cut, _) = text.split_once("GE*").expect("a group");
        let problem = x12(cut.as_bytes(), &FRAME).err().expect("refused");
        assert!(problem.at.starts_with("segment["), "{problem:?}");
    }

    #[test]
    fn an_interchange_sent_again_in_another_has_the_same_documents() {
        let bytes = |text: &str| {
            let mut items = x12(text.as_bytes(), &FRAME).expect("an interchange");
            let item = items.pop().expect("a claim");
            item.bill.map(|bill| bill.document.bytes).expect("read")
        };
        let again = VISIT.replace("000000001*0*T", "000000002*0*T");
        let again = again.replace("IEA*1*000000001", "IEA*1*000000002");
        assert_ne!(again, VISIT);
        assert_eq!(bytes(&again), bytes(VISIT));
    }

    #[test]
    fn a_dependent_is_named_by_the_subscribers_number_and_its_own_name() {
        let (head, rest) = VISIT.split_once("HL*2*1*22*0~").expect("a subscriber");
        let (subscriber, claim) = rest.split_once("CLM*").expect("a claim");
        let text = format!(
            "{head}HL*2*1*22*1~{}HL*3*2*23*0~\nPAT*19~\nNM1*QC*1*TESTCHILD*BETA~\nN3*2 EXAMPLE STREET~\nN4*SAMPLE TOWN*CT*060010000~\nDMG*D8*20150101*U~\nCLM*{claim}",
            subscriber.replace("SBR*P*18*", "SBR*P**")
        );
        let text = text.replace("SE*33*", "SE*39*");
        let mut items = x12(text.as_bytes(), &FRAME).expect("an interchange");
        let bill = items.pop().expect("a claim").bill.expect("read");
        assert_eq!(bill.patient.as_deref(), Some("M-4711 19 TESTCHILD BETA"));
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
