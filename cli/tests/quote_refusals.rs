//! Bad documents: each refusal has its code and its place, exit code 1, and nothing else on stdout.

mod common;

use common::{error, sample, text, World};
use serde_json::{json, Value};

/// A document with the value at a JSON pointer replaced, or taken out where the new one is null and `remove` says so.
fn with(document: &Value, pointer: &str, value: Value) -> Value {
    let mut document = document.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect(pointer) {
        Value::Object(entries) => {
            entries.insert(name.to_owned(), value);
        }
        Value::Array(items) => match name.parse::<usize>() {
            Ok(index) => items[index] = value,
            Err(_) => items.push(value),
        },
        _ => panic!("{pointer}"),
    }
    document
}

/// A payee of this type, as FHIR codes them.
fn payee(code: &str) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/payeetype";
    json!({ "type": { "coding": [{ "system": system, "code": code }] } })
}

fn without(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    document
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .expect(pointer)
        .remove(name)
        .expect(pointer);
    document
}

fn lines(count: usize) -> Value {
    let lines: Vec<Value> = (0..count)
        .map(|index| json!({ "code": "G0463", "charge": 100 + index }))
        .collect();
    json!({ "service_date": "2026-03-02", "submitted": "2026-03-05", "lines": lines })
}

#[test]
fn claims() {
    let world = World::new();
    let (plan, claim) = (sample("plan.json"), sample("claim.json"));
    let other = |paid: u64, allowed: u64, obligated: u64| {
        with(
            &claim,
            "/lines/0/other_payer",
            json!({ "paid": paid, "allowed": allowed, "obligated": obligated }),
        )
    };
    let cases = [
        (
            with(&claim, "/lines/2/charge", json!(-1)),
            "negative_money",
            "lines[2].charge",
        ),
        (
            with(&claim, "/lines/2/charge", json!(12.5)),
            "wrong_type",
            "lines[2].charge",
        ),
        (
            with(&claim, "/lines/2/charge", json!("3500")),
            "wrong_type",
            "lines[2].charge",
        ),
        (
            with(&claim, "/lines/0/charge", json!(u64::MAX)),
            "money_too_large",
            "lines[1].charge",
        ),
        (
            with(&claim, "/lines/1/units", json!(0)),
            "no_units",
            "lines[1].units",
        ),
        (
            with(&claim, "/lines/1/units", json!(-4)),
            "negative",
            "lines[1].units",
        ),
        (
            with(&claim, "/lines/1/code", json!(" ")),
            "empty_value",
            "lines[1].code",
        ),
        (
            without(&claim, "/lines/1/code"),
            "missing_field",
            "lines[1].code",
        ),
        (
            without(&claim, "/lines/1/charge"),
            "missing_field",
            "lines[1].charge",
        ),
        (
            with(&claim, "/lines/1/note", json!("x")),
            "unknown_field",
            "lines[1].note",
        ),
        (
            with(&claim, "/patient", json!("x")),
            "unknown_field",
            "patient",
        ),
        (
            with(&claim, "/service_date", json!("2026-02-30")),
            "invalid_date",
            "service_date",
        ),
        (
            with(&claim, "/submitted", json!("2026-3-5")),
            "invalid_date",
            "submitted",
        ),
        (
            with(&claim, "/lines/0/service_date", json!("2025-02-29")),
            "invalid_date",
            "lines[0].service_date",
        ),
        (
            with(&claim, "/lines/1/service_date", json!("2025-12-31")),
            "spans_benefit_periods",
            "lines[1].service_date",
        ),
        (
            without(&claim, "/service_date"),
            "missing_field",
            "lines[0].service_date",
        ),
        (
            with(&claim, "/in_network", json!("yes")),
            "wrong_type",
            "in_network",
        ),
        (with(&claim, "/lines", json!([])), "no_lines", "lines"),
        (without(&claim, "/lines"), "missing_field", "lines"),
        (lines(17), "too_many_lines", "lines[16]"),
        (other(2, 1, 3), "sum_mismatch", "lines[0].other_payer.paid"),
        (
            other(1, 3, 2),
            "sum_mismatch",
            "lines[0].other_payer.allowed",
        ),
        (
            other(1, 2, 18_001),
            "sum_mismatch",
            "lines[0].other_payer.obligated",
        ),
        (
            with(&claim, "/lines/0/modifiers", json!(["R"])),
            "invalid_value",
            "lines[0].modifiers[0]",
        ),
        (
            with(&claim, "/lines/0/service_to", json!("2026-03-01")),
            "invalid_date",
            "lines[0].service_to",
        ),
        (
            with(&claim, "/lines/0/service_to", json!("2027-01-01")),
            "spans_benefit_periods",
            "lines[0].service_date",
        ),
        (
            with(&claim, "/lines/0/review", json!("fine")),
            "unknown_value",
            "lines[0].review",
        ),
        (
            with(&claim, "/diagnoses", json!(["E11.9", " "])),
            "empty_value",
            "diagnoses[1]",
        ),
        (with(&claim, "/payer", json!("")), "empty_value", "payer"),
        (
            with(
                &claim,
                "/filing_exception",
                json!({ "ground": "forgotten", "notified": "2026-07-15" }),
            ),
            "unknown_value",
            "filing_exception.ground",
        ),
        (
            with(
                &claim,
                "/filing_exception",
                json!({ "ground": "administrative_error" }),
            ),
            "missing_field",
            "filing_exception.notified",
        ),
    ];
    for (claim, code, at) in cases {
        assert_eq!(
            world.refused(&plan, &claim, None),
            (code.to_owned(), at.to_owned()),
            "{claim:#}"
        );
    }
    // Negative is refused; nothing charged is a service reported for the record.
    let free = world.quoted(&plan, &with(&claim, "/lines/0/charge", json!(0)), None);
    assert_eq!(
        (&free["lines"][0]["adjustments"], &free["lines"][0]["paid"]),
        (&json!([]), &json!(0))
    );
    let sixteen = world.quoted(&plan, &lines(16), None);
    assert_eq!(sixteen["lines"].as_array().map(Vec::len), Some(16));
}

#[test]
fn plans() {
    let world = World::new();
    let (plan, claim) = (sample("plan.json"), sample("claim.json"));
    let tiers = |tiers: Value| with(&plan, "/tiers", tiers);
    let cases = [
        (
            with(&plan, "/deductible/individual", json!(-1)),
            "negative_money",
            "deductible.individual",
        ),
        (
            with(&plan, "/deductible/each", json!(0)),
            "unknown_field",
            "deductible.each",
        ),
        (
            with(&plan, "/coinsurance_bps", json!(10_001)),
            "number_too_large",
            "coinsurance_bps",
        ),
        (
            with(&plan, "/coinsurance_bps", json!(-1)),
            "negative",
            "coinsurance_bps",
        ),
        (
            with(&plan, "/cost_share_order", json!("random")),
            "unknown_value",
            "cost_share_order",
        ),
        (
            with(&plan, "/coordination", json!("none")),
            "unknown_value",
            "coordination",
        ),
        (
            with(&plan, "/currency", json!("dollars")),
            "invalid_value",
            "currency",
        ),
        (
            with(&plan, "/out_of_network", json!("pay")),
            "unknown_value",
            "out_of_network",
        ),
        (
            with(
                &plan,
                "/out_of_network",
                json!({ "coinsurance_bps": 4000, "copay": 1 }),
            ),
            "unknown_field",
            "out_of_network.copay",
        ),
        (
            with(
                &plan,
                "/out_of_network",
                json!({ "deductible": { "family": -1 } }),
            ),
            "negative_money",
            "out_of_network.deductible.family",
        ),
        (
            with(&plan, "/categories/drugs/period", json!("month")),
            "unknown_value",
            "categories.drugs.period",
        ),
        (
            with(&plan, "/benefits/1/code", json!("G0463")),
            "duplicate_code",
            "benefits[1].code",
        ),
        (
            with(&plan, "/benefits/1/allowed", json!(-5)),
            "negative_money",
            "benefits[1].allowed",
        ),
        (
            without(&plan, "/benefits/0/allowed"),
            "missing_field",
            "benefits[0].allowed",
        ),
        (
            with(&plan, "/benefits/0/effective_from", json!("2026-02-31")),
            "invalid_date",
            "benefits[0].effective_from",
        ),
        (
            with(&plan, "/benefits", json!([])),
            "no_benefits",
            "benefits",
        ),
        (without(&plan, "/benefits"), "missing_field", "benefits"),
        (tiers(json!([])), "invalid_value", "tiers"),
        (
            tiers(json!([{ "up_to": 100, "coinsurance_bps": 0 }])),
            "tiers_not_ascending",
            "tiers[0].up_to",
        ),
        (
            tiers(
                json!([{ "up_to": 100, "coinsurance_bps": 0 }, { "up_to": 100, "coinsurance_bps": 0 }, { "coinsurance_bps": 0 }]),
            ),
            "tiers_not_ascending",
            "tiers[1].up_to",
        ),
        (
            tiers(
                json!([{ "up_to": null, "coinsurance_bps": 0 }, { "up_to": null, "coinsurance_bps": 0 }]),
            ),
            "tiers_not_ascending",
            "tiers[0].up_to",
        ),
        (
            with(&plan, "/places", json!(["11"])),
            "unknown_field",
            "places",
        ),
        (
            with(&plan, "/benefits/0/places", json!([])),
            "invalid_value",
            "benefits[0].places",
        ),
        (
            with(&plan, "/benefits/0/ages", json!({ "from": 18, "to": 17 })),
            "inconsistent",
            "benefits[0].ages.to",
        ),
        (
            with(
                &plan,
                "/benefits/0/units_per_day",
                json!({ "max": 2, "indicator": 4 }),
            ),
            "unknown_value",
            "benefits[0].units_per_day.indicator",
        ),
        (
            with(
                &plan,
                "/information",
                json!([{ "name": "onset", "remark": "onset" }]),
            ),
            "invalid_value",
            "information[0].remark",
        ),
        (
            with(&plan, "/diagnoses", json!([])),
            "invalid_value",
            "diagnoses",
        ),
        (
            with(
                &plan,
                "/diagnoses",
                json!([{ "code": "E11.9", "effective_from": "2026-03-02", "effective_to": "2026-03-01" }]),
            ),
            "invalid_date",
            "diagnoses[0].effective_to",
        ),
        (
            with(
                &plan,
                "/bundles",
                json!([{ "column_one": "A", "column_two": "B", "indicator": 2 }]),
            ),
            "unknown_value",
            "bundles[0].indicator",
        ),
        (
            with(
                &plan,
                "/bundles",
                json!([{ "column_one": "A", "column_two": "A", "indicator": 0 }]),
            ),
            "inconsistent",
            "bundles[0]",
        ),
        (
            with(
                &plan,
                "/bundles",
                json!([
                    { "column_one": "X", "column_two": "A", "indicator": 0 },
                    { "column_one": "A", "column_two": "B", "indicator": 0 },
                    { "column_one": "B", "column_two": "C", "indicator": 0 },
                    { "column_one": "C", "column_two": "A", "indicator": 0 },
                ]),
            ),
            "inconsistent",
            "bundles[1]",
        ),
        (
            with(&plan, "/dependents", json!({ "": { "to_age": 25 } })),
            "empty_value",
            "dependents",
        ),
    ];
    for (plan, code, at) in cases {
        assert_eq!(
            world.refused(&plan, &claim, None),
            (code.to_owned(), at.to_owned()),
            "{plan:#}"
        );
    }
}

#[test]
fn members() {
    let world = World::new();
    let (plan, claim, member) = (
        sample("plan.json"),
        sample("claim.json"),
        sample("member.json"),
    );
    let cases = [
        (
            with(&member, "/annual_used", json!(-1)),
            "negative_money",
            "annual_used",
        ),
        (
            with(&member, "/covered_from", json!("2026-00-01")),
            "invalid_date",
            "covered_from",
        ),
        (
            with(&member, "/covered_to", json!("2024-12-31")),
            "invalid_date",
            "covered_to",
        ),
        (with(&member, "/name", json!("x")), "unknown_field", "name"),
        (
            with(
                &member,
                "/lapses",
                json!([{}, { "from": "2026-02-02", "to": "2026-02-01" }]),
            ),
            "invalid_date",
            "lapses[1].to",
        ),
        (
            with(
                &with(&member, "/birth_date", json!("2000-01-01")),
                "/death_date",
                json!("1999-12-31"),
            ),
            "invalid_date",
            "death_date",
        ),
        (
            with(
                &member,
                "/authorizations",
                json!([{ "number": "A-1", "units": 2, "used": 3 }]),
            ),
            "sum_mismatch",
            "authorizations[0].used",
        ),
        (
            with(
                &member,
                "/authorizations",
                json!([{ "number": "A-1" }, { "number": "A-1", "code": "A" }, { "number": "A-1" }]),
            ),
            "inconsistent",
            "authorizations[2].number",
        ),
        (
            with(
                &member,
                "/history/-",
                json!({ "code": "A", "service_date": "2026-03-01", "units": 0 }),
            ),
            "no_units",
            "history[0].units",
        ),
        (
            with(&member, "/deductible_used/total", json!(1)),
            "unknown_field",
            "deductible_used.total",
        ),
        (
            with(&member, "/category_used/drugs", json!(-1)),
            "negative_money",
            "category_used.drugs",
        ),
        (
            with(&member, "/history/-", json!({ "code": "A" })),
            "missing_field",
            "history[0].service_date",
        ),
        (
            with(
                &member,
                "/history/-",
                json!({ "code": "A", "service_date": "2026-04-31" }),
            ),
            "invalid_date",
            "history[0].service_date",
        ),
        (
            with(
                &member,
                "/history/-",
                json!({ "code": "A", "service_date": "2026-03-02", "service_to": "2026-03-01" }),
            ),
            "invalid_date",
            "history[0].service_to",
        ),
        (
            with(&member, "/deductible_used/individual", json!(u64::MAX)),
            "money_too_large",
            "lines[0].charge",
        ),
    ];
    for (member, code, at) in cases {
        // The deductible has to grow for its overflow to show.
        let plan = if code == "money_too_large" {
            with(&plan, "/out_of_pocket_max", json!({}))
        } else {
            plan.clone()
        };
        let member = if code == "money_too_large" {
            with(&member, "/out_of_pocket_used/individual", json!(u64::MAX))
        } else {
            member
        };
        assert_eq!(
            world.refused(&plan, &claim, Some(&member)),
            (code.to_owned(), at.to_owned()),
            "{member:#}"
        );
    }
}

#[test]
fn fhir_documents() {
    let world = World::new();
    let (plan, claim) = (sample("plan.json"), sample("visit.fhir.json"));
    let usd = |value: Value| json!({ "value": value, "currency": "USD" });
    let money = |digits: &str| -> Value { usd(serde_json::from_str(digits).expect("a number")) };
    let cases = [
        (
            with(&claim, "/resourceType", json!("Patient")),
            "unsupported_resource",
            "resourceType",
        ),
        (
            with(&claim, "/item/1/net", money("-1.00")),
            "negative_money",
            "Claim.item[1].net.value",
        ),
        (
            with(&claim, "/item/1/net", money("50.001")),
            "too_many_decimals",
            "Claim.item[1].net.value",
        ),
        (
            with(&claim, "/item/1/net", money("49.99")),
            "sum_mismatch",
            "Claim.item[1].net.value",
        ),
        (
            with(&claim, "/item/1/net", money("1e2")),
            "invalid_value",
            "Claim.item[1].net.value",
        ),
        (
            with(&claim, "/item/1/net/currency", json!("EUR")),
            "wrong_currency",
            "Claim.item[1].net.currency",
        ),
        (
            without(&claim, "/item/1/net/currency"),
            "missing_field",
            "Claim.item[1].net.currency",
        ),
        (
            without(&claim, "/item/0/net"),
            "missing_field",
            "Claim.item[0].net",
        ),
        (
            without(&claim, "/item/0/net/value"),
            "missing_field",
            "Claim.item[0].net.value",
        ),
        (
            with(&claim, "/item/1/unitPrice/value", json!(-12)),
            "negative_money",
            "Claim.item[1].unitPrice.value",
        ),
        (
            with(&claim, "/total", money("264.99")),
            "sum_mismatch",
            "Claim.total.value",
        ),
        (
            with(&claim, "/total/currency", json!("EUR")),
            "wrong_currency",
            "Claim.total.currency",
        ),
        (
            with(&claim, "/item/1/sequence", json!(0)),
            "invalid_value",
            "Claim.item[1].sequence",
        ),
        (
            with(&claim, "/item/1/diagnosisSequence", json!([1, 0])),
            "invalid_value",
            "Claim.item[1].diagnosisSequence[1]",
        ),
        (
            with(&claim, "/item/1/quantity/code", json!("mg")),
            "missing_field",
            "Claim.item[1].quantity.system",
        ),
        (
            with(&claim, "/item/1/quantity/value", json!(0)),
            "invalid_value",
            "Claim.item[1].quantity.value",
        ),
        (
            with(
                &claim,
                "/item/1/quantity/value",
                serde_json::from_str("2.5").expect("a number"),
            ),
            "invalid_value",
            "Claim.item[1].quantity.value",
        ),
        (
            with(&claim, "/item/0/servicedDate", json!("2026-02-30")),
            "invalid_date",
            "Claim.item[0].servicedDate",
        ),
        (
            with(&claim, "/item/0/servicedDate", json!("2026-03")),
            "invalid_date",
            "Claim.item[0].servicedDate",
        ),
        (
            with(&claim, "/item/0/servicedDate", json!("2026-03-03")),
            "invalid_date",
            "Claim.item[0].servicedDate",
        ),
        (
            with(&claim, "/created", json!("yesterday")),
            "invalid_date",
            "Claim.created",
        ),
        (
            with(&claim, "/billablePeriod/end", json!("2026-03-01")),
            "invalid_date",
            "Claim.billablePeriod.end",
        ),
        (with(&claim, "/item", json!([])), "no_lines", "Claim.item"),
        (without(&claim, "/item"), "no_lines", "Claim.item"),
        (
            without(&claim, "/provider"),
            "missing_field",
            "Claim.provider",
        ),
        (
            without(&claim, "/created"),
            "missing_field",
            "Claim.created",
        ),
        (
            without(&claim, "/insurance"),
            "missing_field",
            "Claim.insurance",
        ),
        (
            without(&claim, "/item/0/productOrService"),
            "missing_field",
            "Claim.item[0].productOrService",
        ),
        (
            with(
                &claim,
                "/item/0/productOrService",
                json!({ "text": "visit" }),
            ),
            "missing_field",
            "Claim.item[0].productOrService.coding[0].code",
        ),
        (
            with(&claim, "/patient", json!({ "display": "somebody" })),
            "missing_reference",
            "Claim.patient",
        ),
        (
            with(&claim, "/provider", json!({ "reference": "#clinic" })),
            "missing_reference",
            "Claim.provider.reference",
        ),
        (
            with(&claim, "/item/0/diagnosisSequence", json!([2])),
            "missing_reference",
            "Claim.item[0].diagnosisSequence[0]",
        ),
        (
            with(&claim, "/item/1/sequence", json!(1)),
            "duplicate_sequence",
            "Claim.item[1].sequence",
        ),
        (
            with(&claim, "/status", json!("draft")),
            "unsupported",
            "Claim.status",
        ),
        (
            with(&claim, "/use", json!("preauthorization")),
            "unsupported",
            "Claim.use",
        ),
        (
            with(&claim, "/implicitRules", json!("https://rules.example")),
            "unsupported",
            "Claim.implicitRules",
        ),
        (
            with(
                &claim,
                "/modifierExtension",
                json!([{ "url": "https://x.example", "valueBoolean": true }]),
            ),
            "unsupported",
            "Claim.modifierExtension[0]",
        ),
        (
            with(
                &claim,
                "/related",
                json!([{ "claim": { "reference": "Claim/1" } }]),
            ),
            "unsupported",
            "Claim.related[0]",
        ),
        // The patient has paid, and asks for it; or somebody else is to be paid in the provider's name.
        (
            with(&claim, "/payee", payee("subscriber")),
            "unsupported",
            "Claim.payee",
        ),
        (
            with(
                &claim,
                "/payee",
                json!({ "type": { "text": "the provider" } }),
            ),
            "unsupported",
            "Claim.payee",
        ),
        (
            with(
                &with(&claim, "/payee", payee("provider")),
                "/payee/party",
                json!({ "reference": "Organization/of-somebody-else" }),
            ),
            "unsupported",
            "Claim.payee",
        ),
        (
            with(
                &claim,
                "/insurance/0/businessArrangement",
                json!("capitated"),
            ),
            "unsupported",
            "Claim.insurance[0].businessArrangement",
        ),
        (
            with(&claim, "/insurance/-", claim["insurance"][0].clone()),
            "unsupported",
            "Claim.insurance[1].focal",
        ),
        (
            with(
                &claim,
                "/meta",
                json!({ "profile": ["http://hl7.org/fhir/StructureDefinition/Claim|5.0.0"] }),
            ),
            "unsupported_version",
            "Claim.meta.profile[0]",
        ),
        // R5 has this element, R4 has not; the library alone would skip it.
        (
            with(
                &claim,
                "/item/0/productOrServiceEnd",
                json!({ "text": "x" }),
            ),
            "unknown_field",
            "Claim.item[0].productOrServiceEnd",
        ),
        (
            with(&claim, "/item/0/net/vat", json!(1)),
            "unknown_field",
            "Claim.item[0].net.vat",
        ),
        (
            with(&claim, "/fhirVersion", json!("9.9")),
            "unknown_field",
            "Claim.fhirVersion",
        ),
        (
            with(
                &claim,
                "/item/0/modifier",
                json!([{ "coding": [{ "code": "right" }] }]),
            ),
            "invalid_value",
            "Claim.item[0].modifier[0].coding[0].code",
        ),
        (
            with(&claim, "/item/0/sequence", json!("one")),
            "wrong_type",
            "Claim.item[0].sequence",
        ),
    ];
    for (claim, code, at) in cases {
        assert_eq!(
            world.refused(&plan, &claim, None),
            (code.to_owned(), at.to_owned()),
            "{claim:#}"
        );
    }
    // As good as none.
    world.quoted(&plan, &with(&claim, "/payee", payee("provider")), None);
    let contained = with(
        &with(
            &claim,
            "/contained",
            json!([{ "resourceType": "Organization", "id": "clinic" }]),
        ),
        "/provider",
        json!({ "reference": "#clinic" }),
    );
    world.quoted(&plan, &contained, None);
    let seventeen: Vec<Value> = (1..=17)
        .map(|sequence| with(&claim["item"][0], "/sequence", json!(sequence)))
        .collect();
    assert_eq!(
        world
            .refused(&plan, &with(&claim, "/item", json!(seventeen)), None)
            .0,
        "too_many_lines"
    );
}

#[test]
fn files_and_json() {
    let world = World::new();
    let plan = text(&world.json("plan.json", &sample("plan.json")));
    let deep = "[".repeat(100_000);
    for (name, content, code, at) in [
        ("empty", "", "invalid_json", ""),
        ("cut", "{\"lines\": [", "invalid_json", ""),
        (
            "twice",
            r#"{"service_date":"2026-03-02","lines":[{"code":"A","charge":1,"charge":2}]}"#,
            "duplicate_key",
            "lines[0].charge",
        ),
        (
            "twice-fhir",
            r#"{"resourceType":"Claim","status":"active","status":"draft"}"#,
            "duplicate_key",
            "status",
        ),
        (
            "huge",
            r#"{"service_date":"2026-03-02","lines":[{"code":"A","charge":99999999999999999999999999}]}"#,
            "number_too_large",
            "lines[0].charge",
        ),
        ("bom", "\u{feff}{}", "invalid_encoding", ""),
        ("deep", deep.as_str(), "invalid_json", ""),
        ("list", "[]", "wrong_type", ""),
    ] {
        let claim = text(&world.write(name, content));
        let (exit, answer) = world.run(&["claim", "quote", "--plan", &plan, "--claim", &claim]);
        assert_eq!(
            (exit, error(&answer)),
            (1, (code.to_owned(), at.to_owned())),
            "{name}"
        );
    }
    std::fs::write(world.path("latin1"), b"{\"code\": \"\xe9\"}").expect("written");
    let (_, answer) = world.run(&["claim", "quote", "--plan", &plan, "--claim", "latin1"]);
    assert_eq!(error(&answer).0, "invalid_encoding");
    let (_, answer) = world.run(&["claim", "quote", "--plan", &plan, "--claim", "nowhere.json"]);
    assert_eq!(error(&answer).0, "file_missing");
    let (_, answer) = world.run(&["claim", "quote", "--plan", &plan, "--claim", "."]);
    assert_eq!(error(&answer).0, "file_unreadable");
}
