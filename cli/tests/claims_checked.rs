//! What is asked before care, looked at before payment and shared with others, on a running validator: predeterminations and held
//! prices, confirmation by the member, draws by the insurer's secret, another payer's days, reinsurance.

mod chain;
mod common;

use chain::claim_files::words;
use chain::field;
use chain::insured::{insured, insured_by, plan, Insured, MEMBER, UNITS};
use claims::state::DrawChain;
use common::{sample, text};
use galen_rules::Date;
use serde_json::{json, Value};
use solana_pubkey::Pubkey;

const DAY: i64 = 86_400;

/// The world of a plan with these checks.
fn checked(checks: Value) -> Insured {
    let mut plan = plan();
    plan["checks"] = checks;
    insured_by(&plan)
}

impl Insured {
    /// Publishes a version of the plan with these fees, and hands its code key to the clinic.
    fn publish(&self, name: &str, from: &str, change: impl FnOnce(&mut Value)) {
        let mut plan = plan();
        change(&mut plan);
        self.publish_document(name, from, &plan, &[]);
    }

    /// Publishes a version of the plan by this document, and hands its code key to the clinic.
    fn publish_document(&self, name: &str, from: &str, plan: &Value, flags: &[&str]) {
        let chain = self.chain();
        let file = text(&chain.world.json(&format!("{name}.json"), plan));
        let publish = ["plan", "publish", &file, "--plan", &self.plan];
        let from = ["--effective-from", from];
        chain.run("clerk", &[&publish[..], &from, flags].concat());
        let keys = text(&chain.world.path(&format!("{name}-keys.json")));
        chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
        chain.run("clinic", &["store", "import", &keys]);
    }

    /// A claim of one line, submitted by ticket.
    fn submit_one(&self, ticket: &str, name: &str, ago: u32, code: &str) -> Value {
        let document = self.document(&format!("{name}.json"), ago, &[(code, 1, 4_000)]);
        self.submit(&document, ticket)
    }

    /// A document with these lines, on a day so many days after the world was made.
    fn planned(&self, name: &str, ahead: i32, lines: &Value) -> String {
        let day = Date::from_days(self.today.days() + ahead).expect("a day");
        let document = json!({"service_date": day.to_string(), "lines": lines});
        text(&self.chain().world.json(name, &document))
    }

    fn asking<'a>(&'a self, document: &'a str, ticket: &'a str) -> [&'a str; 10] {
        let mut words = self.submission(document, ticket);
        words[..2].copy_from_slice(&["predetermination", "ask"]);
        words
    }
}

#[test]
fn a_version_that_its_plan_no_longer_lists_pays_for_the_care_of_its_time() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let file = text(&chain.world.json("dearer.json", &{
        let mut plan = plan();
        plan["benefits"][1]["allowed"] = json!(1);
        plan
    }));
    let publish = |n: i32, more: &[&str]| {
        let from = Date::from_days(world.today.days() + n).expect("a day");
        let from = from.to_string();
        let words = ["plan", "publish", &file, "--plan", &world.plan];
        let words = [&words[..], &["--effective-from", &from], more].concat();
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for n in 2..=16 {
        chain.run("clerk", &publish(n, &[]));
    }
    // Sixteen numbers of schedules are a plan's; it says so.
    assert_eq!(
        chain.refused("clerk", &publish(17, &[])),
        "schedule_number_needed"
    );
    chain.twice("clerk", &publish(17, &["--schedule", "900"]), "created");
    let shown = chain.run("anyone", &["plan", "show", &world.plan]);
    let numbers = |versions: &Value| -> Vec<u64> {
        let versions = versions.as_array().expect("versions");
        let numbers = versions.iter().map(|version| version["number"].as_u64());
        numbers.map(|number| number.expect("a number")).collect()
    };
    assert_eq!(numbers(&shown["versions"]), (1..=17).collect::<Vec<_>>());
    let list = chain.run("anyone", &["plan", "list", "--pool", &world.pool]);
    assert_eq!(numbers(&list[0]["versions"]), (2..=17).collect::<Vec<_>>());
    let paid = world.submit_one(&ticket, "of-its-time", 1, "B");
    assert_eq!(
        (field(&paid, "status"), &paid["plan_version"]),
        ("paid", &shown["versions"][0]["address"]),
        "{paid:#}"
    );
}

/// Decision 63: what stands for a code is the same in every version of a plan, unless the insurer draws a new key for it.
#[test]
fn what_was_had_and_authorized_is_recognised_by_the_next_version() {
    let document = |fee: u64| {
        json!({"coinsurance_bps": 2_000, "benefits": [
            {"code": "D1110", "allowed": fee, "frequency_days": 180},
            {"code": "A", "allowed": fee / 2, "authorization": true},
        ]})
    };
    let world = insured_by(&document(8_000));
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let day = |ahead: i32| {
        let day = Date::from_days(world.today.days() + ahead).expect("a day");
        day.to_string()
    };
    let (from, to) = (day(-30), day(60));
    let grant = ["member", "authorize", "A", "--pool", &world.pool];
    let what = ["--id", MEMBER, "--number", "1", "--units", "9"];
    let days = ["--from", &from, "--to", &to];
    chain.run("clerk", &[&grant[..], &what, &days].concat());

    // The same claim on the ledger and quoted, by the version of its day and with what has been had so far.
    let billed = |plan: &Value, ahead: i32, line: &Value, history: &Value| {
        let claim = json!({"service_date": day(ahead), "lines": [line]});
        let file = text(&chain.world.json(&format!("of-{ahead}.json"), &claim));
        let bill = world.submit(&file, &ticket);
        let member = json!({"covered_from": "2020-01-01", "history": history, "authorizations": [
            {"number": "1", "code": "A", "from": from, "to": to, "units": 9},
        ]});
        let quote = chain.world.quoted(plan, &claim, Some(&member));
        let of = |answer: &Value| {
            let parts = ["charge", "allowed", "paid", "patient", "adjustments"];
            parts.map(|part| answer["lines"][0][part].clone())
        };
        (bill.clone(), of(&bill), of(&quote))
    };
    let reason = |bill: &Value| {
        let adjustments = bill["lines"][0]["adjustments"].as_array();
        let last = adjustments.and_then(|list| list.last());
        last.and_then(|one| one["reason"].as_u64())
    };
    let cleaning = json!({"code": "D1110", "charge": 9_000});
    let agreed = json!({"code": "A", "charge": 9_000, "authorization": "1"});
    let before = document(8_000);
    let (bill, ledger, quote) = billed(&before, -3, &cleaning, &json!([]));
    assert_eq!(
        (field(&bill, "status"), &bill["paid_out"]),
        ("paid", &json!(6_400))
    );
    assert_eq!(ledger, quote);
    let (bill, ledger, quote) = billed(&before, -2, &agreed, &json!([]));
    assert_eq!(
        (field(&bill, "status"), &bill["paid_out"]),
        ("paid", &json!(3_200))
    );
    assert_eq!(ledger, quote);

    // Dearer from tomorrow on: another schedule, the same cleaning, the same authorization.
    let dearer = document(9_000);
    world.publish_document("dearer", &day(1), &dearer, &[]);
    chain.travel(4 * DAY);
    let had = json!([{"code": "D1110", "service_date": day(-3)}]);
    let (bill, ledger, quote) = billed(&dearer, 2, &cleaning, &had);
    assert_eq!(
        (field(&bill, "status"), reason(&bill)),
        ("denied", Some(151)),
        "{bill:#}"
    );
    assert_eq!(ledger, quote);
    let (bill, ledger, quote) = billed(&dearer, 3, &agreed, &json!([]));
    assert_eq!(
        (field(&bill, "status"), &bill["paid_out"]),
        ("paid", &json!(3_600))
    );
    assert_eq!(ledger, quote);

    // What a new key costs: neither is known any more, until it has been had or authorized under it.
    let newest = document(10_000);
    world.publish_document("newest", &day(6), &newest, &["--new-code-key"]);
    chain.travel(5 * DAY);
    let (bill, ..) = billed(&newest, 6, &cleaning, &had);
    assert_eq!(
        (field(&bill, "status"), &bill["paid_out"]),
        ("paid", &json!(7_200))
    );
    let (bill, ..) = billed(&newest, 7, &agreed, &json!([]));
    assert_eq!(field(&bill, "status"), "denied", "{bill:#}");
    let again = ["--id", MEMBER, "--number", "2", "--units", "9"];
    let later = ["--from", &day(6), "--to", &to];
    chain.run("clerk", &[&grant[..], &again, &later].concat());
    let anew = json!({"code": "A", "charge": 9_000, "authorization": "2"});
    let (bill, ..) = billed(&newest, 8, &anew, &json!([]));
    assert_eq!(
        (field(&bill, "status"), &bill["paid_out"]),
        ("paid", &json!(4_000))
    );

    // The next one has that key again.
    world.publish_document("last", &day(10), &document(9_000), &[]);
    chain.travel(4 * DAY);
    let had = json!([{"code": "D1110", "service_date": day(6)}]);
    let (bill, ledger, quote) = billed(&document(9_000), 11, &cleaning, &had);
    assert_eq!(
        (field(&bill, "status"), reason(&bill)),
        ("denied", Some(151)),
        "{bill:#}"
    );
    assert_eq!(ledger, quote);
}

#[test]
fn a_member_confirms_or_disputes_and_another_payer_comes_first() {
    let world = checked(json!({"confirmation": "required", "confirmation_days": 5}));
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let own = chain.person("member").to_string();
    let about = ["--pool", &world.pool, "--id", MEMBER];
    let set = ["member", "set-authority", &own];
    chain.run("clerk", &[&set[..], &about].concat());

    let confirmed = world.submit_one(&ticket, "confirmed", 1, "B");
    assert_eq!(field(&confirmed, "pend_reason"), "confirmation");
    assert!(confirmed["wait_until"].is_string(), "{confirmed:#}");
    let claim = field(&confirmed, "address").to_owned();
    let confirm = ["claim", "confirm", &claim];
    assert_eq!(chain.refused("clinic", &confirm), "not_member_authority");
    assert_eq!(chain.held(&world.payout), 0);
    let paid = chain.twice("member", &confirm, "changed");
    assert_eq!(
        (field(&paid, "status"), &paid["paid_out"]),
        ("paid", &json!(3_200))
    );
    assert_eq!(chain.held(&world.payout), 3_200 * UNITS);
    assert_eq!(
        chain.refused("member", &["claim", "dispute", &claim]),
        "confirmation_not_awaited"
    );

    let disputed = world.submit_one(&ticket, "disputed", 2, "B");
    let claim = field(&disputed, "address").to_owned();
    let dispute = ["claim", "dispute", &claim];
    assert_eq!(chain.refused("clinic", &dispute), "not_member_authority");
    let waiting = chain.twice("member", &dispute, "changed");
    assert_eq!(field(&waiting, "pend_reason"), "disputed");
    assert_eq!(
        chain.refused("member", &["claim", "confirm", &claim]),
        "confirmation_not_awaited"
    );
    let denied = chain.run("clerk", &["claim", "decide", &claim, "--deny", "50"]);
    assert_eq!(field(&denied["account"], "status"), "denied");

    // The member's word comes too late.
    let late = world.submit_one(&ticket, "late", 3, "B");
    chain.travel(6 * DAY);
    assert_eq!(
        chain.refused("member", &["claim", "confirm", field(&late, "address")]),
        "confirmation_late"
    );

    // Days on which another payer comes first: a line that does not say what it decided is CARC 22.
    let other = |more: &[&'static str]| {
        let words = ["member", "set-other-coverage"];
        [&words[..], &about, more].concat()
    };
    let always = other(&["--from", "2020-01-01"]);
    assert_eq!(chain.refused("clinic", &always), "member_unknown");
    let set = chain.twice("clerk", &always, "changed");
    assert_eq!(set["other_payer_first"], json!({"from": "2020-01-01"}));
    let second = world.submit_one(&ticket, "second", 4, "B");
    assert_eq!(field(&second, "status"), "denied");
    assert_eq!(second["lines"][0]["adjustments"][0]["reason"], json!(22));
    let backwards = other(&["--from", "2021-01-01", "--to", "2020-01-01"]);
    assert_eq!(chain.refused("clerk", &backwards), "coverage_invalid");
    let short = chain.twice(
        "clerk",
        &other(&["--from", "2020-01-01", "--to", "2020-12-31"]),
        "changed",
    );
    assert_eq!(short["other_payer_first"]["to"], json!("2020-12-31"));
    let none = chain.twice("clerk", &other(&["--none"]), "changed");
    assert_eq!(none["other_payer_first"], json!(null));
}

#[test]
fn claims_are_drawn_by_a_secret_that_the_store_keeps() {
    const BPS: u16 = 5_000;
    const CLAIMS: u32 = 8;
    let world = checked(json!({"sampling_bps": BPS, "reveal_days": 3}));
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let pool = world.pool.as_str();
    let reveal = ["pool", "reveal-draws", pool];
    assert_eq!(chain.refused("clerk", &reveal), "no_draws");
    let commit = ["pool", "commit-draws", pool];
    assert_eq!(chain.refused("clinic", &commit), "operator_missing");
    let today = world.day(0);
    let begun = [&commit[..], &["--from", &today]].concat();
    assert_eq!(chain.refused("clerk", &begun), "draw_days_invalid");
    // The secret was there before anything was sent, and is the one that the next attempt commits.
    let secrets = |name: &str| {
        let file = text(&chain.world.path(name));
        chain.run("clerk", &["store", "export", &file]);
        let bytes = std::fs::read(&file).expect("written");
        let export: Value = serde_json::from_slice(&bytes).expect("JSON");
        (file, export["draw_secrets"].clone())
    };
    let (_, before) = secrets("before.json");
    assert_eq!(before.as_array().map(Vec::len), Some(1));
    assert_eq!(before[0]["pool"], json!(pool));
    let committed = chain.twice("clerk", &commit, "created");
    assert_eq!(committed["revealed_to"], json!(null));
    let first = field(&committed, "from").to_owned();
    let other_day = [&commit[..], &["--from", "2099-01-01", "--year"]].concat();
    let year = committed["year"].to_string();
    assert_eq!(
        chain.refused("clerk", &[&other_day[..], &[&year]].concat()),
        "draws_differ"
    );
    // It goes along with the store; nobody else can reveal.
    let (export, kept) = secrets("clerk-export.json");
    assert_eq!(kept, before);

    chain.travel(DAY);
    let submitted: Vec<String> = (1..=CLAIMS)
        .map(|ago| {
            let claim = world.submit_one(&ticket, &format!("drawn-{ago}"), ago, "B");
            assert_eq!(field(&claim, "pend_reason"), "draw", "{claim:#}");
            field(&claim, "address").to_owned()
        })
        .collect();
    let draw = ["claim", "draw", "--pool", pool];
    let early = chain.run("anyone", &draw);
    assert_eq!(
        (&early["waiting"], &early["unrevealed"], &early["claims"]),
        (&json!(CLAIMS), &json!(CLAIMS), &json!([]))
    );
    // The day is not over.
    let of_today = [&reveal[..], &["--to", &first]].concat();
    assert_eq!(chain.refused("clerk", &of_today), "draw_too_early");
    assert_eq!(chain.run("clerk", &reveal)["outcome"], "unchanged");
    chain.travel(DAY);
    assert_eq!(chain.refused("auditor", &reveal), "draw_secret_missing");
    chain.run("auditor", &["store", "import", &export]);
    let revealed = chain.twice("auditor", &reveal, "changed");
    assert_eq!(chain.exported(pool)["draw_chain"], 1);
    let shown = chain.run("anyone", &["pool", "draws", pool]);
    let revealed = revealed
        .as_array()
        .and_then(|list| list.last())
        .expect("a chain");
    assert_eq!(
        shown.as_array().and_then(|list| list.last()),
        Some(revealed)
    );
    assert_eq!(field(revealed, "revealed_to"), first);
    let link: [u8; 32] = hex(field(revealed, "link")).try_into().expect("32 bytes");

    // One alone, then all that are left; each as the program's own rule says.
    let one = chain.run("anyone", &[&draw[..], &[&submitted[3]]].concat());
    assert_eq!(one["waiting"], json!(1));
    let rest = chain.run("anyone", &draw);
    assert_eq!(rest["waiting"], json!(CLAIMS - 1));
    let rows = [&one, &rest].map(|answer| answer["claims"].as_array().expect("claims").clone());
    let rows = rows.concat();
    assert_eq!(rows.len(), submitted.len());
    let mut drawn = 0;
    for row in &rows {
        let address: Pubkey = field(row, "claim").parse().expect("an address");
        let is_drawn = DrawChain::draws(&link, &address, BPS);
        let (outcome, status) = match is_drawn {
            true => ("drawn", "pended"),
            false => ("passed", "paid"),
        };
        assert_eq!(
            (field(row, "outcome"), field(row, "status")),
            (outcome, status),
            "{row:#}"
        );
        assert!(row["signature"].is_string());
        drawn += u64::from(is_drawn);
    }
    let count = |name: &str| [&one, &rest].map(|one| one[name].as_u64().expect("a number"));
    assert_eq!(count("drawn").iter().sum::<u64>(), drawn);
    assert_eq!(count("failed"), [0, 0]);
    let paid = u64::from(CLAIMS) - drawn;
    assert_eq!(chain.held(&world.payout), paid * 3_200 * UNITS);
    assert_eq!(chain.run("anyone", &draw)["waiting"], json!(0));
    assert_eq!(
        chain.refused("anyone", &[&draw[..], &[&submitted[3]]].concat()),
        "draw_not_awaited"
    );

    // Silence draws nothing: once the time is over anybody has it paid.
    let silent = world.submit_one(&ticket, "silent", 15, "B");
    assert_eq!(field(&silent, "pend_reason"), "draw");
    chain.travel(4 * DAY);
    let passed = chain.run("anyone", &draw);
    assert_eq!(passed["passed"], json!(1), "{passed:#}");
    // What the draw has paid is a payment as any other.
    let signature = field(&passed["claims"][0], "signature");
    let payment = chain.run("anyone", &["claim", "payment", signature]);
    assert_eq!(
        (&payment["paid"], &payment["claims"][0]["address"]),
        (&json!(3_200), &silent["address"])
    );
    assert_eq!(chain.held(&world.payout), (paid + 1) * 3_200 * UNITS);
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            let pair = std::str::from_utf8(pair).expect("ASCII");
            u8::from_str_radix(pair, 16).expect("hexadecimal digits")
        })
        .collect()
}

#[test]
fn an_answer_before_care_is_the_bill_where_its_price_is_held() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let lines = json!([
        {"code": "A", "charge": 12_000}, {"code": "C", "units": 2, "charge": 2_000}, {"code": "X", "charge": 500},
    ]);
    let planned = world.planned("planned.json", 5, &lines);
    let asked = chain.twice("clinic", &world.asking(&planned, &ticket), "created");
    let value: Value =
        serde_json::from_slice(&std::fs::read(&planned).expect("there")).expect("JSON");
    let quote = chain.world.quoted(&plan(), &value, None);
    assert_eq!(asked["totals"], quote["totals"]);
    let denial = &quote["lines"][2]["adjustments"][0]["reason"];
    let denials: Vec<&Value> = (0..3)
        .map(|line| &asked["lines"][line]["denial_reason"])
        .collect();
    assert!(denial.is_u64());
    assert_eq!(denials, [&json!(null), &json!(null), denial], "{asked:#}");
    // Nothing moved, and nothing is used up.
    assert_eq!(world.pool_shown()["paid"], json!(0));
    let show = ["member", "show", "--pool", &world.pool, "--id", MEMBER];
    assert_eq!(chain.run("clerk", &show)["periods"], json!([]));

    let address = field(&asked, "address").to_owned();
    let cite = ["--predetermination", &address];
    let done = world.planned("done.json", 5, &json!([lines[0], lines[1]]));
    let submit = [&world.submission(&done, &ticket)[..], &cite].concat();
    assert_eq!(chain.refused("clinic", &submit), "price_not_held");
    let day = |ahead: i32| {
        Date::from_days(world.today.days() + ahead)
            .expect("a day")
            .to_string()
    };
    let hold =
        |until: &str| ["predetermination", "hold", &address, "--until", until].map(str::to_owned);
    assert_eq!(chain.refused("clinic", &hold(&day(10))), "operator_missing");
    let held = chain.twice("clerk", &hold(&day(10)), "changed");
    assert_eq!(field(&held, "hold_until"), day(10));
    assert_eq!(chain.refused("clerk", &hold(&day(9))), "hold_invalid");
    let list = [
        "predetermination",
        "list",
        "--provider",
        &world.parties.provider,
        "--held",
    ];
    assert_eq!(chain.run("anyone", &list)[0]["address"], asked["address"]);
    assert_eq!(chain.exported(&world.pool)["predetermination"], 1);

    // Cheaper from tomorrow on; what was held is paid as it was answered, and only that.
    world.publish("cheaper", &day(1), |plan| {
        plan["benefits"][0]["allowed"] = json!(6_000)
    });
    chain.travel(6 * DAY);
    let more = world.planned(
        "more.json",
        5,
        &json!([lines[0], {"code": "B", "charge": 100}]),
    );
    let more = [&world.submission(&more, &ticket)[..], &cite].concat();
    assert_eq!(chain.refused("clinic", &more), "codes_not_within");
    let bill = chain.twice("clinic", &submit, "created");
    assert_eq!(bill["plan_version"], asked["plan_version"]);
    for line in 0..2 {
        for part in ["charge", "allowed", "paid", "patient"] {
            assert_eq!(
                bill["lines"][line][part], asked["lines"][line][part],
                "{part} of {line}"
            );
        }
    }
    assert_eq!(field(&bill, "status"), "paid");
    let shown = chain.run("anyone", &["predetermination", "show", &address]);
    assert_eq!(shown["cited_by"], bill["claim_id"]);
    let again = world.planned("again.json", 6, &json!([lines[1]]));
    let again = [&world.submission(&again, &ticket)[..], &cite].concat();
    assert_eq!(chain.refused("clinic", &again), "already_cited");
    let drafts = ["claim", "list", "--pool", &world.pool, "--status", "draft"];
    assert_eq!(chain.run("anyone", &drafts)["claims"], json!([]));

    let close = ["predetermination", "close", &address];
    assert_eq!(
        chain.refused("clerk", &close),
        "not_predetermination_opener"
    );
    assert!(chain.run("clinic", &close)["transaction"]["signature"].is_string());
    assert_eq!(chain.run("clinic", &close)["transaction"], json!(null));

    // A FHIR document says itself which of the two it is.
    let mut question = world.fhir_claim("Q-5582001", "M-0", 1, &[("A", 10_000)]);
    question["use"] = json!("predetermination");
    question["patient"] = sample("visit.fhir.json")["patient"].clone();
    let mut claim = question.clone();
    claim["use"] = json!("claim");
    let question = text(&chain.world.json("question.fhir.json", &question));
    let claim = text(&chain.world.json("claim.fhir.json", &claim));
    assert_eq!(
        chain.refused("clinic", &world.submission(&question, &ticket)),
        "predetermination"
    );
    assert_eq!(
        chain.refused("clinic", &world.asking(&claim, &ticket)),
        "not_a_predetermination"
    );
    let answered = chain.run("clinic", &world.asking(&question, &ticket));
    assert_eq!(answered["account"]["totals"]["paid"], json!(8_000));

    // What is asked before care says no more of the patient than a bill.
    chain.assert_nowhere(&[MEMBER, "Q-5582001", "P-2026-0815"], &[]);
}

#[test]
fn a_reinsurer_takes_over_its_part_and_gets_back_what_is_left() {
    let world = insured();
    let chain = world.chain();
    world.fund(1_000_000);
    let reinsurer = {
        let register = [
            "org",
            "register",
            "--kind",
            "insurer",
            "--identifier",
            "other:RE-1",
        ];
        let org = chain.run("reinsurer", &register);
        let address = field(&org["account"], "address").to_owned();
        chain.run("governance", &["org", "activate", &address]);
        let key = chain.person("broker").to_string();
        let add = ["operator", "add", "--org", &address, "--key", &key];
        chain.run(
            "reinsurer",
            &[&add[..], &["--permissions", "manage-pool,fund"]].concat(),
        );
        address
    };
    let day = |ahead: i32| {
        Date::from_days(world.today.days() + ahead)
            .expect("a day")
            .to_string()
    };
    let (from, to) = (day(0), day(20));
    let offer = [
        "treaty",
        "offer",
        "--pool",
        &world.pool,
        "--reinsurer",
        &reinsurer,
        "--from",
        &from,
        "--to",
        &to,
        "--runoff-days",
        "5",
        "--claim-attachment",
        "5000",
        "--claim-limit",
        "2000",
        "--claims-limit",
    ];
    let offer = |limit: &'static str| [&offer[..], &[limit]].concat();
    assert_eq!(chain.refused("broker", &offer("40000")), "operator_missing");
    assert_eq!(chain.refused("clerk", &offer("1999")), "treaty_invalid");
    let offered = chain.twice("clerk", &offer("40000"), "created");
    assert_eq!(field(&offered, "status"), "offered");
    assert_eq!(chain.refused("clerk", &offer("50000")), "treaty_differs");
    let treaty = field(&offered, "address").to_owned();
    let verb = |verb: &'static str, more: &[&'static str]| -> Vec<String> {
        let words = ["treaty", verb, treaty.as_str()];
        words
            .iter()
            .chain(more)
            .map(|&word| word.to_owned())
            .collect()
    };
    assert_eq!(
        chain.refused("treasury", &verb("fund", &["--total", "1000"])),
        "treaty_not_in_force"
    );
    assert_eq!(
        chain.refused("clerk", &verb("accept", &[])),
        "operator_missing"
    );
    let accepted = chain.twice("broker", &verb("accept", &[]), "changed");
    assert_eq!(field(&accepted, "status"), "in_force");

    // 25 claims of 80.00, but for two: 30.00 of each lies beyond the attachment, 20.00 of it in the layer.
    let file = world.claim_file("ceded", 7, 25);
    let filed = chain.run("clinic", &words(&world, &file.file, &file.table));
    assert_eq!(filed["by_status"]["paid"]["claims"], json!(25), "{filed:#}");
    let treasury = chain.person("treasury");
    chain.tokens(&world.parties.mint, "treasury", &treasury, 100_000 * UNITS);
    let funded = chain.twice("treasury", &verb("fund", &["--total", "10000"]), "changed");
    assert_eq!(
        (&funded["funded"], &funded["held"]),
        (&json!(10_000), &json!(10_000))
    );
    let before = world.pool_shown()["free"].as_u64().expect("cents");
    let ceded = chain.run("anyone", &verb("cede", &[]));
    assert_eq!(
        (
            &ceded["claims"],
            &ceded["drawn"],
            &ceded["recoverable"],
            &ceded["missing"]
        ),
        (&json!(25), &json!(10_000), &json!(40_000), &json!(30_000)),
        "{ceded:#}"
    );
    assert_eq!(ceded["transactions"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.pool_shown()["free"], json!(before + 10_000));
    // The rest, once it is there, with everything else that is due of the pool; then there is nothing to do.
    chain.run("treasury", &verb("fund", &["--total", "45000"]));
    let crank = ["pool", "crank", "--pool", &world.pool];
    let planned = chain.run("anyone", &[&crank[..], &["--dry-run"]].concat());
    assert_eq!(
        (&planned["due"], &planned["planned"], &planned["drawn"]),
        (&json!({"cede": 1}), &json!(1), &json!(0)),
        "{planned:#}"
    );
    let rest = chain.run("anyone", &crank);
    assert_eq!(
        (&rest["done"], &rest["drawn"], &rest["paid"]),
        (&json!(1), &json!(30_000), &json!(0)),
        "{rest:#}"
    );
    let act = &rest["acts"][0];
    assert_eq!(
        (&act["duty"], &act["treaty"], &act["claim"], &act["amount"]),
        (&json!("cede"), &json!(treaty), &json!(null), &json!(30_000))
    );
    assert_eq!(chain.run("anyone", &crank)["acts"], json!([]));
    assert_eq!(
        chain.run("anyone", &verb("cede", &[]))["transactions"],
        json!([])
    );

    // Of 23 claims the layer takes 460.00, capped at 400.00; without four of them it takes 380.00.
    let claims = filed["claims"].as_array().expect("claims");
    let dear = claims.iter().filter(|claim| claim["paid"] == json!(8_000));
    for claim in dear.take(4) {
        let reverse = ["claim", "reverse", field(claim, "claim"), "--reason", "7"];
        chain.run("clerk", &reverse);
    }
    let back = chain.run("anyone", &verb("cede", &[]));
    assert_eq!(
        (
            &back["claims"],
            &back["returned"],
            &back["counted"],
            &back["recoverable"]
        ),
        (&json!(4), &json!(2_000), &json!(21), &json!(38_000)),
        "{back:#}"
    );

    // What is left of the layer: 70.00, of which 20.00 can still be drawn while claims can be counted.
    let broker = chain.person("broker");
    let purse = chain
        .tokens(&world.parties.mint, "treasury", &broker, 0)
        .to_string();
    let announce = verb("announce-withdrawal", &["--amount", "7000"]);
    assert_eq!(chain.refused("clerk", &announce), "wrong_token_account");
    let announced = chain.twice("broker", &announce, "changed");
    assert_eq!(announced["withdrawal"]["amount"], json!(7_000));
    let withdraw = verb("withdraw", &[]);
    assert_eq!(chain.refused("broker", &withdraw), "withdrawal_not_due");
    let cancelled = chain.twice("broker", &verb("cancel-withdrawal", &[]), "changed");
    assert_eq!(cancelled["withdrawal"], json!(null));
    chain.run("broker", &announce);
    chain.travel(15 * DAY);
    assert_eq!(chain.refused("broker", &withdraw), "layer_exposed");
    chain.travel(12 * DAY);
    let withdrawn = chain.twice("broker", &withdraw, "changed");
    assert_eq!(
        (&withdrawn["withdrawn"], &withdrawn["held"]),
        (&json!(7_000), &json!(0))
    );
    assert_eq!(chain.held(&purse), 7_000 * UNITS);
    let list = ["treaty", "list", "--reinsurer", &reinsurer];
    assert_eq!(chain.run("anyone", &list), json!([withdrawn]));

    // Who leaves takes the treaty along.
    let out = text(&chain.world.path("pool.ndjson"));
    let exported = chain.run("anyone", &["pool", "export", &world.pool, &out]);
    assert_eq!(exported["counts"]["treaty"], json!(1), "{exported:#}");
}
