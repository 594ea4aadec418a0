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

/// The flagged claims with their turns, in the order in which they are listed.
fn flagged(world: &Insured) -> Vec<(String, u64)> {
    let list = ["claim", "list", "--flagged", "--pool", &world.pool];
    let list = world.chain().run("clerk", &list);
    let claims = list["claims"].as_array().expect("claims").iter();
    let of = |claim: &Value| (field(claim, "address").to_owned(), claim["turn"].as_u64());
    claims
        .map(of)
        .map(|(claim, turn)| (claim, turn.expect("a turn")))
        .collect()
}

/// A command's answer as people read it.
fn in_words(world: &Insured, who: &str, args: &[&str]) -> String {
    let output = world.chain().galen(who).args(args).output().expect("run");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
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

    // What the clinic was paid for it, it owes.
    let agreement = chain.run("clinic", &["agreement", "show", &world.agreement]);
    assert_eq!(agreement["owed"], json!(8_000));
    let words = in_words(&world, "clinic", &["agreement", "show", &world.agreement]);
    assert!(words.contains("Owed to the pool:  80.00"), "{words}");

    // What the second saw was given back. The third came after, and is not flagged.
    let third = submit(&world, "third.json", 7, &[("C", 1, 1_000)]);
    let third = field(&third, "address").to_owned();
    assert_eq!(flagged(&world), [(second.clone(), 2)]);
    let shown = |claim: &str| chain.run("clerk", &["claim", "show", claim]);
    for (claim, turn, is_flagged) in [(&first, 1, false), (&second, 2, true), (&third, 3, false)] {
        let shown = shown(claim);
        let expected = (&json!(turn), &json!(is_flagged));
        assert_eq!((&shown["turn"], &shown["flagged"]), expected, "{shown:#}");
    }
    let words = in_words(&world, "clerk", &["claim", "show", &second]);
    assert!(words.contains("paid; to be adjudicated anew"), "{words}");
    let words = in_words(&world, "clerk", &["claim", "list", "--flagged"]);
    assert!(
        words.contains(&second) && !words.contains(&third),
        "{words}"
    );
    let reprocess = |claim: &str| ["claim", "reprocess", claim].map(str::to_owned);
    assert_eq!(
        chain.refused("clerk", &reprocess(&third)),
        "claim_not_flagged"
    );
    let anew = chain.twice("clerk", &reprocess(&second), "changed");
    assert_eq!(field(&anew, "status"), "reversed");
    assert!(flagged(&world).is_empty());
    let words = in_words(&world, "clerk", &["claim", "list", "--flagged"]);
    assert_eq!(words.trim(), "No claim is flagged.");
    let replacement = field(&anew, "replacement");
    let shown = shown(replacement);
    assert_eq!(shown["claim_id"], anew["replaced_by"]);
    assert_eq!(
        (&shown["turn"], &shown["flagged"]),
        (&json!(4), &json!(false))
    );
    let words = in_words(&world, "clerk", &["claim", "show", &second]);
    let replaced = |line: &str| line.starts_with("Replaced by:") && line.ends_with(replacement);
    assert!(words.lines().any(replaced), "{words}");

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
fn flagged_claims_stand_in_the_order_of_their_turns() {
    let world = insured();
    world.fund(100_000);
    // The service dates are in another order than the turns.
    let claims = [9, 6, 8, 7].map(|ago| {
        let claim = submit(&world, &format!("{ago}.json"), ago, &[("C", 1, 1_000)]);
        field(&claim, "address").to_owned()
    });
    assert!(flagged(&world).is_empty());
    let [first, rest @ ..] = &claims;
    let reverse = ["claim", "reverse", first, "--reason", "7"];
    world.chain().run("clerk", &reverse);
    let expected: Vec<(String, u64)> = rest.iter().cloned().zip(2..).collect();
    assert_eq!(flagged(&world), expected);
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
