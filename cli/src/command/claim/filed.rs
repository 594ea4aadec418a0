//! The claims of a file as they can have been filed: alone, from an interchange, or by a batch. The ledger has a commitment to
//! one writing of each.

use std::path::Path;

use galen_documents::{fhir, strict, Problem};
use sha2::{Digest, Sha256};

use super::batch::source::{self, Frame};
use crate::chain::text::hex;
use crate::document;
use crate::error::{CliError, Result};

/// A claim of a file.
pub struct Filed {
    /// The claim, with the bytes as which it is filed by itself, or from an interchange.
    pub claim: document::Claim,
    /// What a batch takes for it, where that is another writing.
    in_a_batch: Option<Vec<u8>>,
}

impl Filed {
    /// The writings to one of which the ledger can have a commitment.
    pub fn writings(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.claim.bytes.as_slice()).chain(self.in_a_batch.as_deref())
    }
}

/// By what a store knows a document: SHA-256 of a writing, as hexadecimal digits.
pub fn identifier(writing: &[u8]) -> String {
    hex(&Sha256::digest(writing))
}

/// Reads a file, or stdin where the path is `-`.
///
/// # Errors
/// Those of [`of`] and [`source::bytes`].
pub fn read(path: &Path, frame: &Frame) -> Result<Vec<Filed>> {
    of(path, source::bytes(path)?, frame)
}

/// The claims of a file that can be read: others are on no ledger.
///
/// # Errors
/// Those of the document as a whole; `no_claims`, and where no claim is readable why the first is not.
pub fn of(path: &Path, bytes: Vec<u8>, frame: &Frame) -> Result<Vec<Filed>> {
    let name = document::name(path);
    let refused = |problem: Problem| CliError::in_document(&name, problem);
    let whole = strict::parse(&bytes).ok();
    let whole = whole.filter(|value| value["resourceType"] != "Bundle");
    if whole.is_some() || galen_x12::is_source(&bytes) {
        let again = whole.filter(fhir::is_resource);
        let in_a_batch = again.as_ref().map(source::written);
        return Ok(vec![Filed {
            claim: document::one(path, bytes, frame.currency, frame.in_network)?,
            in_a_batch: in_a_batch.transpose().map_err(refused)?,
        }]);
    }
    let (mut filed, mut wrong) = (Vec::new(), None);
    for item in source::of(path, &bytes, None, frame)? {
        match item.bill {
            Ok(bill) => filed.push(Filed {
                claim: bill.document,
                in_a_batch: None,
            }),
            Err(problem) => {
                wrong.get_or_insert(problem);
            }
        }
    }
    match wrong {
        Some(problem) if filed.is_empty() => Err(refused(problem)),
        _ => Ok(filed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame {
        currency: "USD",
        in_network: true,
    };
    const VISIT: &str = include_str!("../../../samples/visit.fhir.json");
    const INTERCHANGE: &str = include_str!("../../../samples/visit.837");

    fn filed(name: &str, text: &str) -> Vec<Filed> {
        of(Path::new(name), text.as_bytes().to_vec(), &FRAME).expect(name)
    }

    fn writings(filed: &[Filed]) -> Vec<Vec<&[u8]>> {
        filed.iter().map(|one| one.writings().collect()).collect()
    }

    /// What `galen claim batch` commits to.
    fn batched(name: &str, text: &str) -> Vec<Vec<u8>> {
        let items = source::of(Path::new(name), text.as_bytes(), None, &FRAME).expect(name);
        let bills = items.into_iter().map(|item| item.bill.expect("a claim"));
        bills.map(|bill| bill.document.bytes).collect()
    }

    #[test]
    fn a_claim_has_the_writing_of_each_way_to_file_it() {
        let value: serde_json::Value = serde_json::from_str(VISIT).expect("JSON");
        let one = filed("visit.json", VISIT);
        let in_a_batch = batched("visit.json", VISIT);
        assert_ne!(in_a_batch[0], VISIT.as_bytes());
        assert_eq!(
            writings(&one),
            [vec![VISIT.as_bytes(), in_a_batch[0].as_slice()]]
        );
        // By a batch, a claim is the same in each of these.
        let compact = value.to_string();
        let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": value}]});
        for (name, text) in [
            ("two.ndjson", format!("{compact}\n{compact}\n")),
            ("bundle.json", bundle.to_string()),
        ] {
            let batched = batched(name, &text);
            let claims = filed(name, &text);
            assert_eq!(claims.len(), batched.len());
            for (claim, batched) in claims.iter().zip(&batched) {
                assert_eq!(claim.writings().collect::<Vec<_>>(), [batched.as_slice()]);
                assert_eq!(*batched, in_a_batch[0]);
            }
        }
    }

    #[test]
    fn a_claim_of_an_interchange_is_read_again_from_its_segments_alone() {
        let whole = filed("visit.837", INTERCHANGE);
        let [writing] = writings(&whole)[0][..] else {
            panic!("one writing")
        };
        assert_eq!(batched("visit.837", INTERCHANGE), [writing]);
        let alone = filed("visit.x12", std::str::from_utf8(writing).expect("UTF-8"));
        assert_eq!(writings(&alone), [vec![writing]]);
        let [one, other] = [&whole, &alone].map(|filed| &filed[0].claim.claim.lines);
        assert_eq!(one, other);
    }

    #[test]
    fn readable_claims_of_a_file_are_found_beside_others_and_none_is_a_refusal() {
        let compact: serde_json::Value = serde_json::from_str(VISIT).expect("JSON");
        assert_eq!(filed("mixed.ndjson", &format!("{{\n{compact}\n")).len(), 1);
        for (text, code) in [
            ("{\n{\n", "invalid_json"),
            ("\n", "no_claims"),
            ("[]", "wrong_type"),
        ] {
            let error = of(Path::new("claims.ndjson"), text.as_bytes().to_vec(), &FRAME);
            assert_eq!(error.err().expect("refused").code, code, "{text:?}");
        }
    }
}
