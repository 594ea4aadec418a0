//! `galen member coverage`: what an insurer's answer about a coverage says, in words and in JSON.

mod common;

use common::{code, error, text, World};
use serde_json::{json, Value};

fn concept(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]})
}

fn usd(cents: u64) -> Value {
    let value = format!("{}.{:02}", cents / 100, cents % 100);
    json!({"value": value.parse::<serde_json::Number>().expect("a number"), "currency": "USD"})
}

/// An answer as Galen writes it, and a service by another's codes.
fn answer() -> Value {
    json!({
        "resourceType": "CoverageEligibilityResponse", "status": "active", "purpose": ["benefits", "auth-requirements"],
        "patient": {"identifier": {"value": "M-4711"}}, "servicedPeriod": {"start": "2026-03-02", "end": "2026-03-04"},
        "created": "2026-03-01T10:00:00Z", "request": {"identifier": {"system": "https://clinic.example", "value": "E-1"}},
        "outcome": "complete", "disposition": "In force.", "insurer": {"identifier": {"value": "INSURER"}},
        "insurance": [{
            "coverage": {"identifier": {"value": "P-1"}}, "inforce": true,
            "benefitPeriod": {"start": "2026-01-01", "end": "2026-12-31"},
            "item": [
                {
                    "category": concept("ex-benefitcategory", "30"), "network": concept("benefit-network", "in"),
                    "unit": concept("benefit-unit", "individual"), "term": concept("benefit-term", "annual"),
                    "benefit": [
                        {"type": concept("benefit-type", "deductible"), "allowedMoney": usd(15_000), "usedMoney": usd(4_050)},
                        {"type": concept("benefit-type", "copay-maximum"), "allowedMoney": usd(300_000), "usedMoney": usd(300_001)},
                        {"type": {"text": "visits"}, "allowedUnsignedInt": 12, "usedUnsignedInt": 5},
                    ],
                },
                {
                    "productOrService": {"coding": [{"code": "97110"}, {"system": "https://other.example", "code": "PT"}]},
                    "modifier": [{"coding": [{"code": "GP"}]}], "excluded": false, "authorizationRequired": true,
                    "benefit": [{"type": concept("benefit-type", "copay-percent"), "allowedString": "12.50%"}],
                },
            ],
        }],
    })
}

fn read(world: &World, document: &Value) -> (i32, Value) {
    world.run(&[
        "member",
        "coverage",
        &text(&world.json("answer.json", document)),
    ])
}

#[test]
fn it_says_what_is_in_force_met_and_left() {
    let world = World::new();
    let (exit, says) = read(&world, &answer());
    assert_eq!(
        (exit, &says["in_force"], &says["outcome"]),
        (0, &json!(true), &json!("complete")),
        "{says:#}"
    );
    assert_eq!(says["request"], "https://clinic.example|E-1");
    assert_eq!(
        says["serviced"],
        json!({"from": "2026-03-02", "to": "2026-03-04"})
    );
    assert_eq!(says["currency"], "USD");
    let coverage = &says["coverages"][0];
    assert_eq!(
        (&coverage["coverage"], &coverage["period"]["to"]),
        (&json!("P-1"), &json!("2026-12-31"))
    );
    let [whole, therapy] = [0, 1].map(|index| &coverage["items"][index]);
    assert_eq!(
        whole["benefits"],
        json!([
            {"kind": "deductible", "allowed": {"cents": 15_000}, "used": {"cents": 4_050}, "left": {"cents": 10_950}},
            {"kind": "copay-maximum", "allowed": {"cents": 300_000}, "used": {"cents": 300_001}, "left": {"cents": 0}},
            {"kind": "visits", "allowed": {"number": 12}, "used": {"number": 5}, "left": {"number": 7}},
        ])
    );
    assert_eq!(
        [&whole["network"], &whole["unit"], &whole["term"]],
        ["in", "individual", "annual"]
    );
    assert_eq!(
        (&whole["category"]["code"], &whole["service"]),
        (&json!("30"), &Value::Null)
    );
    assert_eq!(
        (&therapy["service"]["code"], &therapy["modifiers"]),
        (&json!("97110"), &json!(["GP"]))
    );
    assert_eq!(
        (&therapy["excluded"], &therapy["authorization_required"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        therapy["benefits"],
        json!([{"kind": "copay-percent", "allowed": {"text": "12.50%"}, "used": null, "left": null}])
    );

    let file = text(&world.path("answer.json"));
    let output = world
        .galen()
        .args(["member", "coverage", &file])
        .output()
        .expect("run");
    let told = String::from_utf8(output.stdout).expect("text");
    for words in [
        "Coverage P-1 is in force from 2026-03-02 to 2026-03-04",
        "109.50",
        "40.50",
        "12.50%",
        "needed",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn no_is_an_answer_too() {
    let world = World::new();
    type Change = fn(&mut Value);
    let cases: [(Change, &str, Value); 5] = [
        (
            |one| one["insurance"][0]["inforce"] = json!(false),
            "/coverages/0/in_force",
            json!(false),
        ),
        (
            |one| {
                one["insurance"][0]
                    .as_object_mut()
                    .expect("an object")
                    .remove("inforce");
            },
            "/coverages/0/in_force",
            json!(null),
        ),
        (
            |one| {
                one.as_object_mut().expect("an object").remove("insurance");
            },
            "/coverages",
            json!([]),
        ),
        (
            |one| {
                one["outcome"] = json!("error");
                one["error"] = json!([{"code": concept("adjudication-error", "a001")}, {"code": {"text": "Unknown member."}}]);
            },
            "/errors/1",
            json!({"system": null, "code": "Unknown member."}),
        ),
        (
            |one| one["outcome"] = json!("queued"),
            "/outcome",
            json!("queued"),
        ),
    ];
    for (change, at, wanted) in cases {
        let mut document = answer();
        change(&mut document);
        let (exit, says) = read(&world, &document);
        assert_eq!(
            (exit, &says["in_force"], says.pointer(at)),
            (1, &json!(false), Some(&wanted)),
            "{says:#}"
        );
    }
    let mut document = answer();
    document["outcome"] = json!("error");
    document["error"] = json!([{"code": {"text": "Unknown member."}}]);
    let file = text(&world.json("error.json", &document));
    let output = world
        .galen()
        .args(["member", "coverage", &file])
        .output()
        .expect("run");
    assert_eq!(code(&output), 1);
    assert!(String::from_utf8_lossy(&output.stdout).contains("Error: Unknown member."));
}

#[test]
fn malformed_answers_are_refused_by_path() {
    let world = World::new();
    const ITEM: &str = "CoverageEligibilityResponse.insurance[0].item";
    let changed = |pointer: &str, value: Value| {
        let mut document = answer();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = document
            .pointer_mut(parent)
            .expect(pointer)
            .as_object_mut()
            .expect("an object");
        match value {
            Value::Null => parent.remove(name),
            value => parent.insert(name.to_owned(), value),
        };
        document
    };
    let money = "/insurance/0/item/0/benefit/1/usedMoney";
    for (pointer, value, code, at) in [
        (
            "/resourceType",
            json!("Claim"),
            "unsupported_resource",
            "resourceType".to_owned(),
        ),
        (
            "/status",
            json!("cancelled"),
            "unsupported",
            "CoverageEligibilityResponse.status".to_owned(),
        ),
        (
            "/outcome",
            json!("paid"),
            "invalid_value",
            "CoverageEligibilityResponse.outcome".to_owned(),
        ),
        (
            "/purpose",
            json!(["gossip"]),
            "invalid_value",
            "CoverageEligibilityResponse.purpose".to_owned(),
        ),
        (
            "/insurer",
            Value::Null,
            "missing_field",
            "CoverageEligibilityResponse.insurer".to_owned(),
        ),
        (
            "/patient",
            json!({"reference": "#p"}),
            "missing_reference",
            "CoverageEligibilityResponse.patient.reference".to_owned(),
        ),
        (
            "/event",
            json!([]),
            "unknown_field",
            "CoverageEligibilityResponse.event".to_owned(),
        ),
        (
            "/modifierExtension",
            json!([{"url": "https://x.example", "valueBoolean": true}]),
            "unsupported",
            "CoverageEligibilityResponse.modifierExtension[0]".to_owned(),
        ),
        (
            "/servicedPeriod",
            json!({"start": "2026-03-02", "end": "2026-03-01"}),
            "invalid_date",
            "CoverageEligibilityResponse.servicedPeriod.end".to_owned(),
        ),
        (
            "/error",
            json!([{"code": {"coding": []}}]),
            "unknown_field",
            "CoverageEligibilityResponse.error[0].code.coding".to_owned(),
        ),
        (
            "/insurance/0/coverage",
            json!({"display": "x"}),
            "missing_reference",
            "CoverageEligibilityResponse.insurance[0].coverage".to_owned(),
        ),
        (
            "/insurance/0/item/1/category",
            concept("ex-benefitcategory", "30"),
            "invalid_value",
            format!("{ITEM}[1]"),
        ),
        (
            "/insurance/0/item/0/category",
            Value::Null,
            "invalid_value",
            format!("{ITEM}[0]"),
        ),
        (
            "/insurance/0/item/0/unit",
            json!({"coding": [{"system": "https://x.example"}]}),
            "missing_field",
            format!("{ITEM}[0].unit.coding[0].code"),
        ),
        (
            money,
            json!({"value": -1, "currency": "USD"}),
            "negative_money",
            format!("{ITEM}[0].benefit[1].usedMoney.value"),
        ),
        (
            money,
            json!({"value": 1.005, "currency": "USD"}),
            "too_many_decimals",
            format!("{ITEM}[0].benefit[1].usedMoney.value"),
        ),
        (
            money,
            json!({"value": 1, "currency": "EUR"}),
            "wrong_currency",
            format!("{ITEM}[0].benefit[1].usedMoney.currency"),
        ),
        (
            money,
            json!({"value": 1}),
            "missing_field",
            format!("{ITEM}[0].benefit[1].usedMoney.currency"),
        ),
    ] {
        let (exit, says) = read(&world, &changed(pointer, value));
        assert_eq!(
            (exit, error(&says)),
            (1, (code.to_owned(), at)),
            "{pointer}: {says:#}"
        );
    }
    let file = text(&world.write("answer.json", "{\"a\": 1, \"a\": 2}"));
    let (exit, says) = world.run(&["member", "coverage", &file]);
    assert_eq!((exit, error(&says).0.as_str()), (1, "duplicate_key"));
}
