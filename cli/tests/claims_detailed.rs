//! A plan that asks for more than a plain claim, on a running validator: published whole, its claims state what it asks for, and
//! come to what the quote of the same documents says.

mod chain;
mod common;

use chain::field;
use chain::insured::{insured_by, Insured, MEMBER};
use chain::scan::Needles;
use common::text;
use galen_rules::Date;
use serde_json::{json, Value};

/// Long enough not to be found by chance.
const CONCUSSION: &str = "S06.0X0A";
const DIABETES: &str = "E11.3519";
const ATTACHMENT: &str = "operative-report";
const RELATION: &str = "step-cousin";
/// Before 1970: as a number of days it is like no slot, count or amount.
const BIRTH_DAY: &str = "1957-03-14";

fn plan() -> Value {
    json!({
        "coinsurance_bps": 2_000, "multiple_procedure_bps": 5_000, "pre_existing_days": 30,
        "diagnoses": [{"code": CONCUSSION}, {"code": DIABETES}, {"code": "Z00.0", "covered": false}],
        "dependents": {"child": {"to_age": 25}},
        "bundles": [{"column_one": "A", "column_two": "B", "indicator": 1}],
        "attachments": [{"name": ATTACHMENT, "remark": "N40"}],
        "benefits": [
            {"code": "A", "allowed": 10_000, "multiple_procedure": true, "places": ["11"]},
            {"code": "B", "allowed": 4_000, "multiple_procedure": true, "units_per_day": {"max": 2, "indicator": 2}},
            {"code": "C", "allowed": 1_000, "referral": true},
            {"code": "D", "allowed": 2_000, "ages": {"from": 18}, "sexes": ["F"]},
            {"code": "E", "allowed": 2_000, "experimental": true},
            {"code": "F", "allowed": 500, "covered": false, "remark": "N130"},
            {"code": "G", "allowed": 3_000, "diagnoses": [DIABETES], "modifiers": ["LT", "RT"]},
        ]
    })
}

fn member(dependent: &str) -> Value {
    json!({"covered_from": "2020-01-01", "birth_date": BIRTH_DAY, "sex": "F", "dependent": dependent})
}

struct World {
    insured: Insured,
    plan: String,
    ticket: String,
}

impl World {
    fn new() -> Self {
        let insured = insured_by(&plan());
        insured.fund(1_000_000);
        Self {
            plan: text(&insured.chain().world.json("plan-again.json", &plan())),
            ticket: insured.ticket("ticket.json"),
            insured,
        }
    }

    fn claim(&self, ago: u32, rest: Value) -> Value {
        let mut claim = json!({
            "service_date": self.insured.day(ago), "submitted": self.insured.day(0), "diagnoses": [CONCUSSION], "place": "11",
            "attachments": [ATTACHMENT]
        });
        for (field, value) in rest.as_object().expect("fields") {
            claim[field] = value.clone();
        }
        claim
    }

    /// Quotes and submits a claim; both must come to the same on each line. The claim's account.
    fn both(&self, name: &str, claim: &Value, member: &Value) -> Value {
        let chain = self.insured.chain();
        let file = text(&chain.world.json(name, claim));
        let known = text(&chain.world.json(&format!("member-of-{name}"), member));
        let quoted = chain.run(
            "anyone",
            &[
                "claim", "quote", "--plan", &self.plan, "--claim", &file, "--member", &known,
            ],
        );
        let submitted = self.insured.submit(&file, &self.ticket);
        let of = |answer: &Value| -> Vec<Value> {
            let lines = answer["lines"].as_array().expect("lines");
            lines
                .iter()
                .map(|line| {
                    json!([
                        line["charge"],
                        line["allowed"],
                        line["paid"],
                        line["patient"],
                        // With their remarks, which the ledger's line has no room for and which are found again.
                        line["adjustments"]
                    ])
                })
                .collect()
        };
        assert_eq!(of(&submitted), of(&quoted), "{submitted:#}");
        submitted
    }
}

#[test]
fn what_the_plan_asks_for_is_stated_and_the_quote_is_the_bill() {
    let world = World::new();
    let chain = world.insured.chain();
    let shown = chain.run("anyone", &["plan", "show", &world.insured.plan]);
    let details = &shown["versions"][0]["details"];
    assert!(details["entries"].as_u64() > Some(60), "{shown:#}");

    // Nothing is stated of the member yet: what depends on it lacks information.
    let unknown = json!({"covered_from": "2020-01-01"});
    let visit = world.claim(2, json!({"referral": "R-1", "lines": [
        {"code": "A", "charge": 12_000}, {"code": "B", "charge": 5_000}, {"code": "C", "charge": 1_000}, {"code": "D", "charge": 2_000},
        {"code": "E", "charge": 2_000}, {"code": "F", "charge": 2_000}, {"code": "G", "charge": 3_000},
    ]}));
    let first = world.both("first.json", &visit, &unknown);
    let reasons: Vec<u64> = first["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| {
            let adjustments = line["adjustments"].as_array().expect("adjustments");
            let last = adjustments.last().expect("one");
            last["reason"].as_u64().expect("a reason")
        })
        .collect();
    assert_eq!(reasons, [2, 236, 2, 16, 55, 96, 11]);

    // The insurer states what the plan asks about the member, and nothing else of the document.
    let plan = text(&chain.world.path("plan.json"));
    let facts = |name: &str, member: &Value| -> Vec<String> {
        let document = text(&chain.world.json(&format!("known-{name}.json"), member));
        let words = [
            "member",
            "set-facts",
            "--pool",
            &world.insured.pool,
            "--id",
            MEMBER,
        ];
        let files = ["--plan", &plan, "--facts", &document];
        words
            .iter()
            .chain(&files)
            .map(ToString::to_string)
            .collect()
    };
    chain.twice("clerk", &facts("cousin", &member(RELATION)), "changed");
    let next = json!({"lines": [
        {"code": "D", "charge": 2_000}, {"code": "B", "charge": 6_000, "units": 2, "modifiers": ["59"]}, {"code": "A", "charge": 3_000},
        {"code": "G", "charge": 1_000, "diagnoses": [DIABETES], "modifiers": ["LT"]},
    ]});
    let refused = world.both(
        "cousin-claim.json",
        &world.claim(10, next.clone()),
        &member(RELATION),
    );
    assert_eq!(field(&refused, "status"), "denied");

    // Too old for a child of the plan; then of the subscriber's own.
    chain.twice("clerk", &facts("child", &member("child")), "changed");
    let refused = world.both(
        "child-claim.json",
        &world.claim(11, next.clone()),
        &member("child"),
    );
    assert_eq!(field(&refused, "status"), "denied");
    let mut own = member("child");
    own.as_object_mut().expect("an object").remove("dependent");
    chain.twice("clerk", &facts("own", &own), "changed");
    let paid = world.both("own-claim.json", &world.claim(12, next), &own);
    assert_eq!(field(&paid, "status"), "paid");
    // Reduced beside the dearer one, which the modifier let it stand beside.
    let reduced = paid["lines"][1]["adjustments"]
        .as_array()
        .expect("adjustments");
    assert!(
        reduced.iter().any(|one| one["reason"] == json!(59)),
        "{reduced:?}"
    );

    // A document that says too little, or a day too late by a ground that excuses it.
    let bare = json!({"service_date": world.insured.day(400), "submitted": world.insured.day(0), "lines": [{"code": "A", "charge": 9_000}]});
    let denied = world.both("bare.json", &bare, &own);
    assert_eq!(field(&denied, "status"), "denied");
    let excused = world.claim(400, json!({
        "filing_exception": {"ground": "administrative_error", "notified": world.insured.day(5)}, "lines": [{"code": "A", "charge": 9_000}]
    }));
    // It waits until the insurer has looked at the ground.
    let file = text(&chain.world.json("excused.json", &excused));
    let waits = world.insured.submit(&file, &world.ticket);
    assert_eq!(
        (field(&waits, "status"), field(&waits, "pend_reason")),
        ("pended", "late_excused")
    );
    let approve = ["claim", "decide", field(&waits, "address"), "--approve"];
    let paid = chain.run("clerk", &approve);
    assert_eq!(field(&paid["account"], "status"), "paid");

    // What lacks its attachment alone waits for it too, until the clinic has sent it.
    let lacking = world.claim(
        13,
        json!({"attachments": [], "lines": [{"code": "A", "charge": 9_000}]}),
    );
    let file = text(&chain.world.json("lacking.json", &lacking));
    let waits = world.insured.submit(&file, &world.ticket);
    assert_eq!(
        (field(&waits, "status"), field(&waits, "pend_reason")),
        ("pended", "attachment_missing")
    );
    let claim = field(&waits, "address");
    for (more, refusal) in [
        (&["x-ray"][..], "attachment_not_asked"),
        (&[ATTACHMENT, "--line", "2"][..], "line_unknown"),
    ] {
        let attach = [&["claim", "attach", claim][..], more].concat();
        assert_eq!(chain.refused("clinic", &attach), refusal);
    }
    let shown = chain.run("clinic", &["claim", "show", claim]);
    assert_eq!(
        (&shown["lines"][0]["missing"], &shown["facts"]),
        (&json!("N40"), &json!(2))
    );
    let attach = ["claim", "attach", claim, ATTACHMENT];
    for outcome in ["changed", "unchanged"] {
        let told = chain.run("clinic", &attach);
        assert_eq!(field(&told, "outcome"), outcome);
        assert_eq!(field(&told["account"], "pend_reason"), "attachment_missing");
        assert_eq!(told["account"]["lines"][0]["missing"], json!(null));
    }
    // Who looked before that has seen something else.
    #[rustfmt::skip]
    let before = ["claim", "decide", claim, "--approve", "--facts", "2"];
    assert_eq!(chain.refused("clerk", &before), "facts_changed");
    let paid = chain.run("clerk", &["claim", "decide", claim, "--approve"]);
    assert_eq!(field(&paid["account"], "status"), "paid");
    // A claim that waits for nothing takes no more.
    let late = ["claim", "attach", claim, ATTACHMENT, "--line", "1"];
    assert_eq!(chain.refused("clinic", &late), "claim_not_pended");

    let exported = chain.exported(&world.insured.pool);
    assert_eq!(
        (&exported["plan_details"], &exported["member_facts"]),
        (&json!(1), &json!(1)),
        "{exported:#}"
    );

    // All of that was decided without a word of it on the ledger.
    let mut needles = Needles::default();
    for word in [CONCUSSION, DIABETES, ATTACHMENT, RELATION] {
        needles.text(word);
    }
    needles.day(BIRTH_DAY.parse::<Date>().expect("a day"));
    let search = chain.search(&needles);
    assert!(
        search.accounts > 20 && search.transactions > 20,
        "{search:?}"
    );
    assert_eq!(search.findings, []);
}
