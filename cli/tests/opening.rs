//! A member who changes in the middle of a year brings along what was used up before.

mod chain;
mod common;

use chain::field;
use chain::insured::insured;
use common::text;
use serde_json::json;

/// The newcomer's number at the insurer.
const NEWCOMER: &str = "QX-7730918442";

#[test]
fn a_member_who_changes_mid_year_goes_on_from_there() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let created = chain.run(
        "clerk",
        &["plan", "create", "--pool", &world.pool, "--number", "1"],
    );
    let plan = field(&created["account"], "address").to_owned();
    let terms = json!({
        "deductible": {"individual": 10_000, "family": null}, "out_of_pocket_max": {"individual": 12_000, "family": null},
        "benefits": [{"code": "A", "allowed": 10_000}],
    });
    let terms = text(&chain.world.json("terms.json", &terms));
    let publish = [
        "plan",
        "publish",
        &terms,
        "--plan",
        &plan,
        "--effective-from",
        "2020-01-01",
    ];
    chain.run("clerk", &publish);
    let keys = text(&chain.world.path("keys.json"));
    chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
    chain.run("clinic", &["store", "import", &keys]);

    let first = world.day(20);
    let used = json!({
        "deductible_used": {"individual": 8_000, "family": 0}, "out_of_pocket_used": {"individual": 8_500, "family": 8_500},
        "annual_used": 40_000, "lifetime_used": 41_000,
    });
    let used = text(&chain.world.json("used.json", &used));
    let enrol = [
        "member",
        "enrol",
        "--pool",
        &world.pool,
        "--plan",
        &plan,
        "--id",
        NEWCOMER,
        "--from",
        &first,
    ];
    let opening = [&enrol[..], &["--opening", &used]].concat();
    let bad = |name: &str, document: serde_json::Value| {
        let file = text(&chain.world.json(name, &document));
        chain.refused("clerk", &[&enrol[..], &["--opening", &file]].concat())
    };
    assert_eq!(
        bad(
            "family.json",
            json!({"deductible_used": {"individual": 1, "family": 2}})
        ),
        "opening_unsupported"
    );
    assert_eq!(
        bad("category.json", json!({"category_used": {"dental": 1}})),
        "opening_unsupported"
    );
    assert_eq!(
        bad("more.json", json!({"annual_used": 2, "lifetime_used": 1})),
        "opening_invalid"
    );
    assert_eq!(
        bad("negative.json", json!({"annual_used": -1})),
        "negative_money"
    );
    let member = chain.twice("clerk", &opening, "created");
    let period = &member["periods"][0];
    assert_eq!(
        (
            &period["deductible_used"],
            &period["out_of_pocket_used"],
            &period["annual_used"],
            &member["lifetime_used"]
        ),
        (
            &json!({"individual": 8_000, "family": 8_000}),
            &json!({"individual": 8_500, "family": 8_500}),
            &json!(40_000),
            &json!(41_000)
        )
    );
    let other = text(
        &chain
            .world
            .json("other.json", &json!({"annual_used": 1, "lifetime_used": 1})),
    );
    assert_eq!(
        chain.refused("clerk", &[&enrol[..], &["--opening", &other]].concat()),
        "member_differs"
    );

    // 20.00 of the deductible are left.
    let address = field(&member, "address").to_owned();
    let ticket = chain.run(
        "desk",
        &[
            "member",
            "ticket",
            "--pool",
            &world.pool,
            "--member",
            &address,
            "--provider",
            &world.parties.provider,
            "--from",
            "2020-01-01",
            "--to",
            "2099-12-31",
        ],
    );
    let ticket = text(&chain.world.json("newcomer.json", &ticket));
    let claim = world.submit(
        &world.document("visit.json", 1, &[("A", 1, 10_000)]),
        &ticket,
    );
    assert_eq!(
        claim["lines"][0]["adjustments"],
        json!([{"group": "PR", "reason": 1, "amount": 2_000}]),
        "{claim:#}"
    );
    assert_eq!(claim["lines"][0]["paid"], json!(8_000));
    let again = chain.run("clerk", &opening);
    assert_eq!(again["outcome"], "unchanged");
    chain.assert_nowhere(&[NEWCOMER], &[]);
}
