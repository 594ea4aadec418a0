//! `galen trial` on a running validator: each command does what it says, has nothing to do the second time, and is refused by
//! name where it must be; tables are checked whole before anything is sent; the escrow's books balance to the cent.

mod chain;
mod common;
#[path = "trials/verbs.rs"]
mod verbs;

use chain::field;
use chain::trial::{houses, schedule, trial, TrialWorld, AT_CONSENT, AT_ENROLMENT, UNITS};
use common::{code, document, text};
use serde_json::{json, Value};
use solana_pubkey::Pubkey;

const DAY: i64 = 86_400;

fn counts(report: &Value) -> [u64; 3] {
    ["done", "unchanged", "failed"].map(|name| report[name].as_u64().expect("a number"))
}

/// Every cent that came in is in the vault, or was paid, or was taken back; and the vault holds what the ledger says.
fn assert_balanced(world: &TrialWorld) {
    let shown = world.run("anyone", &["show", &world.trial]);
    let ledger = |name: &str| shown["ledger"][name].as_u64().expect("cents");
    let escrow = ledger("reserved") + ledger("payable") + ledger("free");
    assert_eq!(
        ledger("funded"),
        ledger("paid") + ledger("withdrawn") + escrow,
        "{shown:#}"
    );
    assert_eq!(world.chain.held(field(&shown, "vault")), escrow * UNITS);
    let of = |list: &str, name: &str| -> u64 {
        let list = shown[list].as_array().expect("a list");
        list.iter().filter_map(|one| one[name].as_u64()).sum()
    };
    assert_eq!(
        ledger("payable"),
        of("cohorts", "due")
            + of("cohorts", "held")
            + of("sites", "payable")
            + of("sites", "held")
            + ledger("withheld"),
        "{shown:#}"
    );
}

#[test]
fn a_trial_is_set_up_and_nothing_happens_the_second_time() {
    let houses = houses();
    let (chain, mint) = (&houses.chain, houses.mint.to_string());
    let create = [
        "trial",
        "create",
        "--sponsor",
        &houses.sponsor,
        "--board",
        &houses.board,
        "--mint",
        &mint,
    ];
    assert_eq!(chain.refused("nurse", &create), "operator_missing");
    let swapped = [
        "trial",
        "create",
        "--sponsor",
        &houses.sponsor,
        "--board",
        &houses.clinic,
        "--mint",
        &mint,
    ];
    assert_eq!(chain.refused("manager", &swapped), "not_an_ethics_board");
    let created = chain.twice("manager", &create, "created");
    let trial = field(&created, "address");
    assert_eq!(created["caps"], Value::Null);
    assert_eq!(
        chain.refused("manager", &[&create[..], &["--attest-days", "60"]].concat()),
        "trial_differs"
    );
    assert_eq!(
        chain
            .run("anyone", &["trial", "list", "--sponsor", &houses.sponsor])
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let document = text(&chain.world.json("schedule.json", &schedule()));
    let upload = ["trial", "schedule", trial, &document];
    assert_eq!(chain.refused("manager", &upload), "caps_missing");
    let caps = |per_visit| {
        [
            "trial",
            "caps",
            trial,
            "--per-visit",
            per_visit,
            "--per-participant",
            "none",
            "--per-month",
            "none",
            "--bonus-share-bps",
            "3000",
        ]
    };
    assert_eq!(chain.refused("manager", &caps("none")), "operator_missing");
    chain.run("overseer", &caps("9999"));
    // What was begun when the caps were missing is finished, and is above them still.
    assert_eq!(chain.refused("manager", &upload), "cap_per_visit");
    let capped = chain.twice("overseer", &caps("10000"), "changed");
    assert_eq!(
        (&capped["caps_version"], &capped["caps"]["per_visit"]),
        (&json!(2), &json!(10_000))
    );
    let mut other = schedule();
    other["bonus"] = json!(1);
    let other = text(&chain.world.json("other.json", &other));
    assert_eq!(
        chain.refused("manager", &["trial", "schedule", trial, &other]),
        "schedule_begun_differently"
    );
    let uploaded = chain.twice("manager", &upload, "created");
    assert_eq!(
        (
            &uploaded["number"],
            &uploaded["sealed"],
            &uploaded["at_consent"],
            &uploaded["at_enrolment"]
        ),
        (
            &json!(1),
            &json!(true),
            &json!(AT_CONSENT),
            &json!(AT_ENROLMENT)
        )
    );
    let mut many = schedule();
    many["bonus"] = json!(0);
    many["milestones"] = json!(vec![many["milestones"][1].clone(); 64]);
    let many = text(&chain.world.json("many.json", &many));
    let uploaded = chain.twice("manager", &["trial", "schedule", trial, &many], "created");
    assert_eq!(uploaded["milestones"].as_array().map(Vec::len), Some(64));
    for (change, code) in [
        (json!({"milestones": []}), "schedule_empty"),
        (json!({"milestones": [], "fee": 1}), "unknown_field"),
        (
            json!({"milestones": [{"kind": "visit", "stipend": -1, "opens": 0, "closes": 1}]}),
            "negative_money",
        ),
        (
            json!({"milestones": [{"kind": "visit", "stipend": 1, "opens": 2, "closes": 1}]}),
            "window_invalid",
        ),
        (
            json!({"bonus": 1, "milestones": [{"kind": "visit", "stipend": 1, "opens": 0, "closes": 1}]}),
            "bonus_uncounted",
        ),
    ] {
        let file = text(&chain.world.json("bad.json", &change));
        assert_eq!(
            chain.refused("manager", &["trial", "schedule", trial, &file]),
            code
        );
    }

    let [protocol, form] = [("protocol.txt", "p1"), ("form.txt", "f1")]
        .map(|(name, content)| text(&chain.world.write(name, content)));
    let publish = [
        "trial",
        "publish",
        trial,
        "--protocol",
        &protocol,
        "--consent-form",
        &form,
        "--without-new-consent",
    ];
    let published = chain.twice("manager", &publish, "created");
    // The first version always asks for consent.
    assert_eq!(
        (
            &published["number"],
            &published["renews_consent"],
            &published["in_force_from"]
        ),
        (&json!(1), &json!(true), &json!(null))
    );
    let approve = ["trial", "approve", trial, "--version-number", "1"];
    assert_eq!(chain.refused("manager", &approve), "operator_missing");
    assert!(chain.twice("overseer", &approve, "changed")["in_force_from"].is_string());
    assert_eq!(
        chain.refused(
            "overseer",
            &[&approve[..], &["--from", "2099-01-01"]].concat()
        ),
        "approved_differently"
    );

    let add = [
        "trial",
        "add-site",
        trial,
        "--organization",
        &houses.clinic,
        "--holdback-bps",
        "1000",
    ];
    let site = chain.twice("manager", &add, "created");
    let site = field(&site, "address");
    assert_eq!(chain.refused("manager", &add[..5]), "site_differs");
    let open = ["trial", "open-cohort", site, "--capacity", "200"];
    assert_eq!(chain.refused("nurse", &open), "site_not_accepted");
    assert_eq!(
        chain.refused("nurse", &["trial", "accept-site", site]),
        "wrong_token_account"
    );
    chain.twice("clinic", &["trial", "accept-site", site], "changed");
    let cohort = chain.twice("nurse", &open, "created");
    assert_eq!(
        (&cohort["capacity"], &cohort["participants"]),
        (&json!(200), &json!(0))
    );
    assert_eq!(
        chain.refused(
            "nurse",
            &["trial", "open-cohort", site, "--capacity", "201"]
        ),
        "cohort_differs"
    );
    let second = chain.run("nurse", &[&open[..], &["--number", "2"]].concat());
    assert_ne!(second["account"]["address"], cohort["address"]);
}

#[test]
fn participants_from_consent_to_the_last_cent() {
    let world = trial(8, 1_000_000);
    let table = world.table(6);
    let consent = [
        "consent",
        &world.trial,
        "--cohort",
        &world.cohort,
        "--from",
        &table,
    ];
    assert_eq!(counts(&world.run("nurse", &consent)), [6, 0, 0]);
    assert_eq!(counts(&world.run("nurse", &consent)), [0, 6, 0]);
    assert_eq!(world.ledger()["reserved"], json!(6 * AT_CONSENT));
    let enrol = ["enrol", &world.trial, "--from", &table];
    assert_eq!(counts(&world.run("nurse", &enrol)), [6, 0, 0]);
    assert_eq!(counts(&world.run("nurse", &enrol)), [0, 6, 0]);
    assert_balanced(&world);

    for milestone in [0, 1] {
        let visits = world.visits(milestone, 0..6);
        let attest = ["attest", &world.trial, "--from", &visits];
        assert_eq!(counts(&world.run("nurse", &attest)), [6, 0, 0]);
        assert_eq!(counts(&world.run("nurse", &attest)), [0, 6, 0]);
    }
    let receipt = text(&world.chain.world.write("receipt.txt", "a train ticket"));
    let p0 = world.participant("p0").to_string();
    let reimburse = [
        "reimburse",
        &world.trial,
        "--participant",
        &p0,
        "--receipt",
        &receipt,
        "--total",
    ];
    assert_eq!(
        counts(&world.run("nurse", &[&reimburse[..], &["4250"]].concat())),
        [1, 0, 0]
    );
    assert_eq!(
        counts(&world.run("nurse", &[&reimburse[..], &["4250"]].concat())),
        [0, 1, 0]
    );
    assert_eq!(
        world.refused("nurse", &[&reimburse[..], &["20001"]].concat()),
        "expenses_exceeded"
    );
    let pay = ["pay", &world.trial];
    let paid = world.run("anyone", &pay);
    assert_eq!(
        (&paid["paid"], &paid["amount"], &paid["not_paid"]),
        (&json!(6), &json!(6 * 15_000 + 4_250), &json!(0))
    );
    assert_eq!(world.run("anyone", &pay)["amount"], json!(0));
    assert_eq!((world.holds(0), world.holds(5)), (19_250, 15_000));
    assert_balanced(&world);

    // Two weeks later an amendment: one declines, one withdraws and agrees to follow-up, four go on.
    world.chain.travel(14 * DAY);
    world.amend("protocol two");
    let visits = world.visits(2, 0..6);
    let refused = world
        .chain
        .galen("nurse")
        .args([
            "trial",
            "attest",
            &world.trial,
            "--from",
            &visits,
            "--yes",
            "--output",
            "json",
        ])
        .output()
        .expect("run");
    assert_eq!(code(&refused), 1);
    let refused = document(&refused);
    assert_eq!(
        refused["faults"].as_array().map(Vec::len),
        Some(6),
        "{refused:#}"
    );
    assert!(refused["faults"][0]["message"]
        .as_str()
        .is_some_and(|text| text.contains("consent_due")));
    let leave = |name: &str, words: &[&str]| {
        let file = text(&world.chain.keyfile(name));
        let mut args = vec!["leave", &world.trial, "--participant", &file, "--reason"];
        args.extend(words);
        world.run("nurse", &args)
    };
    let declined = leave("p4", &["declined-amendment"]);
    assert_eq!(declined["account"]["status"], "discontinued");
    assert_eq!(leave("p4", &["declined-amendment"])["outcome"], "unchanged");
    let withdrawn = leave("p5", &["withdrawn", "--follow-up"]);
    assert_eq!(
        (
            &withdrawn["account"]["status"],
            &withdrawn["account"]["follow_up"]
        ),
        (&json!("withdrawn"), &json!(true))
    );
    let going_on = text(&world.chain.world.write(
        "going-on.csv",
        "participant\np0.json\np1.json\np2.json\np3.json\n",
    ));
    // Another arm's schedule is not theirs to pass to; what succeeds their own is.
    let mut document = schedule();
    document["reimbursements"] = json!(20_001);
    let uploaded = |number: u16, document: &Value| {
        let file = text(&world.chain.world.json("next.json", document));
        let upload = ["trial", "schedule", &world.trial, &file];
        let report = world.chain.twice("manager", &upload, "created");
        assert_eq!(report["number"], json!(number));
        report["succeeds"].clone()
    };
    assert_eq!(uploaded(2, &document), json!([]));
    for (wrong, code) in [
        (json!(9), "predecessor_missing"),
        (json!(0), "number_too_small"),
    ] {
        document["succeeds"] = wrong;
        let file = text(&world.chain.world.json("wrong.json", &document));
        let refused = world.refused("manager", &["schedule", &world.trial, &file]);
        assert_eq!(refused, code);
    }
    document["succeeds"] = json!(1);
    assert_eq!(uploaded(3, &document), json!([1]));
    document["succeeds"] = json!(3);
    document["reimbursements"] = json!(20_002);
    assert_eq!(uploaded(4, &document), json!([3, 1]));
    let p0 = text(&world.chain.keyfile("p0"));
    let pass_to = ["renew", &world.trial, "--participant", &p0, "--schedule"];
    assert_eq!(
        world.refused("nurse", &[&pass_to[..], &["2"]].concat()),
        "schedule_not_successor"
    );
    assert_eq!(
        counts(&world.run("nurse", &[&pass_to[..], &["4"]].concat())),
        [1, 0, 0]
    );
    let renew = ["renew", &world.trial, "--from", &going_on];
    assert_eq!(counts(&world.run("nurse", &renew)), [3, 1, 0]);
    assert_eq!(counts(&world.run("nurse", &renew)), [0, 4, 0]);
    let visits = world.visits(2, 0..4);
    assert_eq!(
        counts(&world.run("nurse", &["attest", &world.trial, "--from", &visits])),
        [4, 0, 0]
    );
    assert_eq!(
        world.run("anyone", &pay)["amount"],
        json!(0),
        "not countersigned yet"
    );
    let decisions = text(&world.chain.world.write(
        "decisions.csv",
        "participant,milestone,decision\np0.json,2,approve\np1.json,2,approve\np2.json,2,reject\n",
    ));
    let countersign = ["countersign", &world.trial, "--from", &decisions];
    assert_eq!(counts(&world.run("manager", &countersign)), [3, 0, 0]);
    assert_eq!(counts(&world.run("manager", &countersign)), [0, 3, 0]);
    // A participant confirms by their own key; whoever is nobody here cannot.
    let p3 = world.participant("p3").to_string();
    let by_hand = [
        "countersign",
        &world.trial,
        "--participant",
        &p3,
        "--milestone",
        "2",
        "--decision",
        "approve",
    ];
    assert_eq!(world.refused("nurse", &by_hand), "not_independent");
    let output = world
        .chain
        .galen("p3")
        .args(["--fee-payer", &text(&world.chain.keyfile("nurse"))])
        .args([&["trial"], &by_hand[..]].concat())
        .args(["--yes", "--output", "json"])
        .output()
        .expect("run");
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    // The threshold of 250.00 is reached: 150.00 and 100.00 make 250.00, so these are held.
    let p0 = world.shown("p0");
    assert_eq!(
        (&p0["due"], &p0["held"]),
        (&json!(0), &json!(10_000)),
        "{p0:#}"
    );
    assert_balanced(&world);

    // The end: bonus in proportion, the rest free, sites paid, what is free taken back.
    assert_eq!(
        counts(&world.run("anyone", &["settle", &world.trial])),
        [0, 2, 0]
    );
    world.run("manager", &["end", &world.trial, "--reason", "complete"]);
    assert_eq!(
        world.run("manager", &["end", &world.trial, "--reason", "complete"])["outcome"],
        "unchanged"
    );
    world.chain.travel(32 * DAY);
    assert_eq!(
        counts(&world.run("anyone", &["settle", &world.trial])),
        [6, 0, 0]
    );
    assert_eq!(
        counts(&world.run("anyone", &["settle", &world.trial])),
        [0, 0, 0]
    );
    for number in 0..6 {
        let file = text(&world.chain.keyfile(&format!("p{number}")));
        world.run(
            "nurse",
            &[
                "choose-tax",
                &world.trial,
                "--participant",
                &file,
                "--choice",
                "net",
            ],
        );
    }
    world.run("anyone", &["release-held", &world.trial]);
    world.run("anyone", &pay);
    let site = world.run("anyone", &["pay-site", &world.site]);
    assert_eq!(site["account"]["payable"], json!(0));
    assert_eq!(
        world.run("anyone", &["pay-site", &world.site])["outcome"],
        "unchanged"
    );
    assert_balanced(&world);
    let manager = world.chain.person("manager");
    let treasury = world
        .chain
        .tokens(&world.mint, "treasury", &manager, 0)
        .to_string();
    let withheld = world.ledger()["withheld"].as_u64().expect("cents");
    assert!(withheld > 0);
    let remit = ["remit", &world.trial, "--to", &treasury];
    assert_eq!(world.run("manager", &remit)["outcome"], "changed");
    assert_eq!(world.run("manager", &remit)["outcome"], "unchanged");
    // Somebody has sent money to the vault past the ledger: with nobody owed anything, it goes back with the rest.
    let all = ["take-back", &world.trial, "--all"];
    world.run("manager", &all);
    assert_eq!(world.run("manager", &all)["outcome"], "unchanged");
    let before = world.ledger();
    let shown = world.run("anyone", &["show", &world.trial]);
    let vault: Pubkey = field(&shown, "vault").parse().expect("an address");
    world
        .chain
        .mint_to(&world.mint, "treasury", &vault, 700 * UNITS);
    assert_eq!(world.run("manager", &all)["outcome"], "changed");
    let ledger = world.ledger();
    assert_eq!(
        ledger["funded"].as_u64(),
        before["funded"].as_u64().map(|funded| funded + 700)
    );
    for empty in ["reserved", "payable", "withheld", "free"] {
        assert_eq!(ledger[empty], json!(0), "{ledger:#}");
    }
    assert_eq!(
        ledger["funded"].as_u64(),
        ledger["paid"]
            .as_u64()
            .zip(ledger["withdrawn"].as_u64())
            .map(|(paid, back)| paid + back)
    );
    assert_balanced(&world);
    // Withdrawal and declining forfeit nothing that was earned: half of the bonus, for one of two visits that count.
    let [p4, p5] = ["p4", "p5"].map(|name| world.shown(name)["stipends"].clone());
    assert_eq!([p4, p5], [json!(20_000), json!(20_000)]);
}

#[test]
fn a_table_is_checked_whole_before_anything_is_sent() {
    let world = trial(8, 1_000_000);
    world.table(7);
    let [w0, w1] = ["w0", "w1"].map(|name| world.participant(name).to_string());
    let off_curve = Pubkey::find_program_address(&[b"x"], &trials::ID).0;
    let treasury = world.chain.person("treasury");
    let token = world.chain.tokens(&world.mint, "treasury", &treasury, 0);
    let marker = |n: u8| format!("{n:064x}");
    let rows: Vec<(String, &str)> = vec![
        (format!("p0.json,{w0},{}", marker(0)), ""),
        (format!("p0.json,{w1},{}", marker(1)), "repeated"),
        (
            format!("nobody.json,{w1},{}", marker(2)),
            "keypair_unreadable",
        ),
        (format!("p1.json,{w1},abc"), "hex_invalid"),
        (format!("p1.json,{w1},"), "missing_value"),
        (format!("p1.json,,{}", marker(2)), "missing_value"),
        (
            format!("p1.json,{},{}", world.mint, marker(2)),
            "owner_is_mint",
        ),
        (
            format!("p2.json,{token},{}", marker(3)),
            "owner_is_token_account",
        ),
        (
            format!("p3.json,{off_curve},{}", marker(4)),
            "owner_off_curve",
        ),
        (
            format!("p4.json,{},{}", trials::ID, marker(5)),
            "owner_is_program",
        ),
        (
            format!("p5.json,{},{}", world.trial, marker(6)),
            "owner_is_program_owned",
        ),
        (format!("p6.json,{w0}x,{}", marker(7)), "address_length"),
        (
            format!("p6.json,\u{405}{},{}", &w0[1..], marker(7)),
            "address_invalid",
        ),
        (format!("=p6.json,{w1},{}", marker(7)), "formula"),
        (format!("p6.json,{w1}"), "wrong_columns"),
        (
            format!("\"p6\n.json\",{w1},{}", marker(7)),
            "control_character",
        ),
    ];
    let mut bytes = b"\xef\xbb\xbfparticipant,owner,marker\r\n".to_vec();
    for (row, _) in &rows {
        bytes.extend_from_slice(row.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"p3.json,\xff\xfe,x\r\n");
    let file = world.chain.world.path("bad.csv");
    std::fs::write(&file, bytes).expect("written");
    let consent = |more: &[&str]| {
        let file = text(&file);
        let words = [
            &[
                "trial",
                "consent",
                &world.trial,
                "--cohort",
                &world.cohort,
                "--from",
                &file,
                "--yes",
                "--output",
                "json",
            ],
            more,
        ]
        .concat();
        let output = world
            .chain
            .galen("nurse")
            .args(words)
            .output()
            .expect("run");
        (code(&output), document(&output))
    };
    let (exit, report) = consent(&[]);
    assert_eq!(exit, 1);
    let found: Vec<(u64, &str)> = report["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| {
            assert!(fault["message"]
                .as_str()
                .is_some_and(|text| text.len() > 10));
            (
                fault["line"].as_u64().expect("a line"),
                fault["code"].as_str().expect("a code"),
            )
        })
        .collect();
    let mut expected: Vec<(u64, &str)> = (2..)
        .zip(&rows)
        .filter(|(_, (_, code))| !code.is_empty())
        .map(|(line, (_, code))| (line, *code))
        .collect();
    // The row before the last runs over two lines.
    expected.push((19, "invalid_encoding"));
    assert_eq!(found, expected, "{report:#}");
    assert_eq!(counts(&report), [0, 0, 0], "nothing was sent");
    assert_eq!(world.ledger()["reserved"], json!(0));
    let (exit, report) = consent(&["--skip-invalid"]);
    assert_eq!((exit, counts(&report)), (0, [1, 0, 0]), "{report:#}");
    assert_eq!(world.ledger()["reserved"], json!(AT_CONSENT));

    // One row on the command line is refused by the same names.
    let p1 = text(&world.chain.keyfile("p1"));
    let single = |owner: &str, marker: &str| {
        world.refused(
            "nurse",
            &[
                "consent",
                &world.trial,
                "--cohort",
                &world.cohort,
                "--participant",
                &p1,
                "--owner",
                owner,
                "--marker",
                marker,
            ],
        )
    };
    assert_eq!(single(&world.mint.to_string(), &marker(1)), "owner_is_mint");
    // The same person under another key.
    assert_eq!(single(&w1, &marker(0)), "already_in_a_trial");
    let p1_key = world.participant("p1").to_string();
    assert_eq!(
        world.refused("nurse", &["enrol", &world.trial, "--participant", &p1_key]),
        "participant_unknown"
    );
}

#[test]
fn more_than_the_escrow_or_the_cohort_holds_is_refused_whole() {
    let world = trial(3, 2 * (AT_CONSENT + AT_ENROLMENT));
    let table = world.table(4);
    let consent = [
        "consent",
        &world.trial,
        "--cohort",
        &world.cohort,
        "--from",
        &table,
    ];
    assert_eq!(world.refused("nurse", &consent), "cohort_full");
    let table = world.table(3);
    assert_eq!(counts(&world.run("nurse", &consent)), [3, 0, 0]);
    assert_eq!(
        world.refused("nurse", &["enrol", &world.trial, "--from", &table]),
        "escrow_short"
    );
    assert_eq!(world.ledger()["reserved"], json!(3 * AT_CONSENT));
    let total = (3 * (AT_CONSENT + AT_ENROLMENT)).to_string();
    world.run("manager", &["fund", &world.trial, "--total", &total]);
    assert_eq!(
        counts(&world.run("nurse", &["enrol", &world.trial, "--from", &table])),
        [3, 0, 0]
    );
    assert_eq!(world.ledger()["free"], json!(0));
    assert_eq!(
        world.refused("manager", &["take-back", &world.trial, "--amount", "1"]),
        "more_than_free"
    );
}

#[test]
fn taxes_are_held_withheld_and_reported() {
    let world = trial(4, 1_000_000);
    let sponsor = world.sponsor.clone();
    let marked: Vec<String> = ["anna", "bo", "cy"]
        .iter()
        .map(|person| {
            let marker = world.run(
                "manager",
                &["marker", "--sponsor", &sponsor, "--person", person],
            );
            field(&marker["markers"][0], "marker").to_owned()
        })
        .collect();
    let mut table = String::from("participant,owner,marker\n");
    for (number, marker) in marked.iter().enumerate() {
        world.participant(&format!("p{number}"));
        let owner = world.participant(&format!("w{number}"));
        table += &format!("p{number}.json,{owner},{marker}\n");
    }
    let table = text(&world.chain.world.write("people.csv", &table));
    world.run(
        "nurse",
        &[
            "consent",
            &world.trial,
            "--cohort",
            &world.cohort,
            "--from",
            &table,
        ],
    );
    world.run("nurse", &["enrol", &world.trial, "--from", &table]);
    let form = text(&world.chain.world.json(
        "w9.json",
        &json!({"form": "W-9", "name": "Anna A", "tin": "900-00-0001"}),
    ));
    let record = [
        "trial",
        "tax-form",
        "--sponsor",
        &sponsor,
        "--person",
        "anna",
        "--form",
        &form,
    ];
    world.chain.twice("manager", &record, "changed");
    let p1 = text(&world.chain.keyfile("p1"));
    world.run(
        "nurse",
        &[
            "choose-tax",
            &world.trial,
            "--participant",
            &p1,
            "--choice",
            "net",
        ],
    );
    for milestone in [0, 1] {
        world.run(
            "nurse",
            &[
                "attest",
                &world.trial,
                "--from",
                &world.visits(milestone, 0..3),
            ],
        );
    }
    world.chain.travel(14 * DAY);
    world.run(
        "nurse",
        &["attest", &world.trial, "--from", &world.visits(2, 0..3)],
    );
    let decisions = text(&world.chain.world.write(
        "decisions.csv",
        "participant,milestone,decision\np0.json,2,approve\np1.json,2,approve\np2.json,2,approve\n",
    ));
    world.run(
        "overseer",
        &["countersign", &world.trial, "--from", &decisions],
    );
    world.run("anyone", &["pay", &world.trial]);
    // 250.00 reach the threshold: with a form all is paid; net of 24% of the last 100.00; held without a choice.
    assert_eq!(
        [0, 1, 2].map(|number| world.holds(number)),
        [25_000, 22_600, 15_000]
    );
    assert_eq!(
        world.run("anyone", &["release-held", &world.trial])["done"],
        json!(0)
    );

    let year = &world.today()[..4];
    let folder = text(&world.chain.world.path("statements"));
    let tax = [
        "trial",
        "tax",
        "--sponsor",
        &sponsor,
        "--year",
        year,
        "--output",
        "json",
    ];
    let report = |more: &[&str]| {
        let output = world
            .chain
            .galen("manager")
            .args([&tax[..], more].concat())
            .output()
            .expect("run");
        (code(&output), document(&output))
    };
    let (exit, statements) = report(&["--folder", &folder]);
    assert_eq!(exit, 1, "two have no form");
    let mut rows: Vec<(String, u64, u64, Value)> = statements["people"]
        .as_array()
        .expect("people")
        .iter()
        .map(|row| {
            (
                field(row, "person").to_owned(),
                row["stipends"].as_u64().expect("cents"),
                row["withheld"].as_u64().expect("cents"),
                row["missing"].clone(),
            )
        })
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        rows,
        [
            ("anna".to_owned(), 25_000, 0, json!(null)),
            ("bo".to_owned(), 25_000, 2_400, json!("form")),
            ("cy".to_owned(), 25_000, 0, json!("form")),
        ]
    );
    let written = std::fs::read_to_string(
        world
            .chain
            .world
            .path(&format!("statements/1099-misc-{year}.csv")),
    )
    .expect("written");
    assert!(
        written.contains("anna,Anna A,900-00-0001,,,250.00,0.00"),
        "{written}"
    );

    let foreign = text(&world.chain.world.json(
        "w8.json",
        &json!({"form": "W-8BEN", "name": "Cy C", "country": "CH"}),
    ));
    world.run(
        "manager",
        &[
            "tax-form",
            "--sponsor",
            &sponsor,
            "--person",
            "cy",
            "--form",
            &foreign,
        ],
    );
    let domestic = text(&world.chain.world.json(
        "w9b.json",
        &json!({"form": "W-9", "name": "Bo B", "tin": "900-00-0002"}),
    ));
    world.run(
        "manager",
        &[
            "tax-form",
            "--sponsor",
            &sponsor,
            "--person",
            "bo",
            "--form",
            &domestic,
        ],
    );
    assert_eq!(
        world.run("anyone", &["release-held", &world.trial])["done"],
        json!(1)
    );
    world.run("anyone", &["pay", &world.trial]);
    assert_eq!(world.holds(2), 25_000);
    let (exit, statements) = report(&[]);
    assert_eq!((exit, &statements["withheld"]), (0, &json!(2_400)));
    assert_balanced(&world);
}

#[test]
fn another_payee_takes_over_after_72_hours() {
    let world = trial(2, 1_000_000);
    world.enrol(1);
    let other = world.chain.person("other");
    let account = world
        .chain
        .tokens(&world.mint, "treasury", &other, 0)
        .to_string();
    let p0 = text(&world.chain.keyfile("p0"));
    let key = world.participant("p0");
    // The participant pays the rent of the announcement.
    let signature = world
        .chain
        .client
        .request_airdrop(&key, 1_000_000_000)
        .expect("an airdrop");
    for _ in 0..100 {
        if world.chain.client.get_balance(&key).unwrap_or_default() > 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(
        world.chain.client.get_balance(&key).expect("a balance") > 0,
        "{signature}"
    );
    let propose = [
        "trial",
        "propose-payee",
        &world.trial,
        "--participant",
        &p0,
        "--payee",
        &account,
    ];
    world.chain.twice("nurse", &propose, "created");
    let key = key.to_string();
    let apply = ["apply-payee", &world.trial, "--participant", &key];
    assert_eq!(world.refused("anyone", &apply), "payee_change_too_early");
    world.run(
        "nurse",
        &["cancel-payee", &world.trial, "--participant", &p0],
    );
    assert_eq!(
        world.run(
            "nurse",
            &["cancel-payee", &world.trial, "--participant", &p0]
        )["outcome"],
        "unchanged"
    );
    world.run("nurse", &propose[1..]);
    world.chain.travel(72 * 3_600 + 60);
    assert_eq!(
        world.run("anyone", &apply)["account"]["payee"],
        json!(account)
    );
    world.run(
        "nurse",
        &["attest", &world.trial, "--from", &world.visits(1, 0..1)],
    );
    world.run("anyone", &["pay", &world.trial]);
    assert_eq!(world.chain.held(&account), 10_000 * UNITS);
}
