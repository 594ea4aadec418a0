//! ClaimResponse, ExplanationOfBenefit, CoverageEligibilityRequest and -Response: written and read to the same, refused by
//! path where they are malformed or do not add up. What another payer has decided, on a Claim to the next one.

use galen_documents::claim::OtherPayer;
use galen_documents::fhir::{
    read_claim, read_claim_response, read_eligibility_request, read_eligibility_response,
    read_explanation, write_claim_response, write_eligibility_request, write_eligibility_response,
    write_explanation, Adjudicated, AdjudicatedItem, Benefit, BenefitKind, Code, Eligibility,
    EligibilityPurpose, EligibilityRequest, Extent, Identifier, LineAdjustment, Network, Party,
    Payment, Quantity, Service, Term, Unit,
};
use galen_documents::{Modifier, Problem};
use galen_rules::{BasisPoints, Cents, Date, Group, Reason, Remark};
use serde_json::{json, Value};

fn party(system: &str, value: &str) -> Party {
    Party {
        reference: None,
        system: Some(system.to_owned()),
        value: Some(value.to_owned()),
    }
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn code(text: &str) -> Code {
    Code {
        system: "https://codes.example".to_owned(),
        code: text.to_owned(),
    }
}

fn adjustment(group: Group, reason: u16, amount: u64) -> LineAdjustment {
    LineAdjustment {
        group,
        reason: Reason::from_code(reason).expect("a reason"),
        amount: Cents::new(amount),
        remark: None,
    }
}

fn item(
    sequence: u32,
    charge: u64,
    allowed: u64,
    paid: u64,
    adjustments: &[LineAdjustment],
) -> AdjudicatedItem {
    AdjudicatedItem {
        sequence,
        service: Some(Service {
            code: code("G0463"),
            modifiers: vec![Modifier::new("RT").expect("a modifier")],
            date: day("2026-03-02"),
            until: None,
            units: 2,
        }),
        charge: Cents::new(charge),
        allowed: Cents::new(allowed),
        adjustments: adjustments.to_vec(),
        paid: Cents::new(paid),
    }
}

/// 180.00 of which 96.00 is paid, and a line of 35.00 that is denied; 1.50 of interest, 6.00 kept back.
fn adjudicated() -> Adjudicated {
    Adjudicated {
        ledger: Identifier {
            system: Some("solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z".to_owned()),
            value: "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin".to_owned(),
        },
        request: Some(Identifier {
            system: Some("https://clinic.example/claims".to_owned()),
            value: "C-2026-0001".to_owned(),
        }),
        cancelled: false,
        pending: false,
        disposition: "Adjudicated and paid.".to_owned(),
        kind: Some(code("professional")),
        patient: party("https://insurer.example/members", "M-4711"),
        insurer: party("urn:iso:std:iso:17442", "5493001KJTIIGC8Y1R12"),
        provider: party("http://hl7.org/fhir/sid/us-npi", "1234567893"),
        coverage: party("https://insurer.example/policies", "P-1"),
        created: "2026-03-06T10:00:00Z".to_owned(),
        currency: "USD".to_owned(),
        charge: Cents::new(21_500),
        items: vec![
            item(
                1,
                18_000,
                12_000,
                9_600,
                &[
                    adjustment(Group::Contractual, 45, 6_000),
                    adjustment(Group::Patient, 2, 2_400),
                ],
            ),
            item(3, 3_500, 0, 0, &[adjustment(Group::Patient, 204, 3_500)]),
        ],
        payment: Some(Payment {
            date: day("2026-03-06"),
            amount: Cents::new(9_150),
            adjustment: -450,
            reason: "interest for late payment 1.50, kept back for what the provider owed 6.00"
                .to_owned(),
        }),
    }
}

fn without_services(claim: &Adjudicated) -> Adjudicated {
    let mut claim = claim.clone();
    claim.items.iter_mut().for_each(|item| item.service = None);
    claim
}

fn response() -> Value {
    write_claim_response(&adjudicated()).expect("written")
}

fn explanation() -> Value {
    write_explanation(&adjudicated()).expect("written")
}

fn with(document: &Value, pointer: &str, value: Value) -> Value {
    let mut document = document.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect(pointer) {
        Value::Object(entries) => {
            entries.insert(name.to_owned(), value);
        }
        Value::Array(items) => items[name.parse::<usize>().expect(pointer)] = value,
        _ => panic!("{pointer}"),
    }
    document
}

fn without(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect(pointer) {
        Value::Object(entries) => {
            entries.remove(name).expect(pointer);
        }
        Value::Array(items) => {
            items.remove(name.parse::<usize>().expect(pointer));
        }
        _ => panic!("{pointer}"),
    }
    document
}

fn usd(text: &str) -> Value {
    json!({"value": text.parse::<serde_json::Number>().expect("a number"), "currency": "USD"})
}

/// Code and place of a refusal.
fn refusal<T: std::fmt::Debug>(read: Result<T, Problem>) -> (String, String) {
    let problem = read.expect_err("refused");
    assert!(problem.message.len() > 10, "{problem:?}");
    (problem.code, problem.at)
}

#[test]
fn what_is_written_is_read_and_is_equal() {
    let claim = adjudicated();
    assert_eq!(
        read_claim_response(&response()),
        Ok(without_services(&claim))
    );
    assert_eq!(read_explanation(&explanation()), Ok(claim.clone()));

    // Not paid yet; a type that the document did not state; no number of the provider's; taken back.
    let plain = Adjudicated {
        payment: None,
        kind: None,
        request: None,
        cancelled: true,
        ..claim.clone()
    };
    let written = write_claim_response(&plain).expect("written");
    assert_eq!(read_claim_response(&written), Ok(without_services(&plain)));
    assert_eq!(
        (&written["status"], &written["type"]["coding"]),
        (&json!("cancelled"), &Value::Null)
    );
    assert_eq!(
        read_explanation(&write_explanation(&plain).expect("written")),
        Ok(plain)
    );

    // One that waits has its total and no lines.
    let pending = Adjudicated {
        pending: true,
        items: Vec::new(),
        payment: None,
        ..claim
    };
    for (written, read) in [
        (
            write_claim_response(&pending),
            read_claim_response as fn(&Value) -> _,
        ),
        (write_explanation(&pending), read_explanation),
    ] {
        let written = written.expect("written");
        assert_eq!(
            (
                &written["outcome"],
                written["total"].as_array().map(Vec::len)
            ),
            (&json!("queued"), Some(1))
        );
        assert_eq!(read(&written), Ok(pending.clone()));
    }
}

#[test]
fn a_service_of_several_days_is_told_with_its_last() {
    let mut claim = adjudicated();
    let service = claim.items[1].service.as_mut().expect("a service");
    service.until = Some(day("2026-03-05"));
    let written = write_explanation(&claim).expect("written");
    assert_eq!(
        written["item"][1]["servicedPeriod"],
        json!({"start": "2026-03-02", "end": "2026-03-05"})
    );
    assert_eq!(written["item"][1]["servicedDate"], Value::Null);
    assert_eq!(written["item"][0]["servicedDate"], json!("2026-03-02"));
    assert_eq!(
        written["billablePeriod"],
        json!({"start": "2026-03-02", "end": "2026-03-05"})
    );
    assert_eq!(read_explanation(&written), Ok(claim));
}

#[test]
fn amounts_are_written_to_the_cent_under_their_codes() {
    let response = response();
    let text = serde_json::to_string(&response).expect("JSON");
    assert!(text.contains("\"value\":180.00"), "{text}");
    let adjudication = &response["item"][0]["adjudication"];
    assert_eq!(adjudication.as_array().map(Vec::len), Some(5));
    assert_eq!(
        adjudication[2],
        json!({
            "category": {"coding": [{"system": "https://x12.org/codes/claim-adjustment-group-codes", "code": "CO"}]},
            "reason": {"coding": [{"system": "https://x12.org/codes/claim-adjustment-reason-codes", "code": "45"}]},
            "amount": usd("60.00"),
        })
    );
    let sums: Vec<(&str, String)> = response["total"]
        .as_array()
        .expect("totals")
        .iter()
        .map(|total| {
            (
                total["category"]["coding"][0]["code"]
                    .as_str()
                    .expect("a code"),
                total["amount"]["value"].to_string(),
            )
        })
        .collect();
    let expected = [
        ("submitted", "215.00"),
        ("eligible", "120.00"),
        ("CO", "60.00"),
        ("PR", "59.00"),
        ("benefit", "96.00"),
    ];
    assert_eq!(
        sums,
        expected
            .map(|(code, amount)| (code, amount.to_owned()))
            .to_vec()
    );
    assert_eq!(response["payment"]["adjustment"], usd("-4.50"));
    let line = &explanation()["item"][1];
    assert_eq!(
        (&line["sequence"], &line["net"], &line["quantity"]["value"]),
        (&json!(3), &usd("35.00"), &json!(2))
    );
}

#[test]
fn what_does_not_add_up_is_not_written() {
    let place = |change: fn(&mut Adjudicated)| {
        let mut claim = adjudicated();
        change(&mut claim);
        let (code, at) = refusal(write_claim_response(&claim));
        assert_eq!(code, "unbalanced");
        assert_eq!(
            refusal(write_explanation(&claim)),
            (code, at.replace("ClaimResponse", "ExplanationOfBenefit"))
        );
        at
    };
    assert_eq!(
        place(|claim| claim.items[0].paid = Cents::new(9_601)),
        "ClaimResponse.item[0].adjudication"
    );
    assert_eq!(
        place(|claim| claim.items[1].adjustments[0].amount = Cents::new(3_499)),
        "ClaimResponse.item[1].adjudication"
    );
    assert_eq!(
        place(|claim| claim.items[0]
            .adjustments
            .push(adjustment(Group::Other, 23, 0))),
        "ClaimResponse.item[0].adjudication"
    );
    assert_eq!(
        place(|claim| claim.charge = Cents::new(21_501)),
        "ClaimResponse.total"
    );
    assert_eq!(place(|claim| claim.items.clear()), "ClaimResponse.item");
    assert_eq!(place(|claim| claim.pending = true), "ClaimResponse.item");
    assert_eq!(
        place(|claim| claim.payment.as_mut().expect("a payment").amount = Cents::new(9_600)),
        "ClaimResponse.payment.amount"
    );
    assert_eq!(
        place(|claim| claim.items[0].paid = Cents::MAX),
        "ClaimResponse.item[0].adjudication"
    );
    let mut nameless = adjudicated();
    nameless.items[1].service = None;
    assert_eq!(
        refusal(write_explanation(&nameless)),
        (
            "missing_field".to_owned(),
            "ExplanationOfBenefit.item[1].productOrService".to_owned()
        )
    );
}

#[test]
fn malformed_responses_are_refused_by_path() {
    let good = response();
    let coding = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    let cases = [
        (
            with(&good, "/resourceType", json!("Claim")),
            "unsupported_resource",
            "resourceType",
        ),
        (
            with(&good, "/resourceType", json!(7)),
            "wrong_type",
            "resourceType",
        ),
        (
            with(&good, "/colour", json!("red")),
            "unknown_field",
            "ClaimResponse.colour",
        ),
        (
            with(&good, "/item/0/note", json!("x")),
            "unknown_field",
            "ClaimResponse.item[0].note",
        ),
        (
            without(&good, "/insurer"),
            "missing_field",
            "ClaimResponse.insurer",
        ),
        (
            without(&good, "/outcome"),
            "missing_field",
            "ClaimResponse.outcome",
        ),
        (
            without(&good, "/requestor"),
            "missing_field",
            "ClaimResponse.requestor",
        ),
        (
            without(&good, "/identifier"),
            "missing_field",
            "ClaimResponse.identifier",
        ),
        (
            without(&good, "/total"),
            "missing_field",
            "ClaimResponse.total",
        ),
        (
            with(&good, "/patient", json!({"display": "somebody"})),
            "missing_reference",
            "ClaimResponse.patient",
        ),
        (
            with(&good, "/patient", json!({"reference": "#p"})),
            "missing_reference",
            "ClaimResponse.patient.reference",
        ),
        (
            with(&good, "/status", json!("draft")),
            "unsupported",
            "ClaimResponse.status",
        ),
        (
            with(&good, "/outcome", json!("error")),
            "unsupported",
            "ClaimResponse.outcome",
        ),
        (
            with(&good, "/use", json!("preauthorization")),
            "unsupported",
            "ClaimResponse.use",
        ),
        (
            with(
                &good,
                "/meta",
                json!({"profile": ["http://hl7.org/fhir/StructureDefinition/ClaimResponse|5.0.0"]}),
            ),
            "unsupported_version",
            "ClaimResponse.meta.profile[0]",
        ),
        (
            with(&good, "/implicitRules", json!("https://rules.example")),
            "unsupported",
            "ClaimResponse.implicitRules",
        ),
        (
            with(
                &good,
                "/modifierExtension",
                json!([{"url": "https://x.example", "valueBoolean": true}]),
            ),
            "unsupported",
            "ClaimResponse.modifierExtension[0]",
        ),
        (
            with(&good, "/error", json!([{"code": {"text": "wrong"}}])),
            "unsupported",
            "ClaimResponse.error[0]",
        ),
        (
            with(&good, "/item/0/adjudication/0/amount", usd("-1.00")),
            "negative_money",
            "ClaimResponse.item[0].adjudication[0].amount.value",
        ),
        (
            with(&good, "/item/0/adjudication/0/amount", usd("1.005")),
            "too_many_decimals",
            "ClaimResponse.item[0].adjudication[0].amount.value",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/0/amount",
                usd("99999999999999999999"),
            ),
            "money_too_large",
            "ClaimResponse.item[0].adjudication[0].amount.value",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/1/amount/currency",
                json!("EUR"),
            ),
            "wrong_currency",
            "ClaimResponse.item[0].adjudication[1].amount.currency",
        ),
        (
            without(&good, "/item/0/adjudication/1/amount/currency"),
            "missing_field",
            "ClaimResponse.item[0].adjudication[1].amount.currency",
        ),
        (
            without(&good, "/item/0/adjudication/1"),
            "missing_field",
            "ClaimResponse.item[0].adjudication",
        ),
        (
            without(&good, "/item/0/adjudication/2"),
            "unbalanced",
            "ClaimResponse.item[0].adjudication",
        ),
        (
            without(&good, "/item/0/adjudication/2/reason"),
            "missing_field",
            "ClaimResponse.item[0].adjudication[2].reason",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/2/reason",
                coding(
                    "https://x12.org/codes/claim-adjustment-reason-codes",
                    "9999",
                ),
            ),
            "unknown_reason",
            "ClaimResponse.item[0].adjudication[2].reason.coding[0].code",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/2/reason",
                coding("https://x12.org/codes/claim-adjustment-reason-codes", "+45"),
            ),
            "unknown_reason",
            "ClaimResponse.item[0].adjudication[2].reason.coding[0].code",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/2/reason",
                coding("https://reasons.example", "45"),
            ),
            "unsupported",
            "ClaimResponse.item[0].adjudication[2].reason.coding[0].system",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/2/category",
                coding("https://x12.org/codes/claim-adjustment-group-codes", "CR"),
            ),
            "unsupported",
            "ClaimResponse.item[0].adjudication[2].category.coding[0].code",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/1/category",
                coding("http://terminology.hl7.org/CodeSystem/adjudication", "tax"),
            ),
            "unsupported",
            "ClaimResponse.item[0].adjudication[1].category",
        ),
        (
            with(
                &good,
                "/item/0/adjudication/1/category",
                coding(
                    "http://terminology.hl7.org/CodeSystem/adjudication",
                    "submitted",
                ),
            ),
            "duplicate_sequence",
            "ClaimResponse.item[0].adjudication[1]",
        ),
        (
            with(&good, "/item/1/itemSequence", json!(1)),
            "duplicate_sequence",
            "ClaimResponse.item[1]",
        ),
        (
            with(&good, "/item/1/itemSequence", json!(-1)),
            "negative",
            "ClaimResponse.item[1].itemSequence",
        ),
        (
            with(&good, "/item/1/itemSequence", json!("3")),
            "wrong_type",
            "ClaimResponse.item[1].itemSequence",
        ),
        (
            without(&good, "/item/1"),
            "unbalanced",
            "ClaimResponse.total",
        ),
        (
            with(&good, "/total/2/amount", usd("61.00")),
            "unbalanced",
            "ClaimResponse.total[2].amount.value",
        ),
        (
            without(&good, "/total/4"),
            "unbalanced",
            "ClaimResponse.total",
        ),
        (
            with(&good, "/payment/amount", usd("96.00")),
            "unbalanced",
            "ClaimResponse.payment.amount",
        ),
        (
            with(&good, "/payment/date", json!("2026-02-30")),
            "invalid_date",
            "ClaimResponse.payment.date",
        ),
        (
            without(&good, "/payment/date"),
            "missing_field",
            "ClaimResponse.payment.date",
        ),
        (
            with(&good, "/payment/adjustment", usd("-99999999999999999.00")),
            "money_too_large",
            "ClaimResponse.payment.adjustment.value",
        ),
    ];
    for (document, code, at) in cases {
        assert_eq!(
            refusal(read_claim_response(&document)),
            (code.to_owned(), at.to_owned()),
            "{document:#}"
        );
    }
}

#[test]
fn malformed_explanations_are_refused_by_path() {
    let good = explanation();
    let cases = [
        (
            with(&good, "/resourceType", json!("ClaimResponse")),
            "unsupported_resource",
            "resourceType",
        ),
        (
            without(&good, "/item/0/productOrService"),
            "missing_field",
            "ExplanationOfBenefit.item[0].productOrService",
        ),
        (
            without(&good, "/item/0/net"),
            "missing_field",
            "ExplanationOfBenefit.item[0].net",
        ),
        (
            with(&good, "/item/0/net", usd("180.01")),
            "unbalanced",
            "ExplanationOfBenefit.item[0].net.value",
        ),
        (
            without(&good, "/item/0/servicedDate"),
            "missing_field",
            "ExplanationOfBenefit.item[0].servicedDate",
        ),
        (
            with(&good, "/item/0/servicedDate", json!("2026-03")),
            "invalid_date",
            "ExplanationOfBenefit.item[0].servicedDate",
        ),
        (
            with(&good, "/item/0/sequence", json!(0)),
            "invalid_value",
            "ExplanationOfBenefit.item[0].sequence",
        ),
        (
            with(&good, "/item/0/quantity/value", json!(0)),
            "invalid_value",
            "ExplanationOfBenefit.item[0].quantity.value",
        ),
        (
            with(&good, "/billablePeriod/end", json!("2026-03-03")),
            "invalid_date",
            "ExplanationOfBenefit.billablePeriod",
        ),
        (
            without(&good, "/provider"),
            "missing_field",
            "ExplanationOfBenefit.provider",
        ),
        (
            with(
                &good,
                "/related",
                json!([{"claim": {"reference": "Claim/1"}}]),
            ),
            "unsupported",
            "ExplanationOfBenefit.related[0]",
        ),
        (
            with(&good, "/item/0/modifier/0/coding/0/code", json!("right")),
            "invalid_value",
            "ExplanationOfBenefit.item[0].modifier[0].coding[0].code",
        ),
    ];
    for (document, code, at) in cases {
        assert_eq!(
            refusal(read_explanation(&document)),
            (code.to_owned(), at.to_owned()),
            "{document:#}"
        );
    }
}

fn request() -> Value {
    json!({
        "resourceType": "CoverageEligibilityRequest",
        "identifier": [{"system": "https://clinic.example/requests", "value": "E-1"}],
        "status": "active",
        "purpose": ["benefits", "auth-requirements"],
        "patient": {"identifier": {"value": "M-4711"}},
        "servicedDate": "2026-03-02",
        "created": "2026-03-01",
        "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}},
        "insurer": {"identifier": {"system": "urn:iso:std:iso:17442", "value": "5493001KJTIIGC8Y1R12"}},
        "insurance": [{"focal": true, "coverage": {"identifier": {"value": "P-1"}}}],
        "item": [{"productOrService": {"coding": [{"code": "G0463"}]}}]
    })
}

#[test]
fn eligibility_requests_are_read_and_malformed_ones_refused() {
    let good = request();
    let read = read_eligibility_request(&good).expect("read");
    assert_eq!(
        read.purposes,
        [
            EligibilityPurpose::Benefits,
            EligibilityPurpose::Authorizations
        ]
    );
    let mut written = write_eligibility_request(&read).expect("written");
    // `focal` says nothing where there is one coverage.
    written["insurance"][0]["focal"] = json!(true);
    assert_eq!(written, good);
    let blank = EligibilityRequest {
        patient: Party::of_text(" "),
        ..read.clone()
    };
    assert_eq!(
        refusal(write_eligibility_request(&blank)),
        (
            "missing_reference".to_owned(),
            "CoverageEligibilityRequest.patient".to_owned()
        )
    );
    let nothing = EligibilityRequest {
        purposes: Vec::new(),
        ..read.clone()
    };
    assert_eq!(
        refusal(write_eligibility_request(&nothing)).1,
        "CoverageEligibilityRequest.purpose"
    );
    assert_eq!(read.patient.value.as_deref(), Some("M-4711"));
    assert_eq!(read.serviced, Some((day("2026-03-02"), day("2026-03-02"))));
    assert_eq!(read.items.len(), 1);
    let many: Vec<Value> = (0..101).map(|_| good["item"][0].clone()).collect();
    let cases = [
        (
            with(&good, "/resourceType", json!("Claim")),
            "unsupported_resource",
            "resourceType",
        ),
        (
            with(&good, "/status", json!("cancelled")),
            "unsupported",
            "CoverageEligibilityRequest.status",
        ),
        (
            with(&good, "/purpose", json!(["curiosity"])),
            "invalid_value",
            "CoverageEligibilityRequest.purpose",
        ),
        (
            without(&good, "/purpose"),
            "missing_field",
            "CoverageEligibilityRequest.purpose",
        ),
        (
            without(&good, "/patient"),
            "missing_field",
            "CoverageEligibilityRequest.patient",
        ),
        (
            with(&good, "/patient", json!({"display": "X"})),
            "missing_reference",
            "CoverageEligibilityRequest.patient",
        ),
        (
            without(&good, "/insurer"),
            "missing_field",
            "CoverageEligibilityRequest.insurer",
        ),
        (
            with(&good, "/servicedDate", json!("2026-02-30")),
            "invalid_date",
            "CoverageEligibilityRequest.servicedDate",
        ),
        (
            with(&good, "/item/0", json!({"category": {"text": "care"}})),
            "unsupported",
            "CoverageEligibilityRequest.item[0].productOrService",
        ),
        (
            with(&good, "/item", Value::Array(many)),
            "too_many_lines",
            "CoverageEligibilityRequest.item[100]",
        ),
        (
            with(
                &good,
                "/insurance",
                json!([good["insurance"][0], good["insurance"][0]]),
            ),
            "unsupported",
            "CoverageEligibilityRequest.insurance[1]",
        ),
        (
            with(&good, "/subject", json!({})),
            "unknown_field",
            "CoverageEligibilityRequest.subject",
        ),
    ];
    for (document, code, at) in cases {
        assert_eq!(
            refusal(read_eligibility_request(&document)),
            (code.to_owned(), at.to_owned()),
            "{document:#}"
        );
    }
}

#[test]
fn eligibility_responses_are_written_and_read_to_the_same() {
    let answer = Eligibility {
        request: Some(Identifier {
            system: None,
            value: "E-1".to_owned(),
        }),
        purposes: vec![EligibilityPurpose::Benefits],
        patient: party("https://insurer.example/members", "M-4711"),
        requestor: Some(party("http://hl7.org/fhir/sid/us-npi", "1234567893")),
        insurer: party("urn:iso:std:iso:17442", "5493001KJTIIGC8Y1R12"),
        coverage: party("https://insurer.example/policies", "P-1"),
        created: "2026-03-01T00:00:00Z".to_owned(),
        serviced: (day("2026-03-02"), day("2026-03-04")),
        currency: "USD".to_owned(),
        disposition: "The coverage is in force.".to_owned(),
        in_force: true,
        period: Some((day("2026-01-01"), day("2026-12-31"))),
        extents: vec![
            Extent {
                network: Some(Network::Out),
                unit: Some(Unit::Family),
                term: Some(Term::Annual),
                benefits: vec![Benefit {
                    kind: BenefitKind::Deductible,
                    allowed: Some(Quantity::Amount(Cents::new(50_000))),
                    used: Some(Cents::new(12_345)),
                }],
                ..Extent::default()
            },
            Extent {
                service: Some(code("G0463")),
                excluded: Some(false),
                benefits: [2_000, 1_250, 5, 10_000, 0]
                    .map(|points| Benefit {
                        kind: BenefitKind::Coinsurance,
                        allowed: BasisPoints::new(points).map(Quantity::Rate),
                        used: None,
                    })
                    .to_vec(),
                authorization_required: Some(true),
                ..Extent::default()
            },
        ],
    };
    let written = write_eligibility_response(&answer).expect("written");
    assert_eq!(
        read_eligibility_response(&written, "USD"),
        Ok(answer.clone())
    );
    let category = |code: &str| json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/ex-benefitcategory", "code": code}]});
    let items = &written["insurance"][0]["item"];
    assert_eq!(
        (&items[0]["category"], items[1].get("category")),
        (&category("30"), None)
    );
    let neither = without(&written, "/insurance/0/item/0/category");
    assert_eq!(
        refusal(read_eligibility_response(&neither, "USD")).0,
        "unsupported"
    );
    let rates = &items[1]["benefit"];
    assert_eq!(
        (&rates[0]["allowedUnsignedInt"], &rates[1]["allowedString"]),
        (&json!(20), &json!("12.50%"))
    );
    let none = Eligibility {
        request: None,
        requestor: None,
        in_force: false,
        period: None,
        extents: Vec::new(),
        ..answer
    };
    let written_none = write_eligibility_response(&none).expect("written");
    assert_eq!(read_eligibility_response(&written_none, "USD"), Ok(none));
    for (pointer, value, code, at) in [
        (
            "/insurance/0/item/1/benefit/1/allowedString",
            json!("much"),
            "invalid_value",
            "insurance[0].item[1].benefit[1].allowedString",
        ),
        (
            "/insurance/0/item/1/benefit/1/allowedString",
            json!("100.01%"),
            "invalid_value",
            "insurance[0].item[1].benefit[1].allowedString",
        ),
        (
            "/insurance/0/item/0/benefit/0/usedMoney",
            usd("-1.00"),
            "negative_money",
            "insurance[0].item[0].benefit[0].usedMoney.value",
        ),
        (
            "/insurance/0/item/0/term",
            json!({"coding": [{"code": "day"}]}),
            "unsupported",
            "insurance[0].item[0].term",
        ),
        ("/outcome", json!("queued"), "unsupported", "outcome"),
        // R4's ces-1: a category or a service, and not both.
        (
            "/insurance/0/item/0/category",
            category("1"),
            "unsupported",
            "insurance[0].item[0].category",
        ),
        (
            "/insurance/0/item/0/category",
            json!({"coding": [{"code": "30"}]}),
            "unsupported",
            "insurance[0].item[0].category",
        ),
        (
            "/insurance/0/item/0/productOrService",
            json!({"coding": [{"code": "G0463"}]}),
            "unsupported",
            "insurance[0].item[0].category",
        ),
        (
            "/insurance/0/item/1/category",
            category("30"),
            "unsupported",
            "insurance[0].item[1].category",
        ),
    ] {
        let document = with(&written, pointer, value);
        assert_eq!(
            refusal(read_eligibility_response(&document, "USD")),
            (code.to_owned(), format!("CoverageEligibilityResponse.{at}"))
        );
    }
}

const GROUPS: &str = "https://x12.org/codes/claim-adjustment-group-codes";
const REASONS: &str = "https://x12.org/codes/claim-adjustment-reason-codes";
const ADJUDICATION: &str = "http://terminology.hl7.org/CodeSystem/adjudication";
const CARIN: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication";

fn concept(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

/// An adjudication of so many cents.
fn said(system: &str, name: &str, cents: i64) -> Value {
    let value = cents as f64 / 100.0;
    json!({"category": concept(system, name), "amount": {"value": value, "currency": "USD"}})
}

fn adjusted(group: &str, reason: &str, cents: i64) -> Value {
    let mut entry = said(GROUPS, group, cents);
    entry["reason"] = concept(REASONS, reason);
    entry
}

/// The sample visit (180.00, 50.00, 35.00) as a claim to the second payer, with what the first has decided.
fn secondary(response: Value) -> Value {
    let sample = include_str!("../../samples/visit.fhir.json");
    let mut claim: Value = serde_json::from_str(sample).expect("JSON");
    let own = claim["insurance"][0].clone();
    claim["contained"] =
        json!([{"resourceType": "Organization", "id": "other", "name": "Another payer"}, response]);
    claim["insurance"] = json!([
        {"sequence": 1, "focal": false, "coverage": {"identifier": {"value": "OTHER-1"}}, "claimResponse": {"reference": "#decided"}},
        own,
    ]);
    claim["insurance"][1]["sequence"] = json!(2);
    claim
}

/// As the first payer answers: lines in another order than the claim's, with X12 adjustments, CARIN's categories, or neither.
fn decision() -> Value {
    json!({
        "resourceType": "ClaimResponse", "id": "decided", "status": "active", "outcome": "complete", "use": "claim",
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "patient": {"identifier": {"value": "OTHER-M-1"}}, "created": "2026-03-10",
        "insurer": {"reference": "#other"},
        "item": [
            {"itemSequence": 2, "adjudication": [
                said(ADJUDICATION, "submitted", 5_000), said(ADJUDICATION, "eligible", 4_000), said(CARIN, "discount", 800),
                said(CARIN, "noncovered", 200), said(ADJUDICATION, "deductible", 1_000), said(ADJUDICATION, "benefit", 3_000),
            ]},
            {"itemSequence": 1, "adjudication": [
                said(ADJUDICATION, "submitted", 18_000), adjusted("CO", "45", 3_000), adjusted("PR", "2", 2_500),
                adjusted("OA", "253", 500), said(ADJUDICATION, "benefit", 12_000),
            ]},
            {"itemSequence": 3, "adjudication": [said(ADJUDICATION, "eligible", 0), said(ADJUDICATION, "benefit", 0)]},
        ],
        "total": [{"category": concept(ADJUDICATION, "benefit"), "amount": {"value": 150.0, "currency": "USD"}}],
    })
}

/// Allowed, paid and obligated of each line, in cents.
fn shares(claim: &Value) -> Result<Vec<[u64; 3]>, Problem> {
    let read = read_claim(claim, "USD")?.to_galen(true);
    let figures = |other: OtherPayer| {
        [other.allowed, other.paid, other.obligated()].map(|money| money.0.get())
    };
    let lines = read.lines.iter();
    Ok(lines
        .map(|line| figures(line.other_payer.expect("decided about")))
        .collect())
}

#[test]
fn what_another_payer_decided_is_read_from_its_response_or_explanation() {
    let expected = vec![[14_500, 12_000, 15_000], [4_000, 3_000, 4_200], [0, 0, 0]];
    let claim = secondary(decision());
    assert_eq!(shares(&claim), Ok(expected.clone()));

    // The explanation that it gives its member says the same.
    let mut explanation = decision();
    explanation["resourceType"] = json!("ExplanationOfBenefit");
    explanation["provider"] = json!({"identifier": {"value": "1234567893"}});
    explanation["insurance"] =
        json!([{"focal": true, "coverage": {"identifier": {"value": "OTHER-1"}}}]);
    for item in explanation["item"].as_array_mut().expect("items") {
        item["sequence"] = item["itemSequence"].clone();
        item["productOrService"] = concept("", "ANY");
        item["productOrService"]["coding"][0]
            .as_object_mut()
            .expect("a coding")
            .remove("system");
        item.as_object_mut()
            .expect("an item")
            .remove("itemSequence");
    }
    assert_eq!(shares(&secondary(explanation)), Ok(expected));

    // A payer that comes later has decided nothing yet, and the order of the list says nothing.
    let mut first = secondary(decision());
    first["insurance"].as_array_mut().expect("a list").reverse();
    assert!(shares(&first).is_ok());
    first["insurance"][1]["sequence"] = json!(3);
    first["insurance"][1]
        .as_object_mut()
        .expect("insurance")
        .remove("claimResponse");
    let read = read_claim(&first, "USD").expect("read").to_galen(true);
    assert!(read.lines.iter().all(|line| line.other_payer.is_none()));
}

#[test]
fn what_galen_writes_of_a_claim_is_taken_by_the_next_payer() {
    let items = [
        item(
            1,
            18_000,
            15_000,
            12_000,
            &[
                adjustment(Group::Contractual, 45, 3_000),
                adjustment(Group::Patient, 2, 3_000),
            ],
        ),
        item(2, 5_000, 0, 0, &[adjustment(Group::Patient, 204, 5_000)]),
        item(3, 3_500, 3_500, 3_500, &[]),
    ];
    let written = write_claim_response(&Adjudicated {
        items: items.to_vec(),
        charge: Cents::new(26_500),
        payment: None,
        ..adjudicated()
    });
    let mut written = written.expect("written");
    written["id"] = json!("decided");
    let expected = vec![
        [15_000, 12_000, 15_000],
        [0, 0, 5_000],
        [3_500, 3_500, 3_500],
    ];
    assert_eq!(shares(&secondary(written)), Ok(expected));
}

#[test]
fn another_payers_decision_is_refused_where_it_does_not_say_enough() {
    let with = |pointer: &str, value: Value| {
        let mut claim = secondary(decision());
        *claim.pointer_mut(pointer).expect(pointer) = value;
        claim
    };
    let without = |pointer: &str, name: &str| {
        let mut claim = secondary(decision());
        let object = claim
            .pointer_mut(pointer)
            .and_then(Value::as_object_mut)
            .expect(pointer);
        object.remove(name).expect(name);
        claim
    };
    let also = |name: &str, value: Value| {
        let mut claim = secondary(decision());
        claim["contained"][1][name] = value;
        claim
    };
    let mut twice = secondary(decision());
    let line = twice["contained"][1]["item"][0].clone();
    twice["contained"][1]["item"]
        .as_array_mut()
        .expect("items")
        .push(line);
    let mut two_before = secondary(decision());
    two_before["insurance"][1]["sequence"] = json!(3);
    let other =
        json!({"sequence": 2, "focal": false, "coverage": {"identifier": {"value": "OTHER-2"}}});
    two_before["insurance"]
        .as_array_mut()
        .expect("a list")
        .push(other);
    let first = "/contained/1/item/0/adjudication";
    for (claim, code, at) in [
        (
            without("/insurance/0", "claimResponse"),
            "prior_payer_missing",
            "Claim.insurance[0].claimResponse",
        ),
        (
            with(
                "/insurance/0/claimResponse/reference",
                json!("ClaimResponse/7"),
            ),
            "missing_reference",
            "Claim.insurance[0].claimResponse.reference",
        ),
        (
            with("/insurance/0/claimResponse/reference", json!("#gone")),
            "missing_reference",
            "Claim.insurance[0].claimResponse.reference",
        ),
        (
            with("/insurance/0/claimResponse/reference", json!("#other")),
            "unsupported",
            "Claim.contained[0]",
        ),
        (
            with("/insurance/0/sequence", json!(2)),
            "duplicate_sequence",
            "Claim.insurance[0].sequence",
        ),
        (
            with("/insurance/0/sequence", json!(3)),
            "unsupported",
            "Claim.insurance[0].claimResponse",
        ),
        (
            with("/insurance/0/focal", json!(true)),
            "unsupported",
            "Claim.insurance[1].focal",
        ),
        (
            with("/insurance/1/focal", json!(false)),
            "unsupported",
            "Claim.insurance[0].focal",
        ),
        (two_before, "unsupported", "Claim.insurance[2]"),
        (
            with("/contained/1/outcome", json!("queued")),
            "unsupported",
            "Claim.contained[1].outcome",
        ),
        (
            with("/contained/1/status", json!("cancelled")),
            "unsupported",
            "Claim.contained[1].status",
        ),
        (
            with("/contained/1/use", json!("predetermination")),
            "unsupported",
            "Claim.contained[1].use",
        ),
        (
            also("adjudication", json!([said(ADJUDICATION, "benefit", 1)])),
            "unsupported",
            "Claim.contained[1].adjudication[0]",
        ),
        (twice, "duplicate_sequence", "Claim.contained[1].item[3]"),
        (
            with("/contained/1/item/2/itemSequence", json!(4)),
            "prior_payer_missing",
            "Claim.contained[1].item",
        ),
        (
            with("/contained/1/total/0/amount/value", json!(150.01)),
            "sum_mismatch",
            "Claim.contained[1].total[0].amount.value",
        ),
        (
            with(
                &format!("{first}/0"),
                said(ADJUDICATION, "submitted", 5_001),
            ),
            "sum_mismatch",
            "Claim.contained[1].item[0].adjudication",
        ),
        (
            with(&format!("{first}/1"), said(ADJUDICATION, "eligible", 2_999)),
            "sum_mismatch",
            "Claim.contained[1].item[0].adjudication",
        ),
        (
            with(&format!("{first}/5"), said(ADJUDICATION, "eligible", 3_000)),
            "duplicate_sequence",
            "Claim.contained[1].item[0].adjudication[5]",
        ),
        (
            with(&format!("{first}/5"), said(CARIN, "priorpayerpaid", 3_000)),
            "unsupported",
            "Claim.contained[1].item[0].adjudication[5].category",
        ),
        (
            with(&format!("{first}/5/amount/currency"), json!("EUR")),
            "wrong_currency",
            "Claim.contained[1].item[0].adjudication[5].amount.currency",
        ),
        (
            with(&format!("{first}/5"), said(ADJUDICATION, "benefit", -1)),
            "negative_money",
            "Claim.contained[1].item[0].adjudication[5].amount.value",
        ),
        (
            without("/contained/1/item/1/adjudication/1", "reason"),
            "missing_field",
            "Claim.contained[1].item[1].adjudication[1].reason",
        ),
        (
            with(
                "/contained/1/item/1/adjudication/1",
                adjusted("CO", "45", 2_999),
            ),
            "sum_mismatch",
            "Claim.contained[1].item[1].adjudication",
        ),
        (
            with(
                "/contained/1/item/2/adjudication/1",
                said(ADJUDICATION, "copay", 0),
            ),
            "missing_field",
            "Claim.contained[1].item[2].adjudication",
        ),
    ] {
        let problem = shares(&claim).expect_err(at);
        assert_eq!(
            (problem.code.as_str(), problem.at.as_str()),
            (code, at),
            "{problem}"
        );
    }
}

#[test]
fn a_party_has_another_name_outside_the_document_that_contains_it() {
    let local = Party {
        reference: Some("#p".to_owned()),
        ..party("https://insurer.example/members", "M-4711")
    };
    let named = party("https://insurer.example/members", "M-4711");
    assert_eq!(local.elsewhere(), Some(named.clone()));
    assert_eq!(named.elsewhere(), Some(named.clone()));
    let absolute = Party {
        reference: Some("Patient/1".to_owned()),
        ..named
    };
    assert_eq!(absolute.elsewhere(), Some(absolute.clone()));
    let nameless = Party {
        system: None,
        value: None,
        ..local
    };
    assert_eq!(nameless.elsewhere(), None);
}

#[test]
fn a_denial_has_its_remark_beside_its_reason() {
    let mut claim = adjudicated();
    claim.items[1].adjustments = vec![LineAdjustment {
        remark: Remark::new("M77"),
        ..adjustment(Group::Contractual, 16, 3_500)
    }];
    let response = write_claim_response(&claim).expect("written");
    let reason = "/item/1/adjudication/2/reason";
    assert_eq!(
        response.pointer(reason),
        Some(&json!({"coding": [
            {"system": "https://x12.org/codes/claim-adjustment-reason-codes", "code": "16"},
            {"system": "https://x12.org/codes/remittance-advice-remark-codes", "code": "M77"},
        ]}))
    );
    assert_eq!(
        read_claim_response(&response).expect("read"),
        without_services(&claim)
    );
    let explanation = write_explanation(&claim).expect("written");
    assert_eq!(read_explanation(&explanation).expect("read"), claim);
    // One remark, of that system and form.
    let coding = |system: &str, code: &str| json!({"system": format!("https://x12.org/codes/{system}"), "code": code});
    let carc = coding("claim-adjustment-reason-codes", "16");
    let remark = |code: &str| coding("remittance-advice-remark-codes", code);
    for (codings, code, at) in [
        (json!([carc, carc]), "unsupported", "coding[1]"),
        (
            json!([carc, remark("M77"), remark("N4")]),
            "unsupported",
            "coding[2]",
        ),
        (
            json!([carc, remark("77")]),
            "invalid_value",
            "coding[1].code",
        ),
        (json!([remark("M77")]), "unsupported", "coding[0].system"),
    ] {
        let changed = with(&response, reason, json!({"coding": codings}));
        let problem = read_claim_response(&changed).expect_err("refused");
        let at = format!("ClaimResponse.item[1].adjudication[2].reason.{at}");
        assert_eq!(
            (problem.code.as_str(), problem.at),
            (code, at),
            "{changed:#}"
        );
    }
}
