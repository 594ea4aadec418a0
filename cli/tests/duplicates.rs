//! The registry of duplicates on a running validator: two pools ask a blinding service, screen what waits, and release it.

mod chain;
mod common;

use std::os::unix::fs::PermissionsExt;

use chain::field;
use chain::insured::{insured, Insured, UNITS};
use common::{code, document, text};
use serde_json::{json, Value};
use solana_pubkey::Pubkey;

/// By which identifier every insurer knows the person, and those of the two pools.
const PERSON: &str = "urn:oid:2.16.840.1.113883.4.1|912-44-7081";
const NUMBER: &str = "912-44-7081";
const FIRST: &str = "QX-7730918442";
const SECOND: &str = "QX-7730918459";
const DAY: i64 = 86_400;
const ENTRY_DAYS: u16 = 40;
const APPEAL_DAYS: u16 = 5;

/// A pool that takes part in a registry.
struct Pool<'a> {
    world: &'a Insured,
    name: &'static str,
    address: String,
    member: String,
}

impl<'a> Pool<'a> {
    /// Pool `number`, with money, whose plan names the service, and with a member of this identifier.
    fn new(world: &'a Insured, number: u16, name: &'static str, service: &str) -> Self {
        let chain = world.chain();
        let parties = &world.parties;
        let (mint, number) = (parties.mint.to_string(), number.to_string());
        let desk = chain.person("desk").to_string();
        let created = chain.run(
            "clerk",
            &[
                "pool",
                "create",
                "--insurer",
                &parties.insurer,
                "--mint",
                &mint,
                "--number",
                &number,
                "--ticket-key",
                &desk,
            ],
        );
        let address = field(&created["account"], "address").to_owned();
        let treasury = chain.person("treasury");
        chain.tokens(&parties.mint, "treasury", &treasury, 100_000 * UNITS);
        chain.run("treasury", &["pool", "fund", &address, "--total", "100000"]);
        let plan = chain.run("clerk", &["plan", "create", "--pool", &address]);
        let plan = field(&plan["account"], "address").to_owned();
        let document = json!({
            "coinsurance_bps": 2_000, "filing_limit_days": ENTRY_DAYS,
            "clocks": {"appeal_days": APPEAL_DAYS},
            "checks": {"blinder": service, "entry_days": ENTRY_DAYS},
            "benefits": [{"code": "A", "allowed": 10_000}],
        });
        let file = text(&chain.world.json(&format!("plan-{name}.json"), &document));
        let publish = ["plan", "publish", &file, "--plan", &plan];
        chain.run(
            "clerk",
            &[&publish[..], &["--effective-from", "2020-01-01"]].concat(),
        );
        let offer = [
            "agreement",
            "offer",
            "--pool",
            &address,
            "--provider",
            &parties.provider,
        ];
        let limits = ["--limit-per-claim", "none", "--limit-per-day", "none"];
        let offered = chain.run("clerk", &[&offer[..], &limits].concat());
        let agreement = field(&offered["account"], "address").to_owned();
        chain.run("clinic", &["agreement", "accept", &agreement]);
        let enrol = ["member", "enrol", "--pool", &address, "--plan", &plan];
        let whom = ["--id", name, "--from", "2020-01-01"];
        let enrolled = chain.run("clerk", &[&enrol[..], &whom].concat());
        let member = field(&enrolled["account"], "address").to_owned();
        let keys = text(&chain.world.path(&format!("code-keys-{name}.json")));
        chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
        chain.run("clinic", &["store", "import", &keys]);
        Self {
            world,
            name,
            address,
            member,
        }
    }

    /// Submits a claim of 100.00 for services so many days ago; its account.
    fn submit(&self, document: &str, ago: u32) -> Value {
        let chain = self.world.chain();
        let ticket = chain.run(
            "desk",
            &[
                "member",
                "ticket",
                "--pool",
                &self.address,
                "--member",
                &self.member,
                "--provider",
                &self.world.parties.provider,
                "--from",
                "2020-01-01",
                "--to",
                "2099-12-31",
            ],
        );
        let ticket = text(
            &chain
                .world
                .json(&format!("ticket-{}.json", self.name), &ticket),
        );
        let name = format!("{}-{document}", self.name);
        let document = self.world.document(&name, ago, &[("A", 1, 10_000)]);
        let submitted = chain.run(
            "clinic",
            &[
                "claim",
                "submit",
                "--pool",
                &self.address,
                "--provider",
                &self.world.parties.provider,
                "--claim",
                &document,
                "--ticket",
                &ticket,
            ],
        );
        submitted["account"].clone()
    }

    fn file(&self, name: &str) -> String {
        text(
            &self
                .world
                .chain()
                .world
                .path(&format!("{}-{name}", self.name)),
        )
    }

    /// The words that ask about all that waits in the pool, in round `round`.
    fn ask(&self, round: &str) -> Vec<String> {
        let path = |name: &str| text(&self.world.chain().world.path(name));
        let (secret, persons) = (path("secret.json"), path("persons.json"));
        [
            "duplicates",
            "ask",
            "--pool",
            &self.address,
            "--secret",
            &secret,
            "--persons",
            &persons,
            "--questions",
            &self.file(&format!("questions-{round}")),
            "--kept",
            &self.file(&format!("kept-{round}")),
        ]
        .map(str::to_owned)
        .into()
    }

    fn answer(&self, round: &str, key: &str) -> Vec<String> {
        [
            "duplicates",
            "answer",
            "--key",
            key,
            "--questions",
            &self.file(&format!("questions-{round}")),
            "--answer",
            &self.file(&format!("answer-{round}")),
        ]
        .map(str::to_owned)
        .into()
    }

    fn screen(&self, round: &str) -> Vec<String> {
        [
            "duplicates",
            "screen",
            "--kept",
            &self.file(&format!("kept-{round}")),
            "--answer",
            &self.file(&format!("answer-{round}")),
        ]
        .map(str::to_owned)
        .into()
    }

    /// Asks, has it answered, screens; what became of the claims.
    fn screened(&self, round: &str, key: &str) -> Value {
        let chain = self.world.chain();
        chain.run("clerk", &self.ask(round));
        chain.run("service", &self.answer(round, key));
        chain.run("clerk", &self.screen(round))["claims"].clone()
    }
}

/// A key of a service: its file, its public key.
fn service(world: &Insured, name: &str) -> (String, String) {
    let chain = world.chain();
    let file = text(&chain.world.path(name));
    let create = ["duplicates", "create-key", "--key", &file];
    let created = chain.run("service", &create);
    assert_eq!(chain.refused("service", &create), "file_exists");
    (file, field(&created, "service").to_owned())
}

#[test]
fn what_two_pools_have_is_found_and_released() {
    let world = insured();
    let chain = world.chain();
    let (key, public) = service(&world, "key-1.json");
    let (other_key, _) = service(&world, "key-2.json");
    let secret = text(&chain.world.path("secret.json"));
    chain.run(
        "clerk",
        &["duplicates", "create-secret", "--secret", &secret],
    );
    chain.world.json(
        "persons.json",
        &json!({FIRST: PERSON, SECOND: PERSON.replace('-', " ")}),
    );
    let first = Pool::new(&world, 1, FIRST, &public);
    let second = Pool::new(&world, 2, SECOND, &public);

    let nothing = chain.run("clerk", &first.ask("0"));
    assert_eq!(
        (&nothing["service"], &nothing["questions"]),
        (&json!(null), &json!(0))
    );
    let claim = first.submit("visit.json", 3);
    assert_eq!(
        (field(&claim, "status"), &claim["pend_reason"]),
        ("pended", &json!("screening"))
    );
    let claim = field(&claim, "address").to_owned();

    // What the service is shown, and what nobody but the insurer can read.
    let asked = chain.run("clerk", &first.ask("1"));
    assert_eq!(
        (&asked["claims"], &asked["questions"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(chain.refused("clerk", &first.ask("1")), "file_exists");
    let questions = std::fs::read_to_string(first.file("questions-1")).expect("read");
    for told in [PERSON, "912447081", FIRST, &claim, &first.member] {
        assert!(!questions.contains(told), "the questions tell {told}");
    }
    for name in ["questions-1", "kept-1"] {
        let mode = std::fs::metadata(first.file(name))
            .expect("there")
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(
        chain.refused("service", &first.answer("1", &other_key)),
        "questions_for_other_service"
    );
    let mut none = first.answer("1", &key);
    none.extend(["--at-most".to_owned(), "0".to_owned()]);
    assert_eq!(chain.refused("service", &none), "too_many_questions");
    chain.run("service", &first.answer("1", &key));
    assert_eq!(
        chain.refused("clinic", &first.screen("1")),
        "operator_missing"
    );

    // An answer that says it is the service's and is not.
    let answer = std::fs::read_to_string(first.file("answer-1")).expect("read");
    let bent = answer.replacen("\"proof\": \"", "\"proof\": \"00", 1);
    let mut forged: Value = serde_json::from_str(&answer).expect("JSON");
    let proof = field(&forged, "proof").to_owned();
    forged["proof"] = json!(format!("{}{}", &proof[64..], &proof[..64]));
    for (name, content, code) in [
        ("bent", bent, "file_damaged"),
        ("forged", forged.to_string(), "proof_invalid"),
        (
            "kept",
            std::fs::read_to_string(first.file("kept-1")).expect("read"),
            "file_of_other_form",
        ),
    ] {
        let file = text(&chain.world.write(name, &content));
        let kept = first.file("kept-1");
        let screen = ["duplicates", "screen", "--kept", &kept, "--answer", &file];
        assert_eq!(chain.refused("clerk", &screen), code, "{name}");
    }

    let screened = chain.run("clerk", &first.screen("1"));
    assert_eq!(
        (
            field(&screened["claims"][0], "status"),
            &screened["claims"][0]["paid"]
        ),
        ("paid", &json!(8_000))
    );
    assert_eq!(chain.held(&world.payout), 8_000 * UNITS);
    // What the screening has paid is a payment as any other.
    let signature = field(&screened["transactions"][0], "signature");
    let payment = chain.run("anyone", &["claim", "payment", signature]);
    assert_eq!(
        (&payment["paid"], &payment["claims"][0]["address"]),
        (&json!(8_000), &json!(claim))
    );
    let again = chain.run("clerk", &first.screen("1"));
    assert_eq!(
        (&again["transactions"], &again["claims"][0]["outcome"]),
        (&json!([]), &json!("passed_over"))
    );

    // The same visit at the other pool waits; another day does not.
    let twin = field(&second.submit("visit.json", 3), "address").to_owned();
    let alone = field(&second.submit("other.json", 5), "address").to_owned();
    let found = second.screened("1", &key);
    let of = |address: &str| {
        let claims = found.as_array().expect("claims").iter();
        let mut ours = claims.filter(|claim| claim["address"] == address);
        ours.next().expect("screened").clone()
    };
    assert_eq!(
        (
            field(&of(&twin), "status"),
            field(&of(&twin), "pend_reason")
        ),
        ("pended", "suspect_duplicate")
    );
    assert_eq!(field(&of(&alone), "status"), "paid");
    // Who leaves takes along every entry that the pool's claims stand in.
    for (pool, entries) in [(&first, 1), (&second, 2)] {
        assert_eq!(chain.exported(&pool.address)["duplicate_entry"], entries);
    }

    // Released once it does not stand any more, and will not again; then nothing is in the other's way.
    let release = ["duplicates", "release", &claim];
    assert_eq!(chain.refused("anyone", &release), "claim_still_stands");
    chain.run("clerk", &["claim", "reverse", &claim, "--reason", "7"]);
    assert_eq!(chain.refused("anyone", &release), "entry_awaits_appeal");
    chain.travel(i64::from(APPEAL_DAYS + 1) * DAY);
    let released = chain.run("anyone", &release);
    assert_eq!(released["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(chain.run("anyone", &release)["entries"], json!([]));

    // What is kept for long enough is closed by anybody, for who paid for it.
    let clerk = chain.person("clerk").to_string();
    let close = ["duplicates", "close", "--payer", &clerk];
    let early = chain.run("anyone", &close);
    assert_eq!((&early["closed"], &early["kept"]), (&json!(0), &json!(2)));
    chain.travel(i64::from(ENTRY_DAYS) * DAY);
    let closed = chain.run("anyone", &close);
    assert_eq!((&closed["closed"], &closed["kept"]), (&json!(2), &json!(0)));

    // Of what the persons file says nothing came onto the ledger, whoever asked, answered or screened.
    chain.assert_nowhere(&[PERSON, NUMBER, FIRST, SECOND], &[]);
}

#[test]
fn who_is_not_known_is_not_asked_about() {
    let world = insured();
    let chain = world.chain();
    let (_, public) = service(&world, "key-1.json");
    let secret = text(&chain.world.path("secret.json"));
    chain.run(
        "clerk",
        &["duplicates", "create-secret", "--secret", &secret],
    );
    let pool = Pool::new(&world, 1, FIRST, &public);
    pool.submit("visit.json", 3);
    chain
        .world
        .json("persons.json", &json!({"somebody": PERSON}));
    assert_eq!(chain.refused("clerk", &pool.ask("1")), "nobody_known");
    for (person, code) in [(NUMBER, "system_missing"), ("urn:x| - ", "person_empty")] {
        chain.world.json("persons.json", &json!({FIRST: person}));
        assert_eq!(chain.refused("clerk", &pool.ask("1")), code);
    }
    chain.world.json("persons.json", &json!([FIRST]));
    assert!(!std::path::Path::new(&pool.file("questions-1")).exists());
}

#[test]
fn one_refused_claim_holds_up_no_other() {
    let world = insured();
    let chain = world.chain();
    let (key, public) = service(&world, "key-1.json");
    let secret = text(&chain.world.path("secret.json"));
    chain.run(
        "clerk",
        &["duplicates", "create-secret", "--secret", &secret],
    );
    chain.world.json("persons.json", &json!({FIRST: PERSON}));
    let pool = Pool::new(&world, 1, FIRST, &public);
    let mut claims: Vec<Pubkey> = [("a.json", 3), ("b.json", 4), ("c.json", 5)]
        .into_iter()
        .map(|(name, ago)| pool.submit(name, ago))
        .map(|claim| field(&claim, "address").parse().expect("an address"))
        .collect();
    // In the order in which they are screened.
    claims.sort_unstable();
    let claims: Vec<String> = claims.iter().map(Pubkey::to_string).collect();
    chain.run("clerk", &pool.ask("1"));
    chain.run("service", &pool.answer("1", &key));

    // The first is given the last one's marker too, which the program refuses.
    let kept = std::fs::read_to_string(pool.file("kept-1")).expect("read");
    let wrong = chain
        .world
        .write("wrong", &kept.replace(&claims[2], &claims[0]));
    let (wrong, answer) = (text(&wrong), pool.file("answer-1"));
    let screen = [
        "duplicates",
        "screen",
        "--kept",
        &wrong,
        "--answer",
        &answer,
    ];
    let output = chain
        .galen("clerk")
        .args(screen)
        .args(["--yes", "--output", "json"])
        .output()
        .expect("run");
    let report = document(&output);
    assert_eq!((code(&output), &report["failed"]), (1, &json!(1)));
    let rows = |report: &Value| -> Vec<(String, String, String)> {
        let rows = report["claims"].as_array().expect("claims").iter();
        rows.map(|row| {
            let of = |name| field(row, name).to_owned();
            (of("address"), of("outcome"), of("status"))
        })
        .collect()
    };
    let row = |n: usize, outcome: &str, status: &str| {
        (claims[n].clone(), outcome.to_owned(), status.to_owned())
    };
    assert_eq!(
        rows(&report),
        [row(0, "failed", "pended"), row(1, "screened", "paid")],
        "{report:#}"
    );
    assert_eq!(report["claims"][0]["error"]["code"], "markers_mismatch");
    assert_eq!(chain.held(&world.payout), 8_000 * UNITS);

    let report = chain.run("clerk", &pool.screen("1"));
    assert_eq!(report["failed"], 0);
    assert_eq!(
        rows(&report),
        [
            row(0, "screened", "paid"),
            row(1, "passed_over", "paid"),
            row(2, "screened", "paid"),
        ],
        "{report:#}"
    );
}
