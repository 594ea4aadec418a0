//! What has gone wrong in other systems that read documents, each as a test with the system's name first. Source: domain.md D2.

use std::path::Path;

use galen_documents::{claim, fhir};
use serde_json::{json, Value};

/// The sample that the command line has.
fn visit() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/visit.fhir.json");
    let text = std::fs::read_to_string(path).expect("the sample");
    serde_json::from_str(&text).expect("JSON")
}

/// Code and place of the refusal of a FHIR claim.
fn refused(document: &Value) -> (String, String) {
    let problem = fhir::read_claim(document, "USD").expect_err("refused");
    (problem.code.to_string(), problem.at)
}

/// Official examples of FHIR have totals that their parts do not add up to, and parts that are not price times quantity.
#[test]
fn fhir_examples_whose_sums_are_wrong_are_refused() {
    let right = visit();
    fhir::read_claim(&right, "USD").expect("read");
    let mut total = right.clone();
    total["total"] = json!({"value": 1, "currency": "USD"});
    let mismatch = |at: &str| ("sum_mismatch".to_owned(), at.to_owned());
    assert_eq!(refused(&total), mismatch("Claim.total.value"));
    let mut net = right.clone();
    net["item"][0]["quantity"] = json!({"value": 3});
    net["item"][0]["unitPrice"] = json!({"value": 10.0, "currency": "USD"});
    net["item"][0]["net"] = json!({"value": 20.0, "currency": "USD"});
    assert_eq!(refused(&net), mismatch("Claim.item[0].net.value"));
}

/// Of the slashes in a date only the first was replaced, and what came of it was taken for a date.
#[test]
fn pharmaledger_a_date_is_read_whole_or_not_at_all() {
    let on = |date: &str| {
        claim::read(&json!({"service_date": date, "lines": [{"code": "A", "charge": 1}]}))
    };
    on("2026-03-01").expect("a date");
    for date in ["2026/03/01", "2026-03/01", "2026/03-01", "2026-03-01/"] {
        let problem = on(date).expect_err("no date");
        assert_eq!(problem.at, "service_date", "{date}: {problem:?}");
        let mut document = visit();
        document["created"] = json!(date);
        let problem = fhir::read_claim(&document, "USD").expect_err("no date");
        assert_eq!(problem.at, "Claim.created", "{date}: {problem:?}");
    }
}

/// What a document says of a ban on balance billing: of the claim, of an item, which goes before it, and nowhere else.
#[test]
fn a_ban_on_balance_billing_is_read_where_it_stands() {
    let ban = |value: Value| json!([{"url": "urn:galen:balance-billing-prohibited", "valueBoolean": value}]);
    let read = |document: &Value| {
        let claim = fhir::read_claim(document, "USD").expect("read");
        let lines = claim.to_galen(false).lines;
        let banned = lines.iter().map(|line| line.balance_billing_prohibited);
        banned.collect::<Vec<bool>>()
    };
    let plain = visit();
    let count = plain["item"].as_array().expect("items").len();
    assert!(count > 1, "the sample has several items");
    assert_eq!(read(&plain), vec![false; count]);
    let mut all = plain.clone();
    all["extension"] = ban(json!(true));
    assert_eq!(read(&all), vec![true; count]);
    all["item"][0]["extension"] = ban(json!(false));
    let mut wanted = vec![true; count];
    wanted[0] = false;
    assert_eq!(read(&all), wanted);
    let mut one = plain.clone();
    one["item"][1]["extension"] = ban(json!(true));
    let mut wanted = vec![false; count];
    wanted[1] = true;
    assert_eq!(read(&one), wanted);

    let twice: Vec<Value> = [true, true]
        .iter()
        .map(|value| ban(json!(value))[0].clone())
        .collect();
    let worded = json!([{"url": "urn:galen:balance-billing-prohibited", "valueString": "yes"}]);
    for (pointer, value, code, at) in [
        (
            "/extension",
            json!(twice),
            "invalid_value",
            "Claim.extension[1]",
        ),
        (
            "/extension",
            worded.clone(),
            "wrong_type",
            "Claim.extension[0].valueBoolean",
        ),
        (
            "/item/0/extension",
            worded,
            "wrong_type",
            "Claim.item[0].extension[0].valueBoolean",
        ),
        (
            "/insurance/0/extension",
            ban(json!(true)),
            "unsupported",
            "Claim.insurance[0].extension[0]",
        ),
        (
            "/item/0/productOrService/extension",
            ban(json!(true)),
            "unsupported",
            "Claim.item[0].productOrService.extension[0]",
        ),
    ] {
        let mut document = plain.clone();
        let (parent, field) = pointer.rsplit_once('/').expect("a place");
        document.pointer_mut(parent).expect("a place")[field] = value;
        assert_eq!(
            refused(&document),
            (code.to_owned(), at.to_owned()),
            "{pointer}"
        );
    }
    // Others' extensions are as they were: nothing is read of them.
    let mut other = plain;
    other["extension"] = json!([{"url": "https://example.org/other", "valueString": "yes"}]);
    assert_eq!(read(&other), vec![false; count]);
}
