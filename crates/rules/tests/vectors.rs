//! The published worked examples in `vectors/claims.json`, each turned into documents.

mod support;

use galen_rules::adjudication::LineResult;
use galen_rules::prompt_pay::{due, interest, AnnualRate};
use galen_rules::{Cents, Date, Group, Reason};
use serde_json::{json, Value};
use support::documents::{quote, Quoted};

fn vectors(section: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/claims.json")).unwrap();
    let vectors = all[section].as_array().unwrap().clone();
    assert!(!vectors.is_empty());
    vectors
}

fn run(plan: &Value, lines: Value, member: &Value) -> Quoted {
    let claim = json!({"service_date": "2026-03-01", "submitted": "2026-03-05", "lines": lines});
    quote(plan, &claim, member).unwrap()
}

fn amount(result: &LineResult, reason: Reason) -> u64 {
    result
        .adjustments
        .list()
        .iter()
        .filter(|adjustment| adjustment.reason == reason)
        .map(|adjustment| adjustment.amount.get())
        .sum()
}

#[test]
fn single_lines() {
    for vector in vectors("single_line") {
        let id = vector["id"].as_str().unwrap();
        let field = |name: &str| vector[name].as_u64();
        let allowed = field("allowed").or(field("recognised")).unwrap();
        let member_share = field("member_bp").or(field("plan_bp").map(|plan| 10_000 - plan));
        // The figures left are made of limits partly used.
        let plan = json!({
            "deductible": {"individual": field("ded_left").unwrap_or(0) + 700},
            "coinsurance_bps": member_share.unwrap(),
            "out_of_pocket_max": {"individual": field("oop_left").map(|left| left + 900)},
            "benefits": [{"code": "A", "allowed": allowed}],
        });
        let member = json!({
            "deductible_used": {"individual": 700, "family": 700},
            "out_of_pocket_used": {"individual": 900, "family": 900},
        });
        let quoted = run(&plan, json!([{"code": "A", "charge": allowed}]), &member);
        let result = &quoted.results[0];
        assert_eq!(Some(result.paid.get()), field("plan_pays"), "{id}");
        let patient = result.patient().get();
        for (name, figure) in [
            ("member_pays", patient),
            ("deductible", amount(result, Reason::Deductible)),
            ("coinsurance", amount(result, Reason::Coinsurance)),
        ] {
            if let Some(published) = field(name) {
                assert_eq!(figure, published, "{id} {name}");
            }
        }
    }
}

#[test]
fn the_psychiatric_limitation_from_the_charge_down() {
    // POMS-1 again, whole: 62.5 % of 500.00 is what is recognised.
    let plan = json!({
        "recognised_bps": 6250, "coinsurance_bps": 2000, "benefits": [{"code": "A", "allowed": 50000}],
    });
    let quoted = run(&plan, json!([{"code": "A", "charge": 50000}]), &json!({}));
    assert_eq!(quoted.results[0].paid, Cents::new(25000));
    assert_eq!(amount(&quoted.results[0], Reason::Unrecognised), 18750);
}

#[test]
fn secondary_payers() {
    for vector in vectors("secondary_payer") {
        let figure = |name: &str| vector[name].as_u64().unwrap();
        assert_eq!(vector["rule"], "(allowed-primary_paid)*pct");
        let plan = json!({
            "coordination": "maintenance_of_benefits",
            "coinsurance_bps": 10_000 - figure("plan_bp"),
            "benefits": [{"code": "A", "allowed": figure("allowed")}],
        });
        let lines = json!([{
            "code": "A", "charge": figure("allowed"),
            "other_payer": {"allowed": figure("allowed"), "paid": figure("primary_paid")},
        }]);
        let quoted = run(&plan, lines, &json!({}));
        assert_eq!(
            quoted.results[0].paid.get(),
            figure("secondary_pays"),
            "{}",
            vector["id"]
        );
    }
}

#[test]
fn remittances_balance() {
    for vector in vectors("remittance_balance") {
        let charge = vector["charge"].as_u64().unwrap();
        let of = |index: usize| vector["adjustments"][index][2].as_u64().unwrap();
        let plan = json!({
            "copay": of(1), "benefits": [{"code": "A", "allowed": charge - of(0)}],
        });
        let quoted = run(&plan, json!([{"code": "A", "charge": charge}]), &json!({}));
        let document = quoted.document();
        assert_eq!(document["lines"][0]["paid"], vector["paid"]);
        let listed: Vec<Value> = document["lines"][0]["adjustments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| json!([a["group"], a["reason"].to_string(), a["amount"]]))
            .collect();
        assert_eq!(Value::from(listed), vector["adjustments"]);
    }
}

#[test]
fn openimis() {
    for vector in vectors("openimis") {
        match vector["id"].as_str().unwrap() {
            "OI-1" => {
                // An item and a service, in whole currency units.
                let lines = vector["lines"].as_array().unwrap();
                let (mut benefits, mut bill) = (Vec::new(), Vec::new());
                for (index, line) in lines.iter().enumerate() {
                    let (units, price) = (line[0].as_u64().unwrap(), line[1].as_u64().unwrap());
                    let code = format!("OI{index}");
                    benefits.push(json!({"code": code, "allowed": price * 100}));
                    bill.push(json!({"code": code, "units": units, "charge": units * price * 100}));
                }
                let quoted = run(&json!({"benefits": benefits}), bill.into(), &json!({}));
                let approved = vector["approved"].as_u64().unwrap();
                assert_eq!(quoted.totals.paid.get(), approved * 100);
            }
            "OI-4" => {
                let days = &vector["frequency_days"];
                let plan =
                    json!({"benefits": [{"code": "A", "allowed": 100, "frequency_days": days}]});
                let member = json!({"history": [{"code": "A", "service_date": "2026-01-01"}]});
                let quoted = run(&plan, json!([{"code": "A", "charge": 100}]), &member);
                // openIMIS reason 5 is CARC 151 (domain.md B5).
                assert_eq!(vector["reason"], 5);
                assert_eq!(quoted.results[0].denial.unwrap().reason, Reason::Frequency);
            }
            other => panic!("no test for {other}"),
        }
    }
}

#[test]
fn prompt_pay() {
    for vector in vectors("prompt_pay") {
        let date = |name: &str| vector[name].as_str().unwrap().parse::<Date>().unwrap();
        let ceiling = u32::try_from(vector["ceiling_days"].as_u64().unwrap()).unwrap();
        let last = due(date("received"), ceiling, 0).unwrap();
        assert_eq!(last, date("last_day_without_interest"));
        let rate = AnnualRate::new(4_875).unwrap();
        let on = |day: Date| interest(Cents::new(1_000_000), rate, last, day).unwrap();
        assert_eq!(on(last), Cents::ZERO);
        assert_eq!(on(last.plus_days(1).unwrap()), Cents::new(134));
    }
}

#[test]
fn families() {
    for vector in vectors("family") {
        let plan = json!({
            "deductible": {"individual": vector["individual_ded"], "family": vector["family_ded"]},
            "benefits": [{"code": "A", "allowed": 100_000_000}],
        });
        // Each member has more than the deductible to pay, and stops where the document says.
        let applied: Vec<u64> = vector["applied"]
            .as_array()
            .unwrap()
            .iter()
            .map(|amount| amount.as_u64().unwrap())
            .collect();
        let mut family = 0;
        for (index, expected) in applied.iter().enumerate() {
            let charge = if index + 1 == applied.len() || index == 0 {
                500_000
            } else {
                *expected
            };
            let member = json!({"deductible_used": {"individual": 0, "family": family}});
            let quoted = run(&plan, json!([{"code": "A", "charge": charge}]), &member);
            assert_eq!(amount(&quoted.results[0], Reason::Deductible), *expected);
            family = quoted
                .member
                .accumulators
                .in_network
                .deductible
                .family
                .get();
        }
        let met = family == vector["family_ded"].as_u64().unwrap();
        assert_eq!(Some(met), vector["family_met"].as_bool());
        let member = json!({"deductible_used": {"individual": 0, "family": family}});
        let quoted = run(&plan, json!([{"code": "A", "charge": 1000}]), &member);
        assert_eq!(
            quoted.results[0].adjustments.total(Group::Patient),
            Cents::ZERO
        );
    }
}
