//! rulings.md section 2, sentence by sentence, each by an example worked by hand.

mod support;

use galen_rules::adjudication::{
    adjudicate, Accumulators, Benefit, Claim, CodeKey, Deltas, Error, Line, LineResult, Modifiers,
    Network, NotReversible, PlanError, ProviderTag, Service, Totals,
};
use galen_rules::date::Window;
use galen_rules::Cents;
use serde_json::{json, Value};
use support::documents::{quote, MemberDoc, PlanDoc, Quoted};

/// A plan with one benefit, and what is laid over them.
fn plan(over: Value, benefit: Value) -> Value {
    let benefit = merged(json!({"code": "99213", "allowed": 12500}), benefit);
    merged(json!({"benefits": [benefit]}), over)
}

/// A claim of one unit charged at 175.00 on 2026-03-01 and what is laid over its line.
fn claim(line: Value) -> Value {
    claim_of(json!([merged(
        json!({"code": "99213", "charge": 17500}),
        line
    )]))
}

fn claim_of(lines: Value) -> Value {
    json!({"service_date": "2026-03-01", "submitted": "2026-03-05", "lines": lines})
}

fn merged(mut base: Value, over: Value) -> Value {
    for (name, value) in over.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

fn run(plan: Value, claim: Value, member: Value) -> Quoted {
    quote(&plan, &claim, &member).unwrap()
}

/// A line as `"paid 4800: CO-45 5000, PR-1 5000"`.
fn shown(quoted: &Quoted, line: usize) -> String {
    let result = &quoted.results[line - 1];
    let adjustments: Vec<String> = result
        .adjustments
        .list()
        .iter()
        .map(|a| format!("{}-{} {}", a.group, a.reason, a.amount))
        .collect();
    format!("paid {}: {}", result.paid, adjustments.join(", "))
}

fn first(plan: Value, claim: Value, member: Value) -> String {
    shown(&run(plan, claim, member), 1)
}

// --- step 1 -------------------------------------------------------------------------------------

#[test]
fn what_exceeds_the_fee_is_written_off_in_network() {
    let shown = first(plan(json!({}), json!({})), claim(json!({})), json!({}));
    assert_eq!(shown, "paid 12500: CO-45 5000");
}

#[test]
fn the_fee_is_per_unit_and_the_charge_is_for_all() {
    let shown = first(
        plan(json!({}), json!({"allowed": 5000})),
        claim(json!({"units": 3})),
        json!({}),
    );
    assert_eq!(shown, "paid 15000: CO-45 2500");
    // A product beyond 64 bits is above every charge.
    let huge = json!({"allowed": u64::MAX});
    let shown = first(plan(json!({}), huge), claim(json!({"units": 3})), json!({}));
    assert_eq!(shown, "paid 17500: ");
}

#[test]
fn out_of_network_the_patient_owes_the_excess_unless_balance_billing_is_prohibited() {
    let outside = json!({"out_of_network": {}});
    let mut bill = claim(json!({}));
    bill["in_network"] = json!(false);
    let owed = first(plan(outside.clone(), json!({})), bill.clone(), json!({}));
    assert_eq!(owed, "paid 12500: PR-45 5000");
    bill["lines"][0]["balance_billing_prohibited"] = json!(true);
    let written_off = first(plan(outside, json!({})), bill, json!({}));
    assert_eq!(written_off, "paid 12500: CO-45 5000");
}

// --- step 2 -------------------------------------------------------------------------------------

#[test]
fn what_is_not_recognised_counts_towards_nothing() {
    let terms = json!({
        "recognised_bps": 6250, "coinsurance_bps": 2000,
        "deductible": {"individual": 1000}, "out_of_pocket_max": {"individual": 2000},
    });
    let quoted = run(
        plan(terms, json!({})),
        claim(json!({"charge": 12500})),
        json!({}),
    );
    // Recognised 7812.5, half up 7813; deductible 1000; 80 % of 6813 is 5450.4; the patient's
    // 1000 + 1363 exceed 2000 by 363, which the plan bears.
    assert_eq!(
        shown(&quoted, 1),
        "paid 5813: PR-122 4687, PR-1 1000, PR-2 1000"
    );
    let used = &quoted.member.accumulators.in_network;
    assert_eq!(used.deductible.individual, Cents::new(1000));
    assert_eq!(used.out_of_pocket.individual, Cents::new(2000));
}

// --- step 3 -------------------------------------------------------------------------------------

fn deductible(limits: Value, used: Value) -> String {
    first(
        plan(json!({"deductible": limits}), json!({})),
        claim(json!({"charge": 12500})),
        json!({"deductible_used": used}),
    )
}

#[test]
fn the_deductible_left_is_the_smaller_of_the_figures_that_exist() {
    let none = json!({"individual": 0, "family": 0});
    assert_eq!(
        deductible(json!({"individual": 5000}), none.clone()),
        "paid 7500: PR-1 5000"
    );
    let both = json!({"individual": 5000, "family": 9000});
    assert_eq!(
        deductible(both.clone(), none.clone()),
        "paid 7500: PR-1 5000"
    );
    let nearly = json!({"individual": 0, "family": 8000});
    assert_eq!(deductible(both.clone(), nearly), "paid 11500: PR-1 1000");
    let passed = json!({"individual": 0, "family": 9500});
    assert_eq!(deductible(both, passed), "paid 12500: ");
    let aggregate = json!({"individual": null, "family": 9000});
    assert_eq!(deductible(aggregate, none.clone()), "paid 3500: PR-1 9000");
    let zero = json!({"individual": 0, "family": 9000});
    assert_eq!(deductible(zero, none.clone()), "paid 12500: ");
    let nothing = json!({"individual": null, "family": null});
    assert_eq!(deductible(nothing, none), "paid 12500: ");
}

#[test]
fn a_benefit_can_be_free_of_the_deductible() {
    let terms = json!({"deductible": {"individual": 5000}, "coinsurance_bps": 2000});
    let free = json!({"deductible_applies": false});
    let shown = first(
        plan(terms, free),
        claim(json!({"charge": 12500})),
        json!({}),
    );
    assert_eq!(shown, "paid 10000: PR-2 2500");
}

#[test]
fn under_copay_first_a_copay_stands_instead_of_the_deductible_unless_the_benefit_says_otherwise() {
    let terms = json!({
        "cost_share_order": "copay_first", "deductible": {"individual": 5000}, "coinsurance_bps": 2000,
    });
    let bill = || claim(json!({"charge": 12500}));
    let instead = first(
        plan(terms.clone(), json!({"copay": 1500})),
        bill(),
        json!({}),
    );
    assert_eq!(instead, "paid 8800: PR-3 1500, PR-2 2200");
    let both = json!({"copay": 1500, "deductible_applies": true});
    let as_well = first(plan(terms.clone(), both), bill(), json!({}));
    assert_eq!(as_well, "paid 4800: PR-1 5000, PR-3 1500, PR-2 1200");
    // A copay of zero is none, so the deductible applies.
    let none = first(plan(terms, json!({"copay": 0})), bill(), json!({}));
    assert_eq!(none, "paid 6000: PR-1 5000, PR-2 1500");
}

// --- step 4 -------------------------------------------------------------------------------------

#[test]
fn a_copay_is_taken_once_for_a_category_and_day_and_never_per_unit() {
    let two = |second: Value| {
        json!({
            "copay": 1500,
            "benefits": [
                {"code": "A", "allowed": 10000, "category": "visit"},
                merged(json!({"code": "B", "allowed": 10000, "category": "visit"}), second),
            ],
        })
    };
    let both = || {
        claim_of(json!([
            {"code": "A", "charge": 30000, "units": 3}, {"code": "B", "charge": 10000},
        ]))
    };
    let same = run(two(json!({})), both(), json!({}));
    assert_eq!(shown(&same, 1), "paid 28500: PR-3 1500");
    assert_eq!(shown(&same, 2), "paid 10000: ");
    let other = run(two(json!({"category": "lab"})), both(), json!({}));
    assert_eq!(shown(&other, 2), "paid 8500: PR-3 1500");
    let mut later = both();
    later["lines"][1]["service_date"] = json!("2026-03-02");
    assert_eq!(
        shown(&run(two(json!({})), later, json!({})), 2),
        "paid 8500: PR-3 1500"
    );
}

#[test]
fn a_line_that_took_no_copay_leaves_it_to_the_next() {
    let terms = json!({
        "copay": 1500, "deductible": {"individual": 10000},
        "benefits": [{"code": "A", "allowed": 10000}, {"code": "B", "allowed": 10000}, {"code": "C", "allowed": 900}],
    });
    let lines = |codes: &[&str]| {
        let lines: Vec<Value> = codes
            .iter()
            .map(|code| json!({"code": code, "charge": 10000}))
            .collect();
        claim_of(lines.into())
    };
    // The deductible takes all of A; B takes the copay.
    let quoted = run(terms.clone(), lines(&["A", "B"]), json!({}));
    assert_eq!(shown(&quoted, 1), "paid 0: PR-1 10000");
    assert_eq!(shown(&quoted, 2), "paid 8500: PR-3 1500");
    // A denied line takes none.
    let quoted = run(terms.clone(), lines(&["Z", "A", "B"]), json!({}));
    assert_eq!(shown(&quoted, 3), "paid 8500: PR-3 1500");
    // A line smaller than the copay takes what it can, and that was the copay.
    let met = json!({"deductible_used": {"individual": 10000, "family": 0}});
    let quoted = run(terms, lines(&["C", "A"]), met);
    assert_eq!(shown(&quoted, 1), "paid 0: CO-45 9100, PR-3 900");
    assert_eq!(shown(&quoted, 2), "paid 10000: ");
}

#[test]
fn a_benefits_null_inherits_the_copay_and_its_zero_is_none() {
    let shown = |benefit| {
        first(
            plan(json!({"copay": 1500}), benefit),
            claim(json!({"charge": 12500})),
            json!({}),
        )
    };
    assert_eq!(shown(json!({"copay": null})), "paid 11000: PR-3 1500");
    assert_eq!(shown(json!({"copay": 0})), "paid 12500: ");
    assert_eq!(shown(json!({"copay": 700})), "paid 11800: PR-3 700");
}

// --- step 5 -------------------------------------------------------------------------------------

#[test]
fn the_worked_example_of_the_order_deductible_first() {
    let terms = json!({"copay": 1500, "coinsurance_bps": 2000, "deductible": {"individual": 5000}});
    let quoted = run(
        plan(terms, json!({})),
        claim(json!({"charge": 12500})),
        json!({}),
    );
    assert_eq!(
        shown(&quoted, 1),
        "paid 4800: PR-1 5000, PR-3 1500, PR-2 1200"
    );
    assert_eq!(quoted.results[0].patient(), Cents::new(7700));
}

#[test]
fn tiers_count_over_the_period_and_are_rounded_once() {
    let tiers = json!({
        "deductible": {"individual": 1000}, "copay": 500,
        "tiers": [
            {"up_to": 5000, "coinsurance_bps": 5000}, {"up_to": 8000, "coinsurance_bps": 2000},
            {"up_to": null, "coinsurance_bps": 0},
        ],
    });
    let quoted = run(
        plan(tiers.clone(), json!({})),
        claim(json!({"charge": 12500})),
        json!({}),
    );
    // 11000 are left: 5000 at half, 3000 at a fifth, 3000 at nothing.
    assert_eq!(
        shown(&quoted, 1),
        "paid 7900: PR-1 1000, PR-3 500, PR-2 3100"
    );
    assert_eq!(quoted.member.accumulators.tier, Cents::new(11000));

    let used = json!({"tier_used": 7999, "deductible_used": {"individual": 1000, "family": 0}});
    let on = run(
        plan(tiers.clone(), json!({"copay": 0})),
        claim(json!({"charge": 3})),
        used,
    );
    // One cent at a fifth, two at nothing: 0.8 + 2 = 2.8.
    assert_eq!(shown(&on, 1), "paid 3: ");

    // 0.5 + 0.5 rounded apart would be 2 for the plan.
    let halves = json!({
        "tiers": [{"up_to": 1, "coinsurance_bps": 5000}, {"up_to": null, "coinsurance_bps": 5000}],
    });
    let once = first(
        plan(halves, json!({})),
        claim(json!({"charge": 2})),
        json!({}),
    );
    assert_eq!(once, "paid 1: PR-2 1");

    // A benefit's own rate bypasses them, and they it.
    let own = run(
        plan(tiers, json!({"coinsurance_bps": 1000, "copay": 0})),
        claim(json!({"charge": 11000})),
        json!({}),
    );
    assert_eq!(shown(&own, 1), "paid 9000: PR-1 1000, PR-2 1000");
    assert_eq!(own.member.accumulators.tier, Cents::ZERO);
}

// --- step 6 -------------------------------------------------------------------------------------

#[test]
fn above_the_out_of_pocket_maximum_coinsurance_goes_first_then_copay_then_deductible() {
    let shown = |left: u64| {
        let terms = json!({
            "copay": 1500, "coinsurance_bps": 2000, "deductible": {"individual": 5000},
            "out_of_pocket_max": {"individual": 100_000, "family": 10_000},
        });
        let used = json!({"out_of_pocket_used": {"individual": 0, "family": 10_000 - left}});
        let quoted = run(
            plan(terms, json!({})),
            claim(json!({"charge": 12500})),
            used,
        );
        let used = quoted.member.accumulators.in_network;
        assert_eq!(
            used.out_of_pocket.family,
            Cents::new(10_000.min(17_700 - left))
        );
        (shown(&quoted, 1), used.deductible.individual.get())
    };
    assert_eq!(
        shown(7700),
        ("paid 4800: PR-1 5000, PR-3 1500, PR-2 1200".into(), 5000)
    );
    assert_eq!(
        shown(7000),
        ("paid 5500: PR-1 5000, PR-3 1500, PR-2 500".into(), 5000)
    );
    assert_eq!(
        shown(6000),
        ("paid 6500: PR-1 5000, PR-3 1000".into(), 5000)
    );
    // The deductible used is the final one.
    assert_eq!(shown(4000), ("paid 8500: PR-1 4000".into(), 4000));
    assert_eq!(shown(0), ("paid 12500: ".into(), 0));
}

// --- step 7 -------------------------------------------------------------------------------------

fn after(coordination: &str, benefit: Value, line: Value) -> Quoted {
    let terms = json!({"coordination": coordination, "coinsurance_bps": 2000});
    run(plan(terms, benefit), claim(line), json!({}))
}

#[test]
fn the_worked_example_of_42_cfr_411_33() {
    let other = json!({"other_payer": {"allowed": 15000, "paid": 12000}});
    let quoted = after("medicare_secondary", json!({}), other);
    assert_eq!(shown(&quoted, 1), "paid 3000: OA-23 14500");
}

#[test]
fn medicare_pays_the_least_of_three() {
    let paid = |allowed: u64, paid: u64, obligated: u64| {
        let other = json!({"allowed": allowed, "paid": paid, "obligated": obligated});
        shown(
            &after(
                "medicare_secondary",
                json!({}),
                json!({"other_payer": other}),
            ),
            1,
        )
    };
    // N = 10000 is the least.
    assert_eq!(
        paid(15000, 2000, 15000),
        "paid 10000: CO-45 500, PR-2 2500, OA-23 4500"
    );
    // The higher allowed amount less what was paid is: max(12500, 14000) - 12000.
    assert_eq!(
        paid(14000, 12000, 17500),
        "paid 2000: CO-45 1000, PR-2 2500, OA-23 12000"
    );
}

#[test]
fn standard_pays_what_it_would_alone_and_no_more_than_is_left() {
    let paid = |paid: u64| {
        let other = json!({"allowed": 12500, "paid": paid});
        shown(
            &after("standard", json!({}), json!({"other_payer": other})),
            1,
        )
    };
    assert_eq!(paid(11000), "paid 1500: OA-23 16000");
    assert_eq!(paid(1000), "paid 10000: PR-2 1500, OA-23 6000");
    assert_eq!(paid(12500), "paid 0: OA-23 17500");
}

#[test]
fn carve_out_takes_what_was_paid_from_what_it_would_pay() {
    let paid = |paid: u64| {
        let other = json!({"allowed": 12500, "paid": paid});
        shown(
            &after("carve_out", json!({}), json!({"other_payer": other})),
            1,
        )
    };
    // N = 10000, M = 2500; of R = 5000 the plan pays 2500 and the patient 2500.
    assert_eq!(paid(7500), "paid 2500: PR-2 2500, OA-23 12500");
    assert_eq!(paid(11000), "paid 0: PR-2 1500, OA-23 16000");
}

#[test]
fn maintenance_of_benefits_starts_from_what_was_not_paid() {
    let terms = json!({
        "coordination": "maintenance_of_benefits", "coinsurance_bps": 2000, "recognised_bps": 5000,
        "deductible": {"individual": 1000},
    });
    let other = json!({"other_payer": {"allowed": 12000, "paid": 7000}});
    let quoted = run(plan(terms, json!({})), claim(other), json!({}));
    // min(12500, 12000) - 7000 = 5000, of which nothing is left unrecognised (steps 3 to 6).
    assert_eq!(
        shown(&quoted, 1),
        "paid 3200: PR-1 1000, PR-2 800, OA-23 12500"
    );
    assert_eq!(quoted.results[0].deltas.deductible, Cents::new(1000));
}

#[test]
fn the_patients_share_is_cut_unrecognised_first_and_the_deductible_last() {
    let shown = |obligated: u64| {
        let terms = json!({
            "recognised_bps": 9000, "deductible": {"individual": 2000}, "copay": 1000, "coinsurance_bps": 2000,
        });
        let other = json!({"allowed": 12500, "paid": 12500, "obligated": obligated});
        let quoted = run(
            plan(terms, json!({})),
            claim(json!({"other_payer": other})),
            json!({}),
        );
        let deltas = quoted.results[0].deltas;
        // Alone: 122 of 1250, 1 of 2000, 3 of 1000, 2 of 1650; the plan 6600.
        assert_eq!(deltas.deductible, Cents::new(2000));
        (shown(&quoted, 1), deltas.out_of_pocket.get())
    };
    // R = 5000 is all the plan's under "standard": carve the patient's share out of what is left.
    assert_eq!(shown(17500), ("paid 5000: OA-23 12500".into(), 0));

    let carve = |obligated: u64| {
        let terms = json!({
            "coordination": "carve_out", "recognised_bps": 9000, "deductible": {"individual": 2000},
            "copay": 1000, "coinsurance_bps": 2000,
        });
        let other = json!({"allowed": 10000, "paid": 10000, "obligated": obligated});
        let quoted = run(
            plan(terms, json!({})),
            claim(json!({"other_payer": other})),
            json!({}),
        );
        let deltas = quoted.results[0].deltas;
        assert_eq!(deltas.deductible, Cents::new(2000));
        (self::shown(&quoted, 1), deltas.out_of_pocket.get())
    };
    assert_eq!(
        carve(17500),
        (
            "paid 0: CO-45 1600, PR-122 1250, PR-1 2000, PR-3 1000, PR-2 1650, OA-23 10000".into(),
            4650
        )
    );
    assert_eq!(
        carve(15000),
        (
            "paid 0: PR-122 350, PR-1 2000, PR-3 1000, PR-2 1650, OA-23 12500".into(),
            4650
        )
    );
    assert_eq!(
        carve(14000),
        (
            "paid 0: PR-1 2000, PR-3 1000, PR-2 1000, OA-23 13500".into(),
            4000
        )
    );
    assert_eq!(
        carve(12500),
        ("paid 0: PR-1 2000, PR-3 500, OA-23 15000".into(), 2500)
    );
    assert_eq!(
        carve(11500),
        ("paid 0: PR-1 1500, OA-23 16000".into(), 1500)
    );
}

#[test]
fn a_denied_line_carries_what_was_settled_and_its_denial_for_the_rest() {
    let bill = claim(json!({"code": "00000", "other_payer": {"allowed": 15000, "paid": 12000}}));
    let quoted = run(plan(json!({}), json!({})), bill, json!({}));
    assert_eq!(shown(&quoted, 1), "paid 0: OA-23 14500, PR-204 3000");
    assert_eq!(quoted.results[0].allowed, Cents::ZERO);
    // Nothing left to deny: the zero adjustment is omitted, and the line is denied all the same.
    let bill = claim(json!({"code": "00000", "other_payer": {"allowed": 15000, "paid": 15000}}));
    let quoted = run(plan(json!({}), json!({})), bill, json!({}));
    assert_eq!(shown(&quoted, 1), "paid 0: OA-23 17500");
    assert_eq!(quoted.totals.outcome.as_str(), "denied");
}

#[test]
fn figures_of_a_prior_payer_that_do_not_fit_are_refused() {
    for other in [
        json!({"allowed": 12000, "paid": 12001}),
        json!({"allowed": 12000, "paid": 1, "obligated": 11999}),
        json!({"allowed": 12000, "paid": 1, "obligated": 17501}),
        json!({"allowed": 17501, "paid": 1}),
    ] {
        let bill = claim(json!({"other_payer": other}));
        let refused = quote(&plan(json!({}), json!({})), &bill, &json!({}));
        assert_eq!(refused.err(), Some(Error::OtherPayer(1)));
    }
}

// --- step 8 -------------------------------------------------------------------------------------

#[test]
fn maxima_cap_and_never_deny() {
    let terms = json!({
        "annual_max": 100_000, "lifetime_max": 200_000, "coinsurance_bps": 1000,
        "categories": {"surgery": {"max": 5500, "period": "year"}, "lenses": {"max": 5500, "period": "lifetime"}},
    });
    let used = |annual: u64, lifetime: u64, category: u64| {
        json!({
            "annual_used": annual, "lifetime_used": lifetime,
            "category_used": {"surgery": category, "lenses": category},
        })
    };
    let shown = |category: &str, member: Value| {
        let quoted = run(
            plan(
                terms.clone(),
                json!({"category": category, "allowed": 10000}),
            ),
            claim(json!({"charge": 10000})),
            member,
        );
        assert_eq!(quoted.totals.outcome.as_str(), "complete");
        shown(&quoted, 1)
    };
    assert_eq!(
        shown("surgery", used(0, 0, 0)),
        "paid 5500: PR-2 1000, PR-119 3500"
    );
    assert_eq!(
        shown("lenses", used(0, 0, 0)),
        "paid 5500: PR-2 1000, PR-149 3500"
    );
    assert_eq!(
        shown("surgery", used(97_000, 0, 0)),
        "paid 3000: PR-2 1000, PR-119 6000"
    );
    assert_eq!(
        shown("surgery", used(97_000, 199_000, 0)),
        "paid 1000: PR-2 1000, PR-119 6000, PR-149 2000"
    );
    assert_eq!(
        shown("other", used(100_000, 0, 0)),
        "paid 0: PR-2 1000, PR-119 9000"
    );
    assert_eq!(
        shown("other", used(0, 300_000, 0)),
        "paid 0: PR-2 1000, PR-149 9000"
    );
    assert_eq!(
        shown("surgery", used(0, 0, 9000)),
        "paid 0: PR-2 1000, PR-119 9000"
    );
}

#[test]
fn maxima_grow_by_what_is_paid_and_out_of_pocket_is_not_touched_by_the_excess() {
    let terms = json!({
        "annual_max": 4000, "coinsurance_bps": 1000, "categories": {"visit": {"max": 90_000}},
        "out_of_pocket_max": {"individual": 50_000},
    });
    let quoted = run(
        plan(terms, json!({"category": "visit", "allowed": 10000})),
        claim(json!({"charge": 10000})),
        json!({}),
    );
    assert_eq!(shown(&quoted, 1), "paid 4000: PR-2 1000, PR-119 5000");
    let after = &quoted.member.accumulators;
    assert_eq!(
        (after.annual, after.lifetime),
        (Cents::new(4000), Cents::new(4000))
    );
    assert_eq!(after.category[0], Cents::new(4000));
    assert_eq!(after.in_network.out_of_pocket.individual, Cents::new(1000));
}

// --- out of network -----------------------------------------------------------------------------

#[test]
fn out_of_network_has_terms_and_accumulators_of_its_own() {
    let terms = json!({
        "deductible": {"individual": 1000}, "coinsurance_bps": 1000,
        "tiers": [{"up_to": null, "coinsurance_bps": 0}],
        "out_of_network": {
            "coinsurance_bps": 4000, "deductible": {"individual": 3000}, "out_of_pocket_max": {"individual": 6000},
        },
    });
    let mut bill = claim(json!({"charge": 12500}));
    bill["in_network"] = json!(false);
    let quoted = run(plan(terms.clone(), json!({})), bill.clone(), json!({}));
    // 3000, then 40 % of 9500 = 3800: 800 above the maximum.
    assert_eq!(shown(&quoted, 1), "paid 6500: PR-1 3000, PR-2 3000");
    let after = &quoted.member.accumulators;
    assert_eq!(after.in_network, Accumulators::default().in_network);
    assert_eq!(after.out_of_network.deductible.individual, Cents::new(3000));
    assert_eq!(after.out_of_network.out_of_pocket.family, Cents::new(6000));
    assert_eq!((after.tier, after.annual), (Cents::ZERO, Cents::new(6500)));
    // A benefit's own rate holds outside as well.
    let own = first(plan(terms, json!({"coinsurance_bps": 0})), bill, json!({}));
    assert_eq!(own, "paid 9500: PR-1 3000");
}

// --- gates --------------------------------------------------------------------------------------

/// The denial of a line, with everything wrong from the gate of the wanted reason on.
#[test]
fn the_first_gate_that_fails_names_the_reason() {
    let everything = json!({
        "authorization": true, "frequency_days": 30, "max_units": 1, "waiting_days": 90,
    });
    let wrong_plan = plan(json!({"filing_limit_days": 3}), everything);
    let mut wrong_claim = claim(json!({"units": 2}));
    wrong_claim["in_network"] = json!(false);
    let wrong_member = json!({
        "covered_from": "2026-03-02", "covered_to": "2026-02-27",
        "history": [{"code": "99213", "service_date": "2026-03-01"}, {"code": "99213", "service_date": "2026-02-20"}],
    });
    let (mut plan, mut claim, mut member) = (wrong_plan, wrong_claim, wrong_member);
    let mut denied_for = |mend: &mut dyn FnMut(&mut Value, &mut Value, &mut Value)| {
        mend(&mut plan, &mut claim, &mut member);
        first(plan.clone(), claim.clone(), member.clone())
    };
    assert_eq!(denied_for(&mut |_, _, _| {}), "paid 0: PR-26 17500");
    assert_eq!(
        denied_for(&mut |_, _, m| m["covered_from"] = json!("2026-02-01")),
        "paid 0: PR-27 17500"
    );
    assert_eq!(
        denied_for(&mut |_, _, m| m["covered_to"] = json!("2026-12-31")),
        "paid 0: PI-29 17500"
    );
    assert_eq!(
        denied_for(&mut |_, c, _| c["submitted"] = json!("2026-02-28")),
        "paid 0: PI-110 17500"
    );
    assert_eq!(
        denied_for(&mut |_, c, _| c["submitted"] = json!("2026-03-04")),
        "paid 0: OA-18 17500"
    );
    assert_eq!(
        denied_for(&mut |p, _, m| {
            m["history"].as_array_mut().unwrap().remove(0);
            p["benefits"][0]["code"] = json!("other");
        }),
        "paid 0: PR-204 17500"
    );
    assert_eq!(
        denied_for(&mut |p, _, _| {
            p["benefits"][0]["code"] = json!("99213");
            p["benefits"][0]["covered"] = json!(false);
        }),
        "paid 0: PR-204 17500"
    );
    assert_eq!(
        denied_for(&mut |p, _, _| p["benefits"][0]["remark"] = json!("N130")),
        "paid 0: PR-96 17500"
    );
    assert_eq!(
        denied_for(&mut |p, _, _| p["benefits"][0]["covered"] = json!(true)),
        "paid 0: PR-179 17500"
    );
    assert_eq!(
        denied_for(&mut |p, _, _| p["benefits"][0]["waiting_days"] = json!(28)),
        "paid 0: PI-197 17500"
    );
    assert_eq!(
        denied_for(&mut |_, c, _| c["lines"][0]["authorization"] = json!("A-1")),
        "paid 0: PI-242 17500"
    );
    assert_eq!(
        denied_for(&mut |_, c, _| c["in_network"] = json!(true)),
        "paid 0: CO-151 17500"
    );
    assert_eq!(
        denied_for(&mut |_, _, m| m["history"] = json!([])),
        "paid 0: CO-151 17500"
    );
    assert_eq!(
        denied_for(&mut |_, c, _| c["lines"][0]["units"] = json!(1)),
        "paid 12500: CO-45 5000"
    );
}

#[test]
fn a_denial_without_substance_carries_a_remark() {
    let quoted = run(
        plan(json!({}), json!({"covered": false, "remark": "N130"})),
        claim(json!({})),
        json!({}),
    );
    let denial = quoted.results[0].denial.unwrap();
    assert!(denial.reason.needs_remark());
    assert_eq!(denial.remark.unwrap().as_str(), "N130");
}

fn outcome(plan: Value, claim: Value, member: Value) -> String {
    let shown = first(plan, claim, member);
    shown.split(' ').nth(2).unwrap().to_owned()
}

#[test]
fn bounds_are_inclusive() {
    let simple = || plan(json!({}), json!({}));
    // Coverage.
    let window = |from: &str, to: &str| {
        let member = json!({"covered_from": from, "covered_to": to});
        outcome(simple(), claim(json!({})), member)
    };
    assert_eq!(window("2026-03-01", "2026-03-01"), "CO-45");
    assert_eq!(window("2026-03-02", "2026-12-31"), "PR-26");
    assert_eq!(window("2026-01-01", "2026-02-28"), "PR-27");
    // Filing.
    let filed = |submitted: &str| {
        let mut bill = claim(json!({}));
        bill["submitted"] = json!(submitted);
        outcome(
            plan(json!({"filing_limit_days": 90}), json!({})),
            bill,
            json!({}),
        )
    };
    assert_eq!(filed("2026-03-01"), "CO-45");
    assert_eq!(filed("2026-05-30"), "CO-45");
    assert_eq!(filed("2026-05-31"), "CO-29");
    assert_eq!(filed("2026-02-28"), "CO-110");
    // Waiting.
    let waited = |days: u64| {
        let member = json!({"covered_from": "2026-01-30"});
        outcome(
            plan(json!({"waiting_days": days}), json!({})),
            claim(json!({})),
            member,
        )
    };
    assert_eq!(waited(30), "CO-45");
    assert_eq!(waited(31), "PR-179");
    // Frequency; a later line in the history does not matter.
    let again = |last: &str| {
        let member = json!({"history": [{"code": "99213", "service_date": last}]});
        outcome(
            plan(json!({}), json!({"frequency_days": 30})),
            claim(json!({})),
            member,
        )
    };
    assert_eq!(again("2026-01-30"), "CO-45");
    assert_eq!(again("2026-01-31"), "CO-151");
    assert_eq!(again("2026-03-02"), "CO-45");
    // Units.
    let units = |units: u64| {
        outcome(
            plan(json!({}), json!({"max_units": 2})),
            claim(json!({"units": units, "charge": 99999})),
            json!({}),
        )
    };
    assert_eq!(units(2), "CO-45");
    assert_eq!(units(3), "CO-151");
}

#[test]
fn a_benefits_waiting_time_stands_before_the_plans() {
    let member = json!({"covered_from": "2026-02-20"});
    let waited = |benefit: Value| {
        outcome(
            plan(json!({"waiting_days": 30}), benefit),
            claim(json!({})),
            member.clone(),
        )
    };
    assert_eq!(waited(json!({})), "PR-179");
    assert_eq!(waited(json!({"waiting_days": 0})), "CO-45");
}

#[test]
fn earlier_lines_of_the_claim_count_for_frequency_unless_denied() {
    let terms = plan(json!({}), json!({"frequency_days": 30, "max_units": 9}));
    let lines = |units: u64| {
        claim_of(json!([
            {"code": "99213", "charge": 12500, "units": 1, "service_date": "2026-04-02"},
            {"code": "99213", "charge": 12500, "units": units, "service_date": "2026-03-01"},
            {"code": "99213", "charge": 12500, "units": 1, "service_date": "2026-03-04"},
        ]))
    };
    let mut bill = lines(1);
    bill["submitted"] = json!("2026-04-05");
    // In turn: 1 March is paid, 4 March is too soon, 2 April is 32 days after the last one.
    let quoted = run(terms.clone(), bill, json!({}));
    assert_eq!(shown(&quoted, 2), "paid 12500: ");
    assert_eq!(shown(&quoted, 3), "paid 0: CO-151 12500");
    assert_eq!(shown(&quoted, 1), "paid 12500: ");
    // With 1 March denied, 4 March is the first, and 2 April too soon.
    let mut bill = lines(10);
    bill["submitted"] = json!("2026-04-05");
    let quoted = run(terms, bill, json!({}));
    assert_eq!(shown(&quoted, 2), "paid 0: CO-151 12500");
    assert_eq!(shown(&quoted, 3), "paid 12500: ");
    assert_eq!(shown(&quoted, 1), "paid 0: CO-151 12500");
}

#[test]
fn duplicates_are_told_by_what_was_done_and_never_by_the_charge() {
    let history = |entry: Value| json!({"history": [merged(json!({"code": "99213", "service_date": "2026-03-01"}), entry)]});
    let of = |line: Value, entry: Value| {
        let mut bill = claim(line);
        bill["provider"] = json!("north");
        let quoted = run(plan(json!({}), json!({})), bill, history(entry));
        let denied = quoted.results[0].denial.map(|denial| denial.reason.code());
        (denied, quoted.results[0].suspect)
    };
    assert_eq!(
        of(json!({"charge": 1}), json!({"provider": "north"})),
        (Some(18), false)
    );
    // Who did it is not known: it may well have been the same.
    assert_eq!(of(json!({}), json!({})), (Some(18), false));
    assert_eq!(of(json!({}), json!({"provider": "south"})), (None, false));
    // The same provider and day otherwise: suspect.
    assert_eq!(
        of(json!({"modifiers": ["76"]}), json!({"provider": "north"})),
        (None, true)
    );
    assert_eq!(
        of(json!({"sequence": 1}), json!({"provider": "north"})),
        (None, true)
    );
    assert_eq!(
        of(json!({}), json!({"provider": "north", "code": "85025"})),
        (None, true)
    );
    assert_eq!(
        of(
            json!({}),
            json!({"provider": "north", "service_date": "2026-02-28"})
        ),
        (None, false)
    );
    // The order of modifiers says nothing.
    let swapped = json!({"provider": "north", "modifiers": ["RT", "76"]});
    assert_eq!(
        of(json!({"modifiers": ["76", "RT"]}), swapped),
        (Some(18), false)
    );
}

#[test]
fn a_service_twice_in_one_claim_is_a_duplicate_unless_its_sequence_says_otherwise() {
    let twice = |second: Value| {
        let mut lines =
            json!([{"code": "99213", "charge": 12500}, {"code": "99213", "charge": 12500}]);
        lines[1] = merged(lines[1].clone(), second);
        let mut bill = claim_of(lines);
        bill["provider"] = json!("north");
        let quoted = run(plan(json!({}), json!({})), bill, json!({}));
        assert!(
            !quoted.results[1].suspect,
            "lines of one claim do not make each other suspect"
        );
        shown(&quoted, 2)
    };
    assert_eq!(twice(json!({})), "paid 0: OA-18 12500");
    assert_eq!(twice(json!({"sequence": 1})), "paid 12500: ");
    // Of a denied line there can be no duplicate: a corrected one can be filed.
    let bill = claim_of(
        json!([{"code": "99213", "charge": 12500, "units": 5}, {"code": "99213", "charge": 12500}]),
    );
    let quoted = run(plan(json!({}), json!({"max_units": 1})), bill, json!({}));
    assert_eq!(shown(&quoted, 2), "paid 12500: ");
}

#[test]
fn a_claim_filed_again_is_denied_line_by_line() {
    let bill = claim(json!({}));
    let once = run(plan(json!({}), json!({})), bill.clone(), json!({}));
    let member = once.document()["member"].clone();
    let again = run(plan(json!({}), json!({})), bill, member.clone());
    assert_eq!(shown(&again, 1), "paid 0: OA-18 17500");
    assert_eq!(
        again.document()["member"],
        member,
        "a denied line changes nothing"
    );
}

// --- claims -------------------------------------------------------------------------------------

#[test]
fn lines_take_their_turn_by_date_and_number() {
    let terms = plan(
        json!({"deductible": {"individual": 10000}}),
        json!({"allowed": 8000}),
    );
    let lines = json!([
        {"code": "99213", "charge": 8000, "service_date": "2026-03-03"},
        {"code": "99213", "charge": 8000, "service_date": "2026-03-02"},
        {"code": "99213", "charge": 8000, "service_date": "2026-03-02", "sequence": 1},
    ]);
    let quoted = run(terms, claim_of(lines), json!({}));
    assert_eq!(shown(&quoted, 2), "paid 0: PR-1 8000");
    assert_eq!(shown(&quoted, 3), "paid 6000: PR-1 2000");
    assert_eq!(shown(&quoted, 1), "paid 8000: ");
}

#[test]
fn a_claim_that_spans_two_periods_is_to_be_split() {
    let lines = json!([
        {"code": "99213", "charge": 1, "service_date": "2025-12-31"},
        {"code": "99213", "charge": 1, "service_date": "2026-01-01"},
    ]);
    let refused = quote(&plan(json!({}), json!({})), &claim_of(lines), &json!({}));
    let error = refused.err().unwrap();
    assert_eq!(error, Error::SpansTwoPeriods(2));
    assert!(error.to_string().contains("split the claim"));
}

#[test]
fn the_outcome_says_how_many_lines_are_denied() {
    let codes = |codes: &[&str]| {
        let lines: Vec<Value> = codes
            .iter()
            .map(|code| json!({"code": code, "charge": 17500}))
            .collect();
        let quoted = run(
            plan(json!({}), json!({})),
            claim_of(lines.into()),
            json!({}),
        );
        quoted.totals
    };
    assert_eq!(codes(&["99213"]).outcome.as_str(), "complete");
    assert_eq!(codes(&["0"]).outcome.as_str(), "denied");
    let both = codes(&["99213", "0"]);
    assert_eq!(both.outcome.as_str(), "partial");
    let sums = [
        both.charge,
        both.allowed,
        both.paid,
        both.patient,
        both.write_off,
        both.other,
    ];
    assert_eq!(sums.map(Cents::get), [35000, 12500, 12500, 17500, 5000, 0]);
}

fn line(number: u16) -> Line {
    Line {
        number,
        service: Service {
            date: "2026-03-01".parse().unwrap(),
            code: CodeKey([1; 8]),
            provider: ProviderTag([1; 8]),
            modifiers: Modifiers::NONE,
            sequence: 0,
        },
        benefit: Some(Benefit::at(Cents::MAX)),
        units: 1,
        charge: Cents::new(1),
        authorized: false,
        balance_billing_prohibited: false,
        other_payer: None,
    }
}

fn adjudicated(lines: &[Line], accumulators: &mut Accumulators, room: usize) -> Result<(), Error> {
    let plan = PlanDoc::read(&json!({}));
    let claim = Claim {
        submitted: "2026-03-05".parse().unwrap(),
        network: Network::In,
        lines,
    };
    let mut results = vec![LineResult::default(); room];
    adjudicate(
        &plan.plan(),
        &claim,
        Window::ALWAYS,
        [],
        accumulators,
        &mut results,
    )
    .map(|_| ())
}

#[test]
fn what_cannot_be_adjudicated_is_refused_by_name_and_nothing_grows() {
    let mut accumulators = Accumulators::default();
    let mut refused = |lines: &[Line], room| {
        let error = adjudicated(lines, &mut accumulators, room).err().unwrap();
        assert_eq!(accumulators, Accumulators::default());
        assert!(!error.to_string().is_empty());
        error
    };
    assert_eq!(refused(&[], 0), Error::NoLines);
    assert_eq!(refused(&[line(1)], 2), Error::ResultsDoNotMatchLines);
    assert_eq!(refused(&[line(1), line(1)], 2), Error::SameNumber(1));
    assert_eq!(
        refused(&[line(2), line(1), line(2)], 3),
        Error::SameNumber(2)
    );
    assert_eq!(
        refused(
            &[Line {
                units: 0,
                ..line(1)
            }],
            1
        ),
        Error::NoUnits(1)
    );
    let most = |number, sequence| {
        let mut line = Line {
            charge: Cents::MAX,
            ..line(number)
        };
        line.service.sequence = sequence;
        line
    };
    assert_eq!(refused(&[most(1, 0), most(2, 1)], 2), Error::TooLarge(2));
    // One line of any size is no difficulty.
    assert_eq!(adjudicated(&[most(1, 0)], &mut accumulators, 1), Ok(()));
    assert_eq!(accumulators.annual, Cents::MAX);
}

#[test]
fn a_line_that_does_not_balance_is_refused() {
    let mut result = LineResult::default();
    assert!(result.balances());
    result.number = 7;
    result.charge = Cents::new(1);
    assert!(!result.balances());
    assert_eq!(Totals::of(&[result]), Err(Error::Unbalanced(7)));
    assert_eq!(Totals::of(&[]), Err(Error::NoLines));
}

#[test]
fn the_totals_of_results_are_those_that_adjudication_returned() {
    let lines = json!([{"code": "99213", "charge": 17500}, {"code": "0", "charge": 100}]);
    let quoted = run(plan(json!({}), json!({})), claim_of(lines), json!({}));
    assert_eq!(Totals::of(&quoted.results), Ok(quoted.totals));
    assert_eq!((quoted.totals.lines, quoted.totals.denied), (2, 1));
}

#[test]
fn tiers_that_do_not_reach_an_amount_are_no_guess() {
    let terms = json!({"tiers": [{"up_to": 100, "coinsurance_bps": 1000}]});
    let document = PlanDoc::read(&terms);
    assert_eq!(document.plan().validate(), Err(PlanError::Tiers));
    let claim = Claim {
        submitted: "2026-03-05".parse().unwrap(),
        network: Network::In,
        lines: &[Line {
            charge: Cents::new(101),
            ..line(1)
        }],
    };
    let refused = adjudicate(
        &document.plan(),
        &claim,
        Window::ALWAYS,
        [],
        &mut Accumulators::default(),
        &mut [LineResult::default()],
    );
    assert_eq!(refused, Err(Error::Tiers(1)));
}

// --- reversal -----------------------------------------------------------------------------------

#[test]
fn a_reversal_takes_back_what_the_line_added_or_nothing() {
    let terms = plan(
        json!({"deductible": {"individual": 5000}, "coinsurance_bps": 2000, "categories": {"visit": {"max": 9000}}}),
        json!({"category": "visit"}),
    );
    let before = json!({"deductible_used": {"individual": 100, "family": 200}, "category_used": {"visit": 300}});
    let quoted = run(terms.clone(), claim(json!({})), before.clone());
    let mut accumulators = quoted.member.accumulators;
    let deltas = quoted.results[0].deltas;
    assert!(!deltas.is_none());
    assert_eq!(accumulators.reverse(&deltas), Ok(()));
    let plan = PlanDoc::read(&terms);
    assert_eq!(accumulators, MemberDoc::read(&before, &plan).accumulators);
    // Once more would take what other lines added.
    let unchanged = accumulators;
    assert_eq!(accumulators.reverse(&deltas), Err(NotReversible));
    assert_eq!(accumulators, unchanged);
    assert!(Deltas::NONE.is_none());
    let one = Cents::new(1);
    for some in [
        Deltas {
            deductible: one,
            ..Deltas::NONE
        },
        Deltas {
            out_of_pocket: one,
            ..Deltas::NONE
        },
        Deltas {
            tier: one,
            ..Deltas::NONE
        },
        Deltas {
            paid: one,
            ..Deltas::NONE
        },
    ] {
        assert!(!some.is_none());
    }
    assert_eq!(accumulators.reverse(&Deltas::NONE), Ok(()));
    assert_eq!(accumulators, unchanged);
}

#[test]
fn a_new_period_keeps_only_what_counts_for_a_lifetime() {
    let terms =
        json!({"categories": {"lenses": {"max": 1, "period": "lifetime"}, "visit": {"max": 1}}});
    let plan = PlanDoc::read(&terms);
    let member = json!({
        "deductible_used": {"individual": 1, "family": 1}, "annual_used": 2, "lifetime_used": 3, "tier_used": 4,
        "category_used": {"lenses": 5, "visit": 6},
    });
    let next = MemberDoc::read(&member, &plan)
        .accumulators
        .next_period(&plan.plan());
    let kept = json!({"lifetime_used": 3, "category_used": {"lenses": 5}});
    assert_eq!(next, MemberDoc::read(&kept, &plan).accumulators);
}
