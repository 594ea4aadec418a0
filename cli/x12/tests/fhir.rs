//! Professional claims as FHIR Claims: they come to the same, and name what the interchange names.

use std::collections::BTreeSet;

use galen_documents::fhir::{read_claim, write_claim, Systems};
use galen_documents::{member, plan, quote};
use galen_x12::claims_of;
use galen_x12::professional::Claim;
use serde_json::{json, Value};

const VISIT: &str = include_str!("../../samples/visit.837");
const DAY: &str = include_str!("documents/day.837");
/// One of its lines is under another authorisation than the rest, which R4 cannot say.
const AUTHORIZED: &str = "C-2026-0002";

fn claims(text: &str) -> Vec<Claim> {
    let claims = claims_of(text, "USD").expect("an interchange").into_iter();
    claims
        .map(|(number, claim)| claim.unwrap_or_else(|problem| panic!("{number}: {problem:?}")))
        .collect()
}

fn written(claim: &Claim) -> Value {
    let fhir = claim.to_fhir().expect("a FHIR claim");
    write_claim(&fhir, &Systems::PROFESSIONAL, "USD").expect("written")
}

/// A plan with a fee for each code of a claim, and some of what a document can state.
fn plan_for(claim: &Claim) -> plan::Plan {
    let codes: BTreeSet<&str> = claim.lines.iter().map(|line| line.code.as_str()).collect();
    let benefits: Vec<Value> = codes
        .iter()
        .map(|code| json!({"code": code, "allowed": 4_000, "places": ["11", "22"]}))
        .collect();
    let plan =
        json!({"coinsurance_bps": 2_000, "deductible": {"individual": 500}, "benefits": benefits});
    plan::read(&plan).expect("a plan")
}

#[test]
fn a_written_claim_comes_to_what_the_interchange_comes_to() {
    let mut paid = 0_u64;
    for claim in claims(VISIT).into_iter().chain(claims(DAY)) {
        if claim.control_number == AUTHORIZED {
            continue;
        }
        let document = written(&claim);
        let read = read_claim(&document, "USD").expect("read");
        assert_eq!(
            read,
            claim
                .to_fhir()
                .map(|made| galen_documents::fhir::Claim {
                    insurance: read.insurance,
                    ..made
                })
                .expect("made")
        );
        let plan = plan_for(&claim);
        let known = member::Member::default();
        let quoted = |claim| quote::quote(&plan, &claim, &known).expect("quoted");
        let before = quoted(claim.to_galen(true));
        assert_eq!(before, quoted(read.to_galen(true)), "{document:#}");
        paid = paid.saturating_add(before.totals.paid.0.get());
    }
    assert_ne!(paid, 0);
}

#[test]
fn the_sample_says_what_its_fhir_form_says() {
    let document = written(&claims(VISIT)[0]);
    let sample: Value =
        serde_json::from_str(include_str!("../../samples/visit.fhir.json")).expect("JSON");
    for element in ["status", "use", "type", "billablePeriod"] {
        assert_eq!(document[element], sample[element], "{element}");
    }
    assert_eq!(
        document["provider"]["identifier"],
        sample["provider"]["identifier"]
    );
    assert_eq!(document["diagnosis"][0], sample["diagnosis"][0]);
    assert_eq!(
        document["patient"]["identifier"]["value"],
        sample["patient"]["identifier"]["value"]
    );
    let items = |document: &Value| {
        let items = document["item"].as_array().expect("items").iter();
        items
            .map(|item| {
                json!([
                    item["productOrService"]["coding"][0]["code"],
                    item["productOrService"]["coding"][0]["system"],
                    item["net"],
                    item["servicedDate"]
                ])
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(items(&document), items(&sample));
}

/// Of a dependent, who has no number of its own in X12, the coverage has the subscriber's.
#[test]
fn a_dependent_is_not_taken_for_the_subscriber() {
    let claims = claims(DAY);
    let of_dependent = claims
        .iter()
        .find(|claim| claim.dependent.is_some())
        .expect("one");
    let document = written(of_dependent);
    let number = &of_dependent.subscriber.id;
    assert_eq!(
        document["insurance"][0]["coverage"]["identifier"]["value"],
        json!(number)
    );
    assert_eq!(
        document["patient"]["identifier"]["value"],
        json!(of_dependent.patient_name())
    );
    assert_ne!(of_dependent.patient_name(), *number);
}

#[test]
fn lines_under_several_authorisations_are_refused_by_their_place() {
    let claims = claims(DAY);
    let claim = claims
        .iter()
        .find(|claim| claim.control_number == AUTHORIZED);
    let fhir = claim.expect("one").to_fhir().expect("a FHIR claim");
    let problem = write_claim(&fhir, &Systems::PROFESSIONAL, "USD").expect_err("refused");
    assert_eq!(
        (problem.code.as_str(), problem.at.as_str()),
        ("unsupported", "Claim.item[1]")
    );
}
