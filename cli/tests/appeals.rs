//! Appeals on a running validator: listed with who may decide and by when.

mod chain;
mod common;

use chain::field;
use chain::insured::{insured_by, plan, Insured, MEMBER, UNITS};
use chain::Chain;
use common::{code, text};
use galen_rules::Date;
use serde_json::{json, Value};

const DAY: i64 = 86_400;
/// Days in which an appeal is decided.
const DECISION_DAYS: i32 = 10;
const FUNDS: u64 = 100_000;

fn clocks() -> Value {
    json!({"appeal_levels": 2, "appeal_days": 30, "appeal_decision_days": DECISION_DAYS})
}

/// An operator of an organization who may decide; its key.
fn decider(chain: &Chain, authority: &str, org: &str, who: &str) -> String {
    let key = chain.person(who).to_string();
    let add = ["operator", "add", "--org", org, "--key", &key];
    chain.run(
        authority,
        &[&add[..], &["--permissions", "decide-claim"]].concat(),
    );
    key
}

/// The member's own key.
fn patient(world: &Insured) -> String {
    let key = world.chain().person("patient").to_string();
    let set = ["member", "set-authority", &key, "--pool", &world.pool];
    world
        .chain()
        .run("clerk", &[&set[..], &["--id", MEMBER]].concat());
    key
}

/// A claim of 250.00 for two times `A` that was looked at and denied by the clerk; its account.
fn denied(world: &Insured, name: &str, ago: u32, ticket: &str) -> String {
    let document = world.document(name, ago, &[("A", 2, 25_000)]);
    let claim = world.submit(&document, ticket);
    assert_eq!(field(&claim, "status"), "pended", "{claim:#}");
    let claim = field(&claim, "address").to_owned();
    let chain = world.chain();
    chain.run("clerk", &["claim", "decide", &claim, "--deny", "50"]);
    claim
}

fn listed(chain: &Chain, more: &[&str]) -> Vec<Value> {
    let list = ["claim", "appeal", "list"];
    let answer = chain.run("anyone", &[&list[..], more].concat());
    answer["appeals"].as_array().expect("appeals").clone()
}

fn day_after(world: &Insured, days: i32) -> String {
    let day = Date::from_days(world.today.days() + days);
    day.expect("a day").to_string()
}

/// Claim, level and state of each.
fn states(rows: &[Value]) -> Vec<(String, Option<u64>, String)> {
    let of = |row: &Value| {
        let (claim, state) = (field(row, "claim"), field(row, "state"));
        (claim.to_owned(), row["level"].as_u64(), state.to_owned())
    };
    rows.iter().map(of).collect()
}

fn expected(rows: &[(&str, u64, &str)]) -> Vec<(String, Option<u64>, String)> {
    let of = |(claim, level, state): &(&str, u64, &str)| {
        ((*claim).to_owned(), Some(*level), (*state).to_owned())
    };
    rows.iter().map(of).collect()
}

#[test]
fn appeals_are_listed_with_who_may_decide_and_by_when() {
    let mut plan = plan();
    plan["clocks"] = clocks();
    let world = insured_by(&plan);
    let chain = world.chain();
    world.fund(FUNDS);
    let (insurer, pool) = (&world.parties.insurer, &world.pool);
    let clerk = chain.person("clerk").to_string();
    let adjuster = decider(chain, "insurer", insurer, "adjuster");
    patient(&world);
    let ticket = world.ticket("ticket.json");
    let [given_in, upheld, left] = [(1, "one"), (2, "two"), (3, "three")]
        .map(|(ago, name)| denied(&world, &format!("{name}.json"), ago, &ticket));
    let letter = text(&chain.world.write("letter.txt", "We disagree."));
    let reasons = text(&chain.world.write("reasons.txt", "Considered anew."));
    let file = |claim: &str| ["claim", "appeal", "file", claim, &letter].map(str::to_owned);
    let decide = |verb: &str, claim: &str| {
        ["claim", "appeal", verb, claim, "--reasons", &reasons].map(str::to_owned)
    };
    assert!(listed(chain, &["--pool", pool]).is_empty());
    let none = ["claim", "appeal", "list", "--pool", pool];
    let said = chain.galen("anyone").args(none).output().expect("run");
    assert_eq!(
        String::from_utf8_lossy(&said.stdout),
        "There is no such appeal.\n"
    );

    chain.run("clinic", &file(&given_in));
    chain.run("clinic", &file(&upheld));
    let open = listed(chain, &["--insurer", insurer, "--open"]);
    assert_eq!(open.len(), 2, "{open:#?}");
    for row in &open {
        // The clerk has decided about the claim; the adjuster has not.
        assert_eq!(row["deciders"], json!([adjuster]), "{row:#}");
        assert_eq!(
            (field(row, "by"), &row["level"], &row["review"]),
            ("provider", &json!(1), &json!(false))
        );
        assert_eq!(
            (field(row, "filed_on"), field(row, "decide_by")),
            (
                day_after(&world, 0).as_str(),
                day_after(&world, DECISION_DAYS).as_str()
            )
        );
        assert_eq!(
            (&row["days_left"], &row["days_late"], &row["closed_on"]),
            (&json!(DECISION_DAYS), &json!(0), &json!(null))
        );
        assert_eq!(field(row, "organization"), insurer);
        assert_eq!(field(row, "provider"), world.parties.provider);
        assert_eq!(field(row, "member"), world.member);
    }
    assert!(listed(chain, &["--pool", pool, "--late"]).is_empty());

    // Given in to, and upheld; against that the second level is open, which nobody of the insurer can decide.
    assert_eq!(
        chain.refused("clerk", &decide("overturn", &given_in)),
        "decider_decided_before"
    );
    chain.run("adjuster", &decide("overturn", &given_in));
    chain.run("adjuster", &decide("uphold", &upheld));
    chain.travel(2 * DAY);
    chain.run("clinic", &file(&upheld));
    chain.run(
        "patient",
        &[
            &file(&left)[..],
            &[
                "--as-member",
                "--fee-payer",
                &text(&chain.keyfile("clinic")),
            ]
            .map(str::to_owned),
        ]
        .concat(),
    );
    let all = listed(chain, &["--pool", pool]);
    let mut claims = states(&all);
    claims.sort();
    let mut wanted = expected(&[
        (&given_in, 1, "overturned"),
        (&upheld, 1, "upheld"),
        (&upheld, 2, "open"),
        (&left, 1, "open"),
    ]);
    wanted.sort();
    assert_eq!(claims, wanted);
    // Those that wait stand first.
    assert!(all[..2].iter().all(|row| row["state"] == json!("open")));
    let row = |claim: &str, state: &str| {
        let mut rows = listed(chain, &["--member", &world.member]).into_iter();
        rows.find(|row| field(row, "claim") == claim && field(row, "state") == state)
            .expect("it is listed")
    };
    let overturned = row(&given_in, "overturned");
    assert_eq!(field(&overturned, "decider"), adjuster);
    assert_eq!(field(&overturned, "closed_on"), day_after(&world, 0));
    assert_eq!(overturned["days_left"], json!(null));
    let replacement = field(&overturned, "replacement");
    let shown = chain.run("anyone", &["claim", "show", replacement]);
    assert_eq!(field(&shown, "status"), "paid");
    assert_eq!(chain.held(&world.payout), 16_000 * UNITS);
    assert_eq!(row(&upheld, "open")["deciders"], json!([]));
    assert_eq!(row(&left, "open")["deciders"], json!([adjuster]));
    assert_eq!(row(&left, "open")["by"], json!("member"));
    let printed = || {
        let list = ["claim", "appeal", "list", "--pool", pool];
        let output = chain.galen("anyone").args(list).output().expect("run");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        // As wide as the terminal is, so lines break anywhere.
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(printed().contains("who has not"), "{}", printed());
    let third = decider(chain, "insurer", insurer, "third");
    assert_eq!(row(&upheld, "open")["deciders"], json!([third]));
    let mut both = [adjuster.clone(), third.clone()];
    both.sort();
    let mut may = row(&left, "open")["deciders"].clone();
    may.as_array_mut()
        .expect("keys")
        .sort_by_key(|key| key.to_string());
    assert_eq!(may, json!(both));
    assert!(!both.contains(&clerk));
    // Who may not sign any more is none of them.
    let revoke = ["operator", "revoke", "--org", insurer, "--key", &third];
    chain.run("insurer", &revoke);
    assert_eq!(row(&upheld, "open")["deciders"], json!([]));

    // Late, then lapsed.
    chain.travel(13 * DAY);
    let late = listed(chain, &["--provider", &world.parties.provider, "--late"]);
    assert_eq!(late.len(), 2, "{late:#?}");
    for row in &late {
        assert_eq!(
            (field(row, "state"), &row["days_left"], &row["days_late"]),
            ("late", &json!(null), &json!(3))
        );
    }
    assert_eq!(listed(chain, &["--pool", pool, "--open"]).len(), 2);
    chain.run("anyone", &["claim", "appeal", "lapse", &left]);
    assert_eq!(listed(chain, &["--pool", pool, "--late"]).len(), 1);
    let lapsed = row(&left, "lapsed");
    assert_eq!(field(&lapsed, "closed_on"), day_after(&world, 15));
    assert_eq!(
        (&lapsed["decider"], &lapsed["replacement"]),
        (&json!(null), &json!(null))
    );

    // Elsewhere there are none, and what is no organization is said.
    assert!(listed(chain, &["--pool", &world.plan]).is_empty());
    assert!(listed(chain, &["--member", &world.plan]).is_empty());
    assert!(listed(chain, &["--reviewer", insurer]).is_empty());
    let nobody = ["claim", "appeal", "list", "--insurer", &world.member];
    assert_eq!(chain.refused("anyone", &nobody), "wrong_account");
    let two = [
        "claim",
        "appeal",
        "list",
        "--pool",
        pool,
        "--insurer",
        insurer,
    ];
    let output = chain.galen("anyone").args(two).output().expect("run");
    assert_eq!(code(&output), 2);
}
