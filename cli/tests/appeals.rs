//! Appeals on a running validator: listed with who may decide and by when, and taken the whole way to the reviewer outside the insurer,
//! whose decision is paid.

mod chain;
mod common;

use chain::field;
use chain::insured::{insured_by, plan, Insured, LIMIT, MEMBER, UNITS};
use chain::Chain;
use common::{code, text};
use galen_rules::Date;
use serde_json::{json, Value};

const DAY: i64 = 86_400;
/// Days in which an appeal is decided, and a review.
const DECISION_DAYS: i32 = 10;
const REVIEW_DECISION_DAYS: i32 = 20;
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

/// A board that is neither an insurer nor a provider.
fn board(chain: &Chain) -> String {
    let words = ["org", "register", "--kind", "ethics-board", "--identifier"];
    let org = chain.run("board", &[&words[..], &["gln:4012345000009"]].concat());
    let address = field(&org["account"], "address").to_owned();
    chain.run("governance", &["org", "activate", &address]);
    address
}

/// A world whose plan names a board as its reviewer; the board.
fn reviewed() -> (Insured, String) {
    let mut world = insured_by(&plan());
    let chain = world.chain();
    let board = board(chain);
    let mut plan = plan();
    plan["clocks"] = clocks();
    plan["checks"] = json!({
        "reviewer": board, "review_days": 60, "review_decision_days": REVIEW_DECISION_DAYS,
    });
    let file = text(&chain.world.json("plan-2.json", &plan));
    let publish = ["plan", "publish", &file, "--plan", &world.plan];
    let from = day_after(&world, 1);
    chain.run(
        "clerk",
        &[&publish[..], &["--effective-from", &from]].concat(),
    );
    let keys = text(&chain.world.path("code-keys-2.json"));
    chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
    chain.run("clinic", &["store", "import", &keys]);
    chain.travel(10 * DAY);
    world.today = world.today.plus_days(10).expect("a day");
    (world, board)
}

#[test]
fn the_reviewer_outside_the_insurer_is_asked_decides_and_has_it_paid() {
    let (world, board) = reviewed();
    let chain = world.chain();
    world.fund(FUNDS);
    let insurer = &world.parties.insurer;
    let adjuster = decider(chain, "insurer", insurer, "adjuster");
    let judge = decider(chain, "board", &board, "judge");
    patient(&world);
    let ticket = world.ticket("ticket.json");
    let (claim, other) = (
        denied(&world, "one.json", 1, &ticket),
        denied(&world, "two.json", 2, &ticket),
    );
    assert_eq!(chain.held(&world.payout), 0);
    let letter = text(&chain.world.write("letter.txt", "It was needed."));
    let reasons = text(&chain.world.write("reasons.txt", "Considered anew."));
    let verdict = text(&chain.world.write("verdict.txt", "It was needed indeed."));
    let of = |words: &[&str]| -> Vec<String> { words.iter().map(|&word| word.into()).collect() };
    let payer = text(&chain.keyfile("clinic"));
    let appeal = |claim: &str| {
        let file = ["claim", "appeal", "file", claim, &letter, "--as-member"];
        of(&[&file[..], &["--fee-payer", &payer]].concat())
    };
    let decide =
        |verb: &str, claim: &str| of(&["claim", "appeal", verb, claim, "--reasons", &reasons]);
    let judge_it =
        |verb: &str, claim: &str| of(&["claim", "appeal", verb, claim, "--reasons", &verdict]);

    // First level: upheld by somebody else than who denied it. Second level: nobody decides.
    chain.run("patient", &appeal(&claim));
    assert_eq!(
        chain.refused("judge", &judge_it("overturn", &claim)),
        "operator_missing"
    );
    chain.run("adjuster", &decide("uphold", &claim));
    chain.run("patient", &appeal(&claim));
    assert_eq!(
        chain.refused("adjuster", &decide("overturn", &claim)),
        "decider_decided_before"
    );
    assert_eq!(
        chain.refused("anyone", &["claim", "appeal", "lapse", &claim]),
        "appeal_not_overdue"
    );
    assert!(listed(chain, &["--reviewer", &board]).is_empty());
    chain.travel(i64::from(DECISION_DAYS + 1) * DAY);
    chain.run("anyone", &["claim", "appeal", "lapse", &claim]);

    // Then the board, which the plan names: it and nobody else.
    chain.run("patient", &appeal(&claim));
    let asked = listed(chain, &["--reviewer", &board, "--open"]);
    assert_eq!(asked.len(), 1, "{asked:#?}");
    let row = &asked[0];
    assert_eq!(
        (field(row, "claim"), &row["review"], &row["level"]),
        (claim.as_str(), &json!(true), &json!(null))
    );
    assert_eq!(
        (&row["number"], field(row, "organization"), &row["deciders"]),
        (&json!(3), board.as_str(), &json!([judge]))
    );
    assert_eq!(
        field(row, "decide_by"),
        day_after(&world, DECISION_DAYS + 1 + REVIEW_DECISION_DAYS)
    );
    for verb in ["uphold", "overturn"] {
        assert_eq!(
            chain.refused("adjuster", &decide(verb, &claim)),
            "operator_missing"
        );
    }
    let before = world.pool_shown();
    let decided = chain.run("judge", &judge_it("overturn", &claim));
    assert_eq!(field(&decided["account"], "status"), "reversed");
    let row = &listed(chain, &["--reviewer", &board])[0];
    assert_eq!(
        (field(row, "state"), field(row, "decider")),
        ("overturned", judge.as_str())
    );

    // Twice 100.00 of the 250.00 are allowed, and the plan pays four fifths of it: to the cent, and out of the pool.
    let paid = chain.run("anyone", &["claim", "show", field(row, "replacement")]);
    assert_eq!(field(&paid, "status"), "paid");
    let totals = &paid["totals"];
    assert_eq!(
        ["charge", "allowed", "paid", "patient", "write_off", "other"]
            .map(|name| totals[name].as_u64().expect("cents")),
        [25_000, 20_000, 16_000, 4_000, 5_000, 0]
    );
    assert!(
        totals["paid"].as_u64() > Some(LIMIT),
        "no limit holds it up"
    );
    assert_eq!(chain.held(&world.payout), 16_000 * UNITS);
    let vault = field(&before, "vault").to_owned();
    assert_eq!(chain.held(&vault), (FUNDS - 16_000) * UNITS);

    // That is final, for the claim and for the one in its place, though a fifth was not paid.
    for (who, decided) in [("patient", field(row, "replacement")), ("patient", &claim)] {
        let refused = chain.refused(who, &appeal(decided));
        assert!(
            ["review_final", "nothing_to_appeal"].contains(&refused.as_str()),
            "{refused}"
        );
    }
    assert_eq!(
        chain.refused("patient", &appeal(field(row, "replacement"))),
        "review_final"
    );
    assert_eq!(
        chain.refused("judge", &judge_it("overturn", &claim)),
        "decider_decided_before"
    );

    // Of the other one the provider asks. What the board is to read goes to it sealed, once it has been asked.
    let provider = &world.parties.provider;
    let parcel = |name: &str| text(&chain.world.path(name));
    let send = |file: &str, [from, to]: [&str; 2], papers: &[&str]| {
        let mut words = of(&["store", "send", file, "--from", from, "--to", to]);
        for paper in papers {
            words.extend(of(&["--document", paper]));
        }
        words
    };
    let by_provider = of(&["claim", "appeal", "file", &other, &letter]);
    let document = format!("{other}={}", parcel("two.json"));
    let grounds = format!("{other}={letter}");
    for _ in 0..2 {
        chain.run("clinic", &by_provider);
        chain.travel(i64::from(DECISION_DAYS + 1) * DAY);
        chain.run("anyone", &["claim", "appeal", "lapse", &other]);
    }
    let to_board = send(&parcel("early.json"), [provider, &board], &[&document]);
    assert_eq!(chain.refused("clinic", &to_board), "not_a_party");
    chain.run("clinic", &by_provider);
    let inbox = chain.world.path("inbox");
    std::fs::create_dir(&inbox).expect("a folder");
    let inbox = text(&inbox);
    let receive = |file: &str| of(&["store", "receive", file, "--documents", &inbox]);
    let same = |received: &Value, index: usize, ending: &str, original: &str| {
        let file = field(&received["documents"][index], "file");
        assert!(file.ends_with(ending), "{file}");
        let read = |file: &str| std::fs::read(file).expect("there");
        assert_eq!(read(file), read(original));
    };
    let file = parcel("to-the-board.json");
    let papers = [&document[..], &grounds];
    chain.run("clinic", &send(&file, [provider, &board], &papers));
    assert_eq!(
        chain.refused("adjuster", &receive(&file)),
        "not_a_recipient"
    );
    let received = chain.run("judge", &receive(&file));
    same(&received, 0, &format!("{other}.json"), &parcel("two.json"));
    same(&received, 1, ".appeal-1.grounds", &letter);
    // What neither the claim nor an appeal was is sent by nobody, and the board's reasons come back the same way.
    let stranger = format!("{other}={verdict}");
    let to_board = send(&parcel("odd.json"), [provider, &board], &[&stranger]);
    assert_eq!(chain.refused("clinic", &to_board), "document_unknown");
    let file = parcel("to-the-insurer.json");
    let paper = format!("{claim}={verdict}");
    chain.run("judge", &send(&file, [&board, insurer], &[&paper]));
    let received = chain.run("adjuster", &receive(&file));
    same(&received, 0, ".appeal-3.reasons", &verdict);

    // The board leaves it as it was: nothing is paid, and the provider can ask nobody else.
    chain.run("judge", &judge_it("uphold", &other));
    assert_eq!(chain.refused("clinic", &by_provider), "review_final");
    let shown = chain.run("anyone", &["claim", "show", &other]);
    assert_eq!(
        (field(&shown, "status"), &shown["appeals"]),
        ("denied", &json!(3))
    );
    assert_eq!(chain.held(&world.payout), 16_000 * UNITS);
    assert_eq!(chain.held(&vault), (FUNDS - 16_000) * UNITS);
    let states: Vec<(Option<u64>, String)> = listed(chain, &["--pool", &world.pool])
        .iter()
        .filter(|row| field(row, "claim") == other)
        .map(|row| (row["level"].as_u64(), field(row, "state").to_owned()))
        .collect();
    assert_eq!(
        states,
        [
            (Some(1), "lapsed".to_owned()),
            (Some(2), "lapsed".to_owned()),
            (None, "upheld".to_owned())
        ]
    );
    assert_ne!(adjuster, judge);
}
