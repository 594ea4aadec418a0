//! Worked examples from public sources, as documents for the real binary. The figures are the sources'; where they are
//! published is said at each.

mod common;

use common::World;
use serde_json::{json, Value};

/// What a published example gives of one line.
struct Example {
    id: &'static str,
    plan: Value,
    /// Deductible used and out of pocket used before.
    member: Value,
    charge: u64,
    allowed: u64,
    paid: u64,
    patient: u64,
}

fn plan(extra: Value, fee: u64) -> Value {
    let mut plan = json!({ "benefits": [{ "code": "A", "allowed": fee }] });
    for (key, value) in extra.as_object().expect("an object") {
        plan[key] = value.clone();
    }
    plan
}

/// `single_line` of the vectors.
fn single_lines() -> Vec<Example> {
    let example = |id, extra, member, charge, allowed, paid, patient| Example {
        id,
        plan: plan(extra, allowed),
        member,
        charge,
        allowed,
        paid,
        patient,
    };
    let jane = json!({ "deductible": { "individual": 150_000 }, "coinsurance_bps": 2000, "out_of_pocket_max": { "individual": 500_000 } });
    vec![
        // SSA POMS HI 00610.480: psychiatric limitation, 62.5% recognised: 312.50 recognised of 500.00, 80% of it paid.
        example(
            "POMS-1",
            json!({ "recognised_bps": 6250, "coinsurance_bps": 2000 }),
            json!({}),
            50_000,
            50_000,
            25_000,
            25_000,
        ),
        // Mississippi base plan SBC, "Peg is having a baby".
        example(
            "SBC-MS",
            json!({ "deductible": { "individual": 180_000 }, "coinsurance_bps": 2000 }),
            json!({}),
            1_270_000,
            1_270_000,
            872_000,
            398_000,
        ),
        // CMS Uniform Glossary, Jane: deductible 1,500, coinsurance 20%, out-of-pocket limit 5,000.
        example("JANE-1", jane.clone(), json!({}), 12_500, 12_500, 0, 12_500),
        example(
            "JANE-2",
            jane.clone(),
            json!({ "deductible_used": { "individual": 150_000 }, "out_of_pocket_used": { "individual": 150_000 } }),
            12_500,
            12_500,
            10_000,
            2_500,
        ),
        example(
            "JANE-3",
            jane,
            json!({ "deductible_used": { "individual": 150_000 }, "out_of_pocket_used": { "individual": 500_000 } }),
            12_500,
            12_500,
            12_500,
            0,
        ),
        // HL7 FHIR's ClaimResponse example: 105.00 at 80%.
        example(
            "FHIR-105",
            json!({ "coinsurance_bps": 2000 }),
            json!({}),
            10_500,
            10_500,
            8_400,
            2_100,
        ),
        // Oliver's plan guide.
        example(
            "OLIVER-1",
            json!({ "deductible": { "individual": 5_000 }, "coinsurance_bps": 2000 }),
            json!({}),
            20_000,
            20_000,
            12_000,
            8_000,
        ),
        example(
            "OLIVER-2",
            json!({ "deductible": { "individual": 5_000 }, "coinsurance_bps": 2000 }),
            json!({ "deductible_used": { "individual": 5_000 } }),
            30_000,
            30_000,
            24_000,
            6_000,
        ),
        // Ours: a quarter of 10 cents to the plan is 2.5 cents, and half goes up.
        example(
            "TIE-1",
            json!({ "coinsurance_bps": 7500 }),
            json!({}),
            10,
            10,
            3,
            7,
        ),
    ]
}

#[test]
fn single_lines_are_paid_as_published() {
    let world = World::new();
    for example in single_lines() {
        let claim = json!({ "service_date": "2026-03-01", "submitted": "2026-03-05", "lines": [{ "code": "A", "charge": example.charge }] });
        let answer = world.quoted(&example.plan, &claim, Some(&example.member));
        let line = &answer["lines"][0];
        assert_eq!(line["allowed"], example.allowed, "{}", example.id);
        assert_eq!(line["paid"], example.paid, "{}", example.id);
        assert_eq!(line["patient"], example.patient, "{}", example.id);
        balanced(&answer);
    }
}

#[test]
fn maintenance_of_benefits_as_dentrix_publishes_it() {
    let world = World::new();
    let plan = plan(
        json!({ "coordination": "maintenance_of_benefits", "coinsurance_bps": 2500 }),
        12_500,
    );
    let claim = json!({ "service_date": "2026-03-01", "submitted": "2026-03-01",
        "lines": [{ "code": "A", "charge": 12_500, "other_payer": { "allowed": 12_500, "paid": 7_500 } }] });
    let answer = world.quoted(&plan, &claim, None);
    assert_eq!(answer["lines"][0]["paid"], 3_750);
    balanced(&answer);
}

#[test]
fn medicare_secondary_as_42_cfr_411_33_has_it() {
    let world = World::new();
    let plan = plan(
        json!({ "coordination": "medicare_secondary", "coinsurance_bps": 2000 }),
        12_500,
    );
    let claim = json!({ "service_date": "2026-03-01", "submitted": "2026-03-01",
        "lines": [{ "code": "A", "charge": 17_500, "other_payer": { "allowed": 15_000, "paid": 12_000 } }] });
    let answer = world.quoted(&plan, &claim, None);
    assert_eq!(answer["lines"][0]["paid"], 3_000);
    assert_eq!(
        answer["lines"][0]["adjustments"],
        json!([{ "group": "OA", "reason": 23, "amount": 14_500 }])
    );
}

#[test]
fn a_remittance_line_of_the_835_examples_balances() {
    let world = World::new();
    let plan = plan(json!({ "copay": 500 }), 20_500);
    let claim = json!({ "service_date": "2026-03-01", "submitted": "2026-03-01", "lines": [{ "code": "A", "charge": 22_500 }] });
    let answer = world.quoted(&plan, &claim, None);
    assert_eq!(
        answer["lines"][0],
        json!({ "line": 1, "code": "A", "charge": 22_500, "allowed": 20_500, "paid": 20_000, "patient": 500,
            "adjustments": [{ "group": "CO", "reason": 45, "amount": 2_000 }, { "group": "PR", "reason": 3, "amount": 500 }] })
    );
}

#[test]
fn openimis_quantities_and_frequency() {
    let world = World::new();
    let plan = json!({ "benefits": [{ "code": "ITEM", "allowed": 10_000 }, { "code": "SERVICE", "allowed": 10_000, "frequency_days": 180 }] });
    let lines = json!([{ "code": "ITEM", "units": 7, "charge": 70_000 }, { "code": "SERVICE", "units": 7, "charge": 70_000 }]);
    let first = world.quoted(
        &plan,
        &json!({ "service_date": "2026-01-01", "submitted": "2026-01-01", "lines": lines }),
        None,
    );
    assert_eq!(first["totals"]["paid"], 140_000);
    let again = json!({ "service_date": "2026-06-29", "submitted": "2026-06-29", "lines": [{ "code": "SERVICE", "charge": 10_000 }] });
    let second = world.quoted(&plan, &again, Some(&first["member"]));
    assert_eq!(
        second["lines"][0]["adjustments"],
        json!([{ "group": "CO", "reason": 151, "amount": 10_000 }]),
        "179 days later"
    );
    let later = json!({ "service_date": "2026-06-30", "submitted": "2026-06-30", "lines": [{ "code": "SERVICE", "charge": 10_000 }] });
    assert_eq!(
        world.quoted(&plan, &later, Some(&first["member"]))["lines"][0]["paid"],
        10_000,
        "180 days later"
    );
}

#[test]
fn an_embedded_family_deductible_is_met_as_nfp_publishes_it() {
    let world = World::new();
    let plan = plan(
        json!({ "deductible": { "individual": 270_000, "family": 300_000 } }),
        500_000,
    );
    let mut family = 0;
    for (date, charge, applied) in [
        ("2026-01-01", 500_000, 270_000),
        ("2026-02-01", 10_000, 10_000),
        ("2026-03-01", 500_000, 20_000),
        ("2026-04-01", 500_000, 0),
    ] {
        // Each is another person of the family: the individual figure starts anew, the family's goes on.
        let member = json!({ "deductible_used": { "individual": 0, "family": family } });
        let claim = json!({ "service_date": date, "submitted": date, "lines": [{ "code": "A", "charge": charge }] });
        let answer = world.quoted(&plan, &claim, Some(&member));
        assert_eq!(answer["totals"]["patient"], applied, "{date}");
        family = answer["member"]["deductible_used"]["family"]
            .as_u64()
            .expect("a number");
    }
    assert_eq!(family, 300_000);
}

#[test]
fn cost_sharing_in_both_orders_as_ruled() {
    let world = World::new();
    let claim = json!({ "service_date": "2026-03-01", "submitted": "2026-03-01", "lines": [{ "code": "A", "charge": 12_500 }] });
    let terms =
        json!({ "deductible": { "individual": 5_000 }, "copay": 1_500, "coinsurance_bps": 2000 });
    let first = world.quoted(&plan(terms.clone(), 12_500), &claim, None);
    assert_eq!(
        first["totals"]["patient"], 7_700,
        "deductible 5000, copay 1500, 20% of 6000"
    );
    let mut copay_first = plan(terms, 12_500);
    copay_first["cost_share_order"] = json!("copay_first");
    let waived = world.quoted(&copay_first, &claim, None);
    assert_eq!(
        waived["totals"]["patient"], 3_700,
        "copay 1500 waives the deductible, 20% of 11000"
    );
    copay_first["benefits"][0]["deductible_applies"] = json!(true);
    let both = world.quoted(&copay_first, &claim, None);
    assert_eq!(both["totals"]["patient"], 7_700);
}

/// Charge = paid + Σ adjustments on each line, and the totals are the lines'.
fn balanced(answer: &Value) {
    let number = |value: &Value| value.as_u64().expect("an amount");
    let mut sums = [0; 3];
    for line in answer["lines"].as_array().expect("lines") {
        let adjustments: u64 = line["adjustments"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|entry| number(&entry["amount"]))
            .sum();
        assert_eq!(
            number(&line["charge"]),
            number(&line["paid"]) + adjustments,
            "{line:#}"
        );
        for (sum, field) in sums.iter_mut().zip(["charge", "paid", "patient"]) {
            *sum += number(&line[field]);
        }
    }
    for (sum, field) in sums.iter().zip(["charge", "paid", "patient"]) {
        assert_eq!(number(&answer["totals"][field]), *sum);
    }
}
