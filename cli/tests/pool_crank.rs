//! What anybody may do about a pool's claims once its time has come, on a running validator: found, shown, done, and done once, by
//! several at once and after kills; and the claims that are late.

mod chain;
mod common;

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anchor_spl::token::spl_token;
use chain::claim_files::words as batch;
use chain::field;
use chain::insured::{insured, insured_by, plan, Insured, MEMBER, UNITS};
use chain::random::Random;
use common::{code, document, error, text};
use serde_json::{json, Value};
use solana_signer::Signer;

const DAY: i64 = 86_400;

/// A plan whose parties have little time.
fn hurried() -> Insured {
    let mut plan = plan();
    plan["clocks"] = json!({
        "prompt_pay_days": 3, "interest_rate": 10_000, "decision_days": 5,
        "appeal_levels": 1, "appeal_days": 30, "appeal_decision_days": 10,
    });
    insured_by(&plan)
}

fn crank<'a>(world: &'a Insured, more: &[&'a str]) -> Vec<&'a str> {
    [&["pool", "crank", "--pool", &world.pool][..], more].concat()
}

/// Runs it; exit code and answer.
fn run(world: &Insured, who: &str, more: &[&str]) -> (i32, Value) {
    let output = world
        .chain()
        .galen(who)
        .args(crank(world, more))
        .args(["--output", "json"])
        .output()
        .expect("run");
    (code(&output), document(&output))
}

fn spawn(world: &Insured, who: &str) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin("galen"))
        .args(world.chain().flags(who, &format!("{who}-store")))
        .args(crank(world, &["--yes", "--output", "json"]))
        .current_dir(world.chain().world.folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("galen starts")
}

/// The duty, claim and outcome of each act.
fn acts(answer: &Value) -> Vec<[&str; 3]> {
    let acts = answer["acts"].as_array().expect("acts");
    let of = |act| ["duty", "claim", "outcome"].map(|name| field(act, name));
    acts.iter().map(of).collect()
}

/// `[planned, done, already, waiting, failed]`.
fn counts(answer: &Value) -> [u64; 5] {
    ["planned", "done", "already", "waiting", "failed"]
        .map(|name| answer[name].as_u64().expect("a number"))
}

fn late(world: &Insured, more: &[&str]) -> Vec<Value> {
    let list = ["claim", "list", "--pool", &world.pool, "--late"];
    let listed = world.chain().run("anyone", &[&list[..], more].concat());
    listed["claims"].as_array().expect("claims").clone()
}

#[test]
fn what_is_due_is_found_shown_and_done_once() {
    let world = hurried();
    let chain = world.chain();
    chain.person("anyone");
    let ticket = world.ticket("ticket.json");
    let submit = |name: &str, ago, lines: &[(&str, u32, u64)]| {
        let claim = world.submit(&world.document(name, ago, lines), &ticket);
        field(&claim, "address").to_owned()
    };
    // One waits for money, one for the insurer, and against the denial of one an appeal is open.
    let payable = submit("payable.json", 1, &[("A", 1, 10_000)]);
    let pended = submit("pended.json", 2, &[("A", 2, 25_000)]);
    let denied = submit("denied.json", 3, &[("A", 2, 25_000)]);
    chain.run("clerk", &["claim", "decide", &denied, "--deny", "50"]);
    let letter = text(&chain.world.write("letter.txt", "We disagree."));
    chain.run("clinic", &["claim", "appeal", "file", &denied, &letter]);
    assert!(late(&world, &[]).is_empty());
    let (exit, nothing) = run(&world, "anyone", &[]);
    assert_eq!((exit, acts(&nothing)), (0, vec![]), "{nothing:#}");
    assert_eq!(nothing["due"], json!({}));
    let said = chain.galen("anyone").args(crank(&world, &[])).output();
    let said = String::from_utf8(said.expect("run").stdout).expect("UTF-8");
    assert_eq!(said, "Nothing is due; nothing was sent.\n");

    chain.travel(20 * DAY);
    let rows = late(&world, &[]);
    assert_eq!(rows.len(), 2, "{rows:#?}");
    let of = |claim: &str| {
        let row = rows.iter().find(|row| field(row, "address") == claim);
        row.expect("it is late")["deadlines"].clone()
    };
    let day = |ahead: i32| {
        galen_rules::Date::from_days(world.today.days() + ahead)
            .expect("a day")
            .to_string()
    };
    // 80.00 at 10 % a year, 17 days late: 37 cents. Nobody knows yet on what interest of the other is.
    assert_eq!(
        of(&payable),
        json!({
            "pay_by": day(3), "days_past_pay_by": 17, "decide_by": null, "days_past_decide_by": 0,
            "interest_so_far": 37, "clocks_stand_since": null,
        })
    );
    assert_eq!(
        of(&pended),
        json!({
            "pay_by": day(3), "days_past_pay_by": 17, "decide_by": day(5), "days_past_decide_by": 15,
            "interest_so_far": null, "clocks_stand_since": null,
        })
    );
    assert_eq!(late(&world, &["--status", "payable"]).len(), 1);
    assert!(late(&world, &["--status", "denied"]).is_empty());
    let list = ["claim", "list", "--pool", &world.pool, "--late"];
    let printed = chain.galen("anyone").args(list).output().expect("run");
    let printed = String::from_utf8(printed.stdout).expect("UTF-8");
    assert!(
        printed.contains("Interest so far") && printed.contains("0.37"),
        "{printed}"
    );

    // Shown, and nothing sent.
    world.fund(20_000);
    let (exit, planned) = run(&world, "anyone", &["--dry-run"]);
    assert_eq!(
        (exit, counts(&planned)),
        (0, [3, 0, 0, 0, 0]),
        "{planned:#}"
    );
    assert_eq!(
        acts(&planned),
        [
            ["escalate", &pended, "planned"],
            ["lapse", &denied, "planned"],
            ["settle", &payable, "planned"],
        ]
    );
    assert_eq!(planned["acts"][2]["amount"], json!(8_000));
    assert_eq!(
        planned["due"],
        json!({"escalate": 1, "lapse": 1, "settle": 1})
    );
    assert_eq!(chain.held(&world.payout), 0);
    let (exit, refused) = run(&world, "anyone", &[]);
    assert_eq!(
        (exit, error(&refused).0.as_str()),
        (1, "confirmation_needed")
    );

    // Who cannot pay for a transaction is refused each of them, and nothing is lost.
    let poor = solana_keypair::Keypair::new();
    solana_keypair::write_keypair_file(&poor, chain.keyfile("poor")).expect("written");
    let (exit, refused) = run(&world, "poor", &["--yes"]);
    assert_eq!(
        (exit, counts(&refused)),
        (1, [0, 0, 0, 0, 3]),
        "{refused:#}"
    );
    assert_eq!(
        field(&refused["acts"][0]["error"], "code"),
        "insufficient_funds"
    );

    // One duty, then the others.
    let (exit, one) = run(&world, "anyone", &["--only", "escalate", "--yes"]);
    assert_eq!((exit, acts(&one)), (0, vec![["escalate", &pended, "done"]]));
    let report = text(&chain.world.path("report.csv"));
    let (exit, rest) = run(&world, "anyone", &["--yes", "--report", &report]);
    assert_eq!((exit, counts(&rest)), (0, [0, 2, 0, 0, 0]), "{rest:#}");
    assert_eq!(
        (&rest["paid"], &rest["transactions"]),
        (&json!(8_037), &json!(2))
    );
    let csv = std::fs::read_to_string(&report).expect("written");
    assert!(
        csv.contains(&format!("\nsettle,{payable},,done,8037,")),
        "{csv}"
    );
    assert_eq!(chain.held(&world.payout), 8_037 * UNITS);
    let show = |claim: &str| chain.run("anyone", &["claim", "show", claim]);
    assert_eq!(show(&payable)["interest"], json!(37));
    assert_eq!(show(&pended)["escalated"], json!(true));
    assert_eq!(show(&denied)["appeal_open"], json!(false));

    let (exit, again) = run(&world, "anyone", &["--yes"]);
    assert_eq!((exit, counts(&again)), (0, [0; 5]), "{again:#}");
    // Escalated it is as late as before.
    assert_eq!(late(&world, &[]).len(), 1);
    let nowhere = ["pool", "crank", "--pool", &world.plan];
    assert_eq!(chain.refused("anyone", &nowhere), "wrong_account");
    let nobody = solana_pubkey::Pubkey::new_from_array([9; 32]).to_string();
    let nowhere = ["pool", "crank", "--pool", &nobody];
    assert_eq!(chain.refused("anyone", &nowhere), "not_found");
    let unknown = chain
        .galen("anyone")
        .args(crank(&world, &["--only", "pay"]))
        .output()
        .expect("run");
    assert_eq!(code(&unknown), 2);
}

/// Where the provider's account takes no money the clock is stopped, once; then the award waits, which is no failure.
#[test]
fn what_cannot_be_paid_waits() {
    let world = hurried();
    let chain = world.chain();
    chain.person("anyone");
    let ticket = world.ticket("ticket.json");
    let claim = world.submit(&world.document("one.json", 1, &[("A", 1, 10_000)]), &ticket);
    let claim = field(&claim, "address").to_owned();
    let clinic = chain.keypair("clinic");
    let payout = world.payout.parse().expect("an address");
    let close = spl_token::instruction::close_account(
        &spl_token::ID,
        &payout,
        &clinic.pubkey(),
        &clinic.pubkey(),
        &[],
    );
    chain.send(&[close.expect("an instruction")], &[&clinic]);
    world.fund(20_000);

    let (exit, stopped) = run(&world, "anyone", &["--yes"]);
    assert_eq!(
        (exit, acts(&stopped)),
        (0, vec![["settle", &claim, "done"]]),
        "{stopped:#}"
    );
    assert_eq!(stopped["acts"][0]["amount"], json!(null));
    let shown = chain.run("anyone", &["claim", "show", &claim]);
    assert!(shown["awaits_account_since"].is_string(), "{shown:#}");
    chain.travel(30 * DAY);
    assert!(late(&world, &[]).is_empty());
    let (exit, waits) = run(&world, "anyone", &["--yes"]);
    assert_eq!((exit, counts(&waits)), (0, [0, 0, 0, 1, 0]), "{waits:#}");
    assert_eq!(field(&waits["acts"][0]["error"], "code"), "payout_closed");

    chain.tokens(&world.parties.mint, "treasury", &clinic.pubkey(), 0);
    let (exit, paid) = run(&world, "anyone", &["--yes"]);
    assert_eq!((exit, &paid["paid"]), (0, &json!(8_000)), "{paid:#}");
    assert_eq!(chain.held(&world.payout), 8_000 * UNITS);
}

/// Killed at random, and by two at once: each award is paid once.
#[test]
fn killed_and_by_two_at_once_each_award_is_paid_once() {
    const CLAIMS: u32 = 24;
    let world = insured();
    let chain = world.chain();
    for who in ["anyone", "other"] {
        chain.person(who);
    }
    let ticket = world.ticket("ticket.json");
    let claims: String = (1..=CLAIMS)
        .map(|ago| {
            let claim = world.fhir_claim(&format!("C-{ago}"), MEMBER, ago, &[("C", 1_000)]);
            claim.to_string() + "\n"
        })
        .collect();
    let claims = text(&chain.world.write("claims.ndjson", &claims));
    let members = format!("patient,ticket\n{MEMBER},{ticket}\n");
    let members = text(&chain.world.write("members.csv", &members));
    let filed = chain.run("clinic", &batch(&world, &claims, &members));
    assert_eq!(
        filed["by_status"]["payable"]["claims"],
        json!(CLAIMS),
        "{filed:#}"
    );
    world.fund(100_000);

    let mut random = Random(7);
    for _ in 0..4 {
        let mut child = spawn(&world, "anyone");
        sleep(Duration::from_millis(random.below(1_500)));
        let _ = child.kill();
        let _ = child.wait();
    }
    let children = ["anyone", "other"].map(|who| spawn(&world, who));
    for child in children {
        let output = child.wait_with_output().expect("ended");
        let answer = document(&output);
        assert_eq!(
            (code(&output), &answer["failed"]),
            (0, &json!(0)),
            "{answer:#}"
        );
    }
    let (exit, rest) = run(&world, "anyone", &["--yes"]);
    assert_eq!((exit, counts(&rest)), (0, [0; 5]), "{rest:#}");
    assert_eq!(chain.held(&world.payout), u64::from(CLAIMS) * 800 * UNITS);
    assert_eq!(world.pool_shown()["paid"], json!(u64::from(CLAIMS) * 800));
}

#[test]
fn claims_that_nobody_drew_in_time_are_paid() {
    let mut plan = plan();
    plan["checks"] = json!({"sampling_bps": 5_000, "reveal_days": 3});
    let world = insured_by(&plan);
    let chain = world.chain();
    chain.person("anyone");
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let claims: Vec<String> = (1..=2)
        .map(|ago| {
            let name = format!("drawn-{ago}.json");
            let claim = world.submit(&world.document(&name, ago, &[("B", 1, 4_000)]), &ticket);
            assert_eq!(field(&claim, "pend_reason"), "draw");
            field(&claim, "address").to_owned()
        })
        .collect();
    let (exit, early) = run(&world, "anyone", &["--yes"]);
    assert_eq!(
        (exit, &early["unrevealed"], counts(&early)),
        (0, &json!(2), [0; 5])
    );
    chain.travel(4 * DAY);
    let (exit, planned) = run(&world, "anyone", &["--dry-run"]);
    assert_eq!((exit, &planned["due"]), (0, &json!({"draw": 2})));
    let (exit, others) = run(&world, "anyone", &["--yes", "--only", "settle,lapse"]);
    assert_eq!((exit, counts(&others)), (0, [0; 5]));
    let (exit, drawn) = run(&world, "anyone", &["--yes"]);
    assert_eq!((exit, counts(&drawn)), (0, [0, 2, 0, 0, 0]), "{drawn:#}");
    assert_eq!(drawn["transactions"], json!(2));
    for claim in &claims {
        let shown = chain.run("anyone", &["claim", "show", claim]);
        assert_eq!(field(&shown, "status"), "paid");
    }
    let (exit, again) = run(&world, "anyone", &["--yes"]);
    assert_eq!((exit, counts(&again)), (0, [0; 5]));
}

#[test]
fn old_claims_are_archived_where_it_is_asked_for() {
    let world = insured_by(&json!({
        "coinsurance_bps": 2_000, "filing_limit_days": 5,
        "clocks": {"archive_days": 371, "appeal_days": 5, "appeal_levels": 1},
        "benefits": [{"code": "A", "allowed": 10_000}],
    }));
    let chain = world.chain();
    chain.person("anyone");
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let claim = world.submit(&world.document("one.json", 1, &[("A", 1, 10_000)]), &ticket);
    let claim = field(&claim, "address").to_owned();
    let only = ["--yes", "--only", "archive"];
    let (exit, early) = run(&world, "anyone", &only);
    assert_eq!((exit, counts(&early)), (0, [0; 5]));
    chain.travel(381 * DAY);
    let (exit, usual) = run(&world, "anyone", &["--yes"]);
    assert_eq!((exit, counts(&usual)), (0, [0; 5]));
    let (exit, archived) = run(&world, "anyone", &only);
    assert_eq!(
        (exit, acts(&archived)),
        (0, vec![["archive", &claim, "done"]]),
        "{archived:#}"
    );
    assert_eq!(
        chain.refused("anyone", &["claim", "show", &claim]),
        "wrong_account"
    );
    let (exit, again) = run(&world, "anyone", &only);
    assert_eq!((exit, counts(&again)), (0, [0; 5]));
}

/// A confirmation that ran out is with the insurer: nothing has to be sent for it, and it is said.
#[test]
fn confirmations_that_ran_out_are_counted() {
    let mut plan = plan();
    plan["checks"] = json!({"confirmation": "required", "confirmation_days": 2});
    let world = insured_by(&plan);
    let chain = world.chain();
    chain.person("anyone");
    let own = chain.person("member").to_string();
    let set = ["member", "set-authority", &own, "--pool", &world.pool];
    chain.run("clerk", &[&set[..], &["--id", MEMBER]].concat());
    let ticket = world.ticket("ticket.json");
    let claim = world.submit(&world.document("one.json", 1, &[("B", 1, 4_000)]), &ticket);
    assert_eq!(field(&claim, "pend_reason"), "confirmation");
    let ended = || run(&world, "anyone", &["--yes"]).1["confirmations_ended"].clone();
    assert_eq!(ended(), json!(0));
    chain.travel(3 * DAY);
    assert_eq!(ended(), json!(1));
}
