//! What can become of a claim after its decision, on a running validator: each command does what it says, has nothing to do
//! the second time, and is refused by name where it must be.

mod chain;
mod common;

use chain::field;
use chain::insured::{insured, insured_by, Insured, MEMBER, UNITS};
use common::text;
use serde_json::{json, Value};

const DAY: i64 = 86_400;
/// The soonest that a plan with a filing limit of five days can archive: a claim must be too old to be filed again.
const ARCHIVE_DAYS: i64 = 371;

/// The world of a plan whose claims are archived as soon as a plan can say.
fn archived_soon() -> Insured {
    insured_by(&json!({
        "coinsurance_bps": 2_000, "filing_limit_days": 5,
        "clocks": {"archive_days": ARCHIVE_DAYS, "appeal_days": 5, "appeal_levels": 1},
        "benefits": [{"code": "A", "allowed": 10_000}, {"code": "B", "allowed": 4_000}],
    }))
}

fn submit(world: &Insured, name: &str, ago: u32, lines: &[(&str, u32, u64)]) -> Value {
    let ticket = world.ticket("ticket.json");
    world.submit(&world.document(name, ago, lines), &ticket)
}

#[test]
fn a_claim_is_taken_back_and_those_after_it_are_adjudicated_anew() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let first = submit(&world, "first.json", 9, &[("A", 1, 10_000)]);
    let second = submit(&world, "second.json", 8, &[("B", 1, 4_000)]);
    let [first, second] = [&first, &second].map(|claim| field(claim, "address").to_owned());
    assert_eq!(chain.held(&world.payout), 11_200 * UNITS);

    let reverse = ["claim", "reverse", &first, "--reason", "7"];
    assert_eq!(chain.refused("clinic", &reverse), "operator_missing");
    let reversed = chain.twice("clerk", &reverse, "changed");
    assert_eq!(
        (field(&reversed, "status"), &reversed["reversal_reason"]),
        ("reversed", &json!(7))
    );
    assert_eq!(
        chain.refused("clerk", &["claim", "reverse", &first, "--reason", "8"]),
        "claim_not_reversible"
    );

    // What the second saw was given back. The third came after, and is not flagged.
    let third = submit(&world, "third.json", 7, &[("C", 1, 1_000)]);
    let third = field(&third, "address").to_owned();
    let reprocess = |claim: &str| ["claim", "reprocess", claim].map(str::to_owned);
    assert_eq!(
        chain.refused("clerk", &reprocess(&third)),
        "claim_not_flagged"
    );
    let anew = chain.twice("clerk", &reprocess(&second), "changed");
    assert_eq!(field(&anew, "status"), "reversed");
    assert!(anew["replaced_by"].is_string(), "{anew:#}");

    // A corrected claim in the place of the first.
    let corrected = submit(&world, "corrected.json", 9, &[("A", 1, 9_000)]);
    let by = field(&corrected, "address").to_owned();
    let link = ["claim", "link-replacement", &first, "--by", &by];
    assert_eq!(chain.refused("clerk", &link), "operator_missing");
    let linked = chain.twice("clinic", &link, "changed");
    assert_eq!(linked["replaced_by"], corrected["claim_id"]);
    let wrong = ["claim", "link-replacement", &third, "--by", &by];
    assert_eq!(chain.refused("clinic", &wrong), "claim_not_replaceable");
}

#[test]
fn information_stops_the_clocks_and_lets_them_run_again() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let waiting = submit(&world, "large.json", 3, &[("A", 2, 25_000)]);
    assert_eq!(field(&waiting, "status"), "pended");
    let claim = field(&waiting, "address").to_owned();
    let question = text(&chain.world.write("question.txt", "Which side?"));
    let answer = text(&chain.world.write("answer.txt", "The left one."));
    let request = ["claim", "request-information", &claim, &question];
    let provide = ["claim", "provide-information", &claim, &answer];
    assert_eq!(chain.refused("clinic", &request), "operator_missing");
    assert_eq!(chain.refused("clinic", &provide), "information_not_awaited");
    let stopped = chain.twice("clerk", &request, "changed");
    assert_eq!(field(&stopped, "awaits_information_since"), world.day(0));
    let running = chain.twice("clinic", &provide, "changed");
    assert_eq!(running["awaits_information_since"], json!(null));
    assert_eq!(field(&running, "status"), "pended");
    let approve = ["claim", "decide", &claim, "--approve"];
    chain.run("clerk", &approve);
    assert_eq!(chain.refused("clerk", &request), "claim_not_pended");
}

#[test]
fn an_authorization_ends_and_begins_again() {
    let world = insured();
    let chain = world.chain();
    let (from, to) = (world.day(30), world.day(10));
    let about = ["--pool", &world.pool, "--id", MEMBER];
    let grant = ["member", "authorize", "A", "--number", "1", "--units", "1"];
    chain.run(
        "clerk",
        &[&grant[..], &["--from", &from, "--to", &to], &about].concat(),
    );
    let end = |number: &'static str, to: &str| -> Vec<String> {
        let words = [
            "member",
            "end-authorization",
            "--number",
            number,
            "--to",
            to,
        ];
        words
            .iter()
            .chain(&about)
            .map(|&word| word.into())
            .collect()
    };
    // What was done under it stays covered.
    let earlier = world.day(20);
    assert_eq!(
        chain.refused("clerk", &end("1", &earlier)),
        "authorization_ends_too_early"
    );
    chain.twice("clerk", &end("1", &world.day(0)), "changed");
    assert_eq!(
        chain.refused("clerk", &end("1", &world.day(31))),
        "authorization_invalid"
    );
    assert_eq!(
        chain.refused("clerk", &end("2", &earlier)),
        "authorization_unknown"
    );
}

#[test]
fn an_appeal_is_closed_for_its_rent_once_its_claim_is_archived() {
    let world = archived_soon();
    let chain = world.chain();
    world.fund(100_000);
    let denied = submit(&world, "denied.json", 2, &[("NONE", 1, 10_000)]);
    assert_eq!(field(&denied, "status"), "denied");
    let claim = field(&denied, "address").to_owned();
    let letter = text(&chain.world.write("letter.txt", "It was needed."));
    chain.run("clinic", &["claim", "appeal", "file", &claim, &letter]);
    let close = ["claim", "appeal", "close", &claim];
    assert_eq!(
        chain.refused("anyone", &close),
        "account_discriminator_mismatch"
    );
    // Nobody decides; then the appeal lapses, and nothing can happen to the claim any more.
    chain.travel(40 * DAY);
    chain.run("anyone", &["claim", "appeal", "lapse", &claim]);
    chain.travel(ARCHIVE_DAYS * DAY);
    chain.run("anyone", &["claim", "archive", &claim]);
    let payer = chain.person("clinic");
    let balance = || chain.client.get_balance(&payer).expect("a balance");
    let before = balance();
    let closed = chain.run("anyone", &close);
    assert_eq!(field(&closed, "payer"), payer.to_string());
    assert!(balance() > before);
    assert_eq!(
        chain.run("anyone", &close)["transaction"],
        json!(null),
        "nothing is left to close"
    );
}
