//! Tables of members on a running validator: checked whole before anything is sent, enrolled, ended and given tickets; killed, run
//! again, and by two at once.

mod chain;
mod common;

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anchor_lang::Discriminator;
use chain::claim_files::words as batch;
use chain::field;
use chain::insured::{insured, Insured, MEMBER};
use chain::random::Random;
use claims::state::Member;
use common::{code, document, text};
use serde_json::{json, Value};
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_client::rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_client::rpc_filter::{Memcmp, RpcFilterType};

/// Runs a command; exit code and answer.
fn run(world: &Insured, who: &str, words: &[&str]) -> (i32, Value) {
    world.chain().person(who);
    let output = world
        .chain()
        .galen(who)
        .args(words)
        .args(["--yes", "--output", "json"])
        .output()
        .expect("run");
    (code(&output), document(&output))
}

/// Starts a command and leaves it alone.
fn spawn(world: &Insured, who: &str, store: &str, words: &[&str]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin("galen"))
        .args(world.chain().flags(who, store))
        .args(words)
        .args(["--yes", "--output", "json"])
        .current_dir(world.chain().world.folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("galen starts")
}

fn table(world: &Insured, name: &str, rows: &str) -> String {
    text(&world.chain().world.write(name, rows))
}

/// Line, column and code of each fault.
fn faults(answer: &Value) -> Vec<(u64, String, String)> {
    let faults = answer["faults"].as_array().expect("faults");
    let of = |fault: &Value| {
        let column = fault["column"].as_str().unwrap_or("-").to_owned();
        let line = fault["line"].as_u64().expect("a line");
        (line, column, field(fault, "code").to_owned())
    };
    faults.iter().map(of).collect()
}

fn expected(faults: &[(u64, &str, &str)]) -> Vec<(u64, String, String)> {
    let of = |(line, column, code): &(u64, &str, &str)| {
        (*line, (*column).to_owned(), (*code).to_owned())
    };
    faults.iter().map(of).collect()
}

/// `[rows, done, unchanged, failed, planned]`.
fn counts(answer: &Value) -> [u64; 5] {
    ["rows", "done", "unchanged", "failed", "planned"]
        .map(|name| answer[name].as_u64().expect("a number"))
}

/// The members of the pool that are on the ledger.
fn enrolled(world: &Insured) -> Vec<Value> {
    let listed = world
        .chain()
        .run("clerk", &["member", "list", "--pool", &world.pool]);
    listed["members"].as_array().expect("members").clone()
}

fn enrolling<'a>(world: &'a Insured, file: &'a str) -> [&'a str; 8] {
    [
        "member",
        "enrol",
        "--pool",
        &world.pool,
        "--plan",
        &world.plan,
        "--file",
        file,
    ]
}

#[test]
fn everything_wrong_with_a_table_is_said_at_once_and_nothing_is_sent() {
    let world = insured();
    let chain = world.chain();
    let other_pool = chain.run(
        "clerk",
        &[
            "pool",
            "create",
            "--insurer",
            &world.parties.insurer,
            "--mint",
            &world.parties.mint.to_string(),
            "--number",
            "1",
        ],
    );
    let other_pool = field(&other_pool["account"], "address");
    let other_plan = chain.run("clerk", &["plan", "create", "--pool", other_pool]);
    let other_plan = field(&other_plan["account"], "address");
    chain.world.json(
        "family.json",
        &json!({"deductible_used": {"individual": 100, "family": 200}}),
    );
    let rows = format!(
        "id,from,to,authority,plan,opening\n\
         M-1,2027-01-01,,,,\n\
         ,2027-01-01,,,,\n\
         M-2,2027-13-01,soon,0OIl,,\n\
         M-1,2027-01-01,,,,\n\
         M-3,2027-01-01,2026-12-31,,,\n\
         M-4,2027-01-01,,,{other_plan},\n\
         M-5,2027-01-01,,,{pool},none.json\n\
         M-6,2027-01-01,,,,family.json\n\
         =1+1,2027-01-01,,,,\n\
         {MEMBER},2027-01-01,,,,\n\
         M-7,2027-01-01\n\
         M-8,,,,,\n\
         M-9,2027-01-01,,,,more.json\n",
        pool = world.pool
    );
    // More in the year than in the life.
    chain.world.json("more.json", &json!({"annual_used": 50}));
    let file = table(&world, "wrong.csv", &rows);
    let words = enrolling(&world, &file);
    let (exit, answer) = run(&world, "clerk", &words);
    assert_eq!((exit, &answer["stopped"]), (1, &json!(true)), "{answer:#}");
    assert_eq!(
        faults(&answer),
        expected(&[
            (3, "id", "missing_value"),
            (4, "from", "date_invalid"),
            (4, "to", "date_invalid"),
            (4, "authority", "address_invalid"),
            (5, "id", "repeated"),
            (6, "to", "coverage_invalid"),
            (7, "plan", "plan_of_other_pool"),
            (8, "plan", "wrong_account"),
            (8, "opening", "file_missing"),
            (9, "opening", "opening_unsupported"),
            (10, "id", "formula"),
            (11, "id", "member_differs"),
            (12, "-", "wrong_columns"),
            (13, "from", "missing_value"),
            (14, "opening", "opening_invalid"),
        ])
    );
    assert_eq!(counts(&answer), [13, 0, 0, 0, 0]);
    assert_eq!(enrolled(&world).len(), 1);
    // No salt was made for who is not enrolled.
    let show = ["member", "show", "--pool", &world.pool, "--id", "M-1"];
    assert_eq!(chain.refused("clerk", &show), "member_unknown");

    // The report has the same, as CSV and as JSON.
    let report = text(&chain.world.path("report.csv"));
    let (exit, _) = run(
        &world,
        "clerk",
        &[&words[..], &["--report", &report]].concat(),
    );
    assert_eq!(exit, 1);
    let csv = std::fs::read_to_string(&report).expect("written");
    assert!(
        csv.contains("\n4,,,faulty,,authority,address_invalid\n"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 16);

    // The good row goes alone where the others are to be left out.
    let skip = [&words[..], &["--skip-invalid"]].concat();
    let dry = [&skip[..], &["--dry-run"]].concat();
    let (exit, planned) = run(&world, "clerk", &dry);
    assert_eq!((exit, counts(&planned)), (0, [13, 0, 0, 0, 1]));
    assert_eq!(enrolled(&world).len(), 1);
    let (exit, done) = run(&world, "clerk", &skip);
    assert_eq!((exit, counts(&done)), (0, [13, 1, 0, 0, 0]), "{done:#}");
    assert_eq!(faults(&done).len(), 15);
    assert_eq!(enrolled(&world).len(), 2);
    assert!(chain.run("clerk", &show)["plan"].is_string());

    // What is no table, and who may not.
    for (name, rows, refusal) in [
        ("empty.csv", "", "no_header"),
        ("header.csv", "id,from\n", "no_rows"),
        ("column.csv", "id,birth\nM-9,1990-01-01\n", "wrong_header"),
        ("without.csv", "from\n2027-01-01\n", "wrong_header"),
    ] {
        let file = table(&world, name, rows);
        assert_eq!(chain.refused("clerk", &enrolling(&world, &file)), refusal);
    }
    assert_eq!(
        chain.refused("clerk", &enrolling(&world, "none.csv")),
        "file_missing"
    );
    assert_eq!(chain.refused("clinic", &skip), "operator_missing");
    for wrong in [
        &["--id", "M-1"][..],
        &["--authority", &world.plan],
        &["--opening", "family.json"],
    ] {
        let output = chain
            .galen("clerk")
            .args([&words[..], wrong].concat())
            .output()
            .expect("run");
        assert_eq!(code(&output), 2, "{wrong:?}");
    }
    let bare = ["member", "enrol", "--pool", &world.pool, "--dry-run"];
    let output = chain.galen("clerk").args(bare).output().expect("run");
    assert_eq!(code(&output), 2);
}

#[test]
fn a_table_is_enrolled_once_and_reported() {
    let world = insured();
    let chain = world.chain();
    let own = chain.person("own").to_string();
    chain.world.json(
        "begun.json",
        &json!({
            "deductible_used": {"individual": 1_234}, "out_of_pocket_used": {"individual": 1_234},
            "annual_used": 50, "lifetime_used": 50,
        }),
    );
    let mut rows = "id,from,to,authority,opening\n".to_owned();
    rows += &format!("own,,,{own},\n\"Doe, J\",2027-07-01,2027-12-31,,begun.json\n");
    for number in 0..30 {
        rows += &format!("M-{number},,,,\n");
    }
    let file = table(&world, "members.csv", &rows);
    let words = enrolling(&world, &file);
    let report = text(&chain.world.path("report.csv"));
    let words = [&words[..], &["--from", "2027-01-01", "--report", &report]].concat();
    let dry = [&words[..], &["--dry-run"]].concat();
    let (exit, planned) = run(&world, "clerk", &dry);
    assert_eq!((exit, counts(&planned)), (0, [32, 0, 0, 0, 32]));
    assert_eq!(enrolled(&world).len(), 1);

    let (exit, answer) = run(&world, "clerk", &words);
    assert_eq!(
        (exit, counts(&answer)),
        (0, [32, 32, 0, 0, 0]),
        "{answer:#}"
    );
    let transactions = answer["transactions"].as_u64().expect("a number");
    assert!((1..32).contains(&transactions), "{transactions}");
    let csv = std::fs::read_to_string(&report).expect("written");
    assert_eq!(csv.lines().count(), 33);
    assert!(csv.contains("\n3,\"Doe, J\","), "{csv}");
    let ids: BTreeSet<String> = enrolled(&world)
        .iter()
        .map(|member| field(member, "identifier").to_owned())
        .collect();
    assert_eq!(ids.len(), 33);
    let show = |id: &str| {
        chain.run(
            "clerk",
            &["member", "show", "--pool", &world.pool, "--id", id],
        )
    };
    assert_eq!(field(&show("own"), "authority"), own);
    let doe = show("Doe, J");
    assert_eq!(
        (field(&doe, "covered_from"), field(&doe, "covered_to")),
        ("2027-07-01", "2027-12-31")
    );
    assert_eq!(
        doe["periods"][0]["deductible_used"]["individual"],
        json!(1_234)
    );
    assert_eq!(field(&show("M-0"), "covered_from"), "2027-01-01");

    let (exit, again) = run(&world, "clerk", &words);
    assert_eq!((exit, counts(&again)), (0, [32, 0, 32, 0, 0]));
    assert_eq!(again["transactions"], json!(0));
    assert_eq!(enrolled(&world).len(), 33);
}

/// A purse that is empty is found out by each row that is left, and the run after it does the rest.
#[test]
fn what_is_refused_is_said_row_by_row() {
    let world = insured();
    let chain = world.chain();
    let poor = solana_keypair::Keypair::new();
    solana_keypair::write_keypair_file(&poor, chain.keyfile("poor")).expect("written");
    let key = solana_signer::Signer::pubkey(&poor).to_string();
    let org = &world.parties.insurer;
    let add = ["operator", "add", "--org", org, "--key", &key];
    chain.run(
        "insurer",
        &[&add[..], &["--permissions", "enrol-member"]].concat(),
    );
    let file = table(&world, "two.csv", "id\nM-1\nM-2\n");
    let words = enrolling(&world, &file);
    let words = [&words[..], &["--from", "2027-01-01"]].concat();
    let (exit, refused) = run(&world, "poor", &words);
    assert_eq!(
        (exit, counts(&refused)),
        (1, [2, 0, 0, 2, 0]),
        "{refused:#}"
    );
    for row in refused["members"].as_array().expect("rows") {
        assert_eq!(field(&row["error"], "code"), "insufficient_funds");
    }
    assert_eq!(enrolled(&world).len(), 1);
}

/// A run that is killed while members land, and one at any moment, are begun again: each member is enrolled once.
#[test]
fn killed_anywhere_each_member_is_enrolled_once() {
    // More than are sent in one wave.
    const ROWS: usize = 800;
    let world = insured();
    let ids = (0..ROWS).map(|number| format!("K-{number}\n"));
    let rows = "id\n".to_owned() + &ids.collect::<String>();
    let file = table(&world, "killed.csv", &rows);
    let words = enrolling(&world, &file);
    let words = [&words[..], &["--from", "2027-01-01"]].concat();

    let mut child = spawn(&world, "clerk", "clerk-store", &words);
    let started = Instant::now();
    while on_ledger(&world) == 1 {
        assert!(started.elapsed() < Duration::from_secs(60), "nothing lands");
        sleep(Duration::from_millis(20));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    let mut random = Random(42);
    let mut child = spawn(&world, "clerk", "clerk-store", &words);
    sleep(Duration::from_millis(random.below(1_000)));
    let _ = child.kill();
    child.wait().expect("ended");
    let landed = on_ledger(&world);
    assert!((2..1 + ROWS).contains(&landed), "{landed}");

    let (exit, rest) = run(&world, "clerk", &words);
    assert_eq!((exit, &rest["failed"]), (0, &json!(0)), "{rest:#}");
    let [rows, done, unchanged, ..] = counts(&rest);
    assert!(done > 0 && unchanged > 0, "{done} {unchanged}");
    assert_eq!(rows, done + unchanged);
    let (exit, again) = run(&world, "clerk", &words);
    assert_eq!((exit, &again["unchanged"]), (0, &json!(ROWS)));
    let members = enrolled(&world);
    assert_eq!(members.len(), 1 + ROWS);
    // Nobody is there under a salt that the store has lost.
    assert!(members
        .iter()
        .all(|member| member["identifier"].is_string()));
}

/// How many members there are.
fn on_ledger(world: &Insured) -> usize {
    let kind = Memcmp::new_raw_bytes(0, Member::DISCRIMINATOR.to_vec());
    let config = RpcProgramAccountsConfig {
        filters: Some(vec![RpcFilterType::Memcmp(kind)]),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            ..RpcAccountInfoConfig::default()
        },
        ..RpcProgramAccountsConfig::default()
    };
    let client = &world.chain().client;
    client
        .get_program_ui_accounts_with_config(&claims::ID, config)
        .expect("members")
        .len()
}

#[test]
fn coverage_ends_and_tickets_are_void_by_table() {
    let world = insured();
    let chain = world.chain();
    let ids: Vec<String> = (0..24).map(|number| format!("M-{number}")).collect();
    let file = table(
        &world,
        "members.csv",
        &("id\n".to_owned() + &ids.join("\n")),
    );
    let words = enrolling(&world, &file);
    let enrol = [&words[..], &["--from", "2026-01-01"]].concat();
    let (_, done) = run(&world, "clerk", &enrol);
    assert_eq!(done["done"], json!(24));
    let account = |id: &str| {
        let shown = chain.run(
            "clerk",
            &["member", "show", "--pool", &world.pool, "--id", id],
        );
        field(&shown, "address").to_owned()
    };
    let (first, second) = (account("M-0"), account("M-1"));
    let ending =
        |file: &str| ["member", "end", "--pool", &world.pool, "--file", file].map(str::to_owned);
    let rows = format!(
        "id,member,to\n\
         M-0,,2026-06-30\n\
         nobody,,2026-06-31\n\
         M-1,,2025-12-31\n\
         ,{first},2026-06-30\n\
         M-2,{second},2026-06-30\n\
         ,,2026-06-30\n\
         ,{pool},2026-06-30\n\
         M-3,,\n",
        pool = world.pool
    );
    let wrong = table(&world, "wrong.csv", &rows);
    let words = ending(&wrong);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (exit, answer) = run(&world, "clerk", &words);
    assert_eq!(exit, 1);
    let mut said = faults(&answer);
    said.sort();
    assert_eq!(
        said,
        expected(&[
            (3, "id", "member_unknown"),
            (3, "to", "date_invalid"),
            (4, "to", "coverage_invalid"),
            (5, "member", "repeated"),
            (6, "id", "missing_value"),
            (7, "id", "missing_value"),
            (8, "member", "member_unknown"),
            (9, "to", "missing_value"),
        ])
    );
    let ends = |date: &str| {
        let members = enrolled(&world);
        members
            .iter()
            .filter(|member| field(member, "covered_to") == date)
            .count()
    };
    assert_eq!(ends("2026-06-30"), 0);
    let one_number = [&words[..], &["--expected-sequence", "0"]].concat();
    assert_eq!(chain.refused("clerk", &one_number), "contradiction");

    // By two at once, each with the store that knows the members: each coverage is ended once.
    let export = text(&chain.world.path("salts.json"));
    chain.run("clerk", &["store", "export", &export]);
    chain
        .galen_with_store("clerk", "second-store")
        .args(["store", "import", &export, "--yes"])
        .assert()
        .success();
    let words = ending(&file);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words = [&words[..], &["--to", "2026-06-30"]].concat();
    let dry = [&words[..], &["--dry-run"]].concat();
    assert_eq!(counts(&run(&world, "clerk", &dry).1), [24, 0, 0, 0, 24]);
    let both = ["clerk-store", "second-store"].map(|store| spawn(&world, "clerk", store, &words));
    let mut done = 0;
    for child in both {
        let output = child.wait_with_output().expect("ended");
        let answer = document(&output);
        assert_eq!(code(&output), 0, "{answer:#}");
        let [rows, did, unchanged, failed, _] = counts(&answer);
        assert_eq!((rows, did + unchanged, failed), (24, 24, 0), "{answer:#}");
        done += did;
    }
    assert!(done >= 24, "{done}");
    assert_eq!(ends("2026-06-30"), 24);
    let (exit, again) = run(&world, "clerk", &words);
    assert_eq!((exit, counts(&again)), (0, [24, 0, 24, 0, 0]));

    // Tickets: the floor rises, and never sinks.
    let void = ["member", "void-tickets", "--pool", &world.pool, "--file"];
    let floors = table(&world, "floors.csv", "id,below\nM-0,3\nM-1,\nM-2,x\n");
    let words = [&void[..], &[&floors, "--below", "1"]].concat();
    let (exit, answer) = run(&world, "clerk", &words);
    assert_eq!(exit, 1);
    assert_eq!(
        faults(&answer),
        expected(&[(4, "below", "ticket_number_invalid")])
    );
    let floors = table(&world, "floors.csv", "id,below\nM-0,3\nM-1,\n");
    let words = [&void[..], &[&floors, "--below", "1"]].concat();
    assert_eq!(counts(&run(&world, "clerk", &words).1), [2, 2, 0, 0, 0]);
    assert_eq!(counts(&run(&world, "clerk", &words).1), [2, 0, 2, 0, 0]);
    let lower = table(&world, "lower.csv", "id\nM-0\n");
    let words = [&void[..], &[&lower, "--below", "2"]].concat();
    assert_eq!(counts(&run(&world, "clerk", &words).1), [1, 0, 1, 0, 0]);
    let show = ["member", "show", "--pool", &world.pool, "--id", "M-0"];
    assert_eq!(chain.run("clerk", &show)["ticket_floor"], json!(3));
}

#[test]
fn tickets_are_written_for_a_table_each_providers_apart() {
    let world = insured();
    let chain = world.chain();
    // The desk has the salts that the insurer's store has.
    let export = text(&chain.world.path("salts.json"));
    chain.run("clerk", &["store", "export", &export]);
    chain.run("desk", &["store", "import", &export]);
    let provider = world.parties.provider.clone();
    let out = text(&chain.world.path("tickets"));
    let words = |file: &str| {
        [
            "member",
            "ticket",
            "--pool",
            &world.pool,
            "--file",
            file,
            "--out",
            &out,
            "--from",
            "2020-01-01",
        ]
        .map(str::to_owned)
    };
    let rows = format!(
        "id,provider,from,to,nonce\n\
         {MEMBER},{provider},,2099-12-31,\n\
         nobody,{provider},,2099-12-31,\n\
         {MEMBER},{pool},,2019-12-31,-1\n\
         {MEMBER},{provider},,2019-12-31,\n\
         {MEMBER},,,,\n",
        pool = world.pool
    );
    let file = table(&world, "wrong.csv", &rows);
    let (exit, answer) = run(
        &world,
        "desk",
        &words(&file).iter().map(String::as_str).collect::<Vec<_>>(),
    );
    assert_eq!(exit, 1);
    let mut said = faults(&answer);
    said.sort();
    assert_eq!(
        said,
        expected(&[
            (3, "id", "member_unknown"),
            (4, "nonce", "ticket_number_invalid"),
            (4, "provider", "wrong_account"),
            (5, "to", "invalid_date"),
            (6, "provider", "missing_value"),
            (6, "to", "missing_value"),
        ])
    );
    assert!(!chain.world.path("tickets").exists());

    let rows = format!("id,to,nonce\n{MEMBER},2099-12-31,\n{MEMBER},2098-12-31,7\n");
    let file = table(&world, "tickets.csv", &rows);
    let named = words(&file);
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let named = [&named[..], &["--provider", &provider]].concat();
    assert_eq!(chain.refused("clerk", &named), "ticket_signer_mismatch");
    let nowhere: Vec<&str> = named
        .iter()
        .copied()
        .filter(|word| *word != "--out" && *word != out)
        .collect();
    assert_eq!(chain.refused("desk", &nowhere), "missing_value");
    let dry = [&named[..], &["--dry-run"]].concat();
    let (exit, planned) = run(&world, "desk", &dry);
    assert_eq!((exit, &planned["written"]), (0, &json!(0)));
    assert_eq!(planned["tickets"][0]["outcome"], json!("planned"));
    assert!(!chain.world.path("tickets").exists());

    let (exit, written) = run(&world, "desk", &named);
    assert_eq!((exit, &written["written"]), (0, &json!(2)), "{written:#}");
    let index = chain
        .world
        .path("tickets")
        .join(&provider)
        .join("members.csv");
    let before = std::fs::read_to_string(&index).expect("written");
    assert_eq!(before.lines().count(), 3);
    assert!(before.starts_with("patient,ticket\nM-4711,"), "{before}");
    let ticket = field(&written["tickets"][0], "ticket").to_owned();
    let single = world.ticket("single.json");
    let of = |file: &str| -> Value {
        serde_json::from_slice(&std::fs::read(file).expect("there")).expect("JSON")
    };
    assert_eq!(of(&ticket), of(&single));

    // A part of one, as a run that was killed leaves it, is written anew; the rest is there.
    std::fs::write(&ticket, "{").expect("written");
    let (exit, again) = run(&world, "desk", &named);
    assert_eq!(
        (exit, &again["written"], &again["unchanged"]),
        (0, &json!(1), &json!(1))
    );
    assert_eq!(of(&ticket), of(&single));
    assert_eq!(std::fs::read_to_string(&index).expect("there"), before);

    // The folder is what a batch of claims takes.
    world.fund(100_000);
    let claim = world.fhir_claim("C-1", MEMBER, 3, &[("A", 10_000)]);
    let claims = table(&world, "claims.ndjson", &(claim.to_string() + "\n"));
    let members = text(&index);
    let filed = chain.run("clinic", &batch(&world, &claims, &members));
    assert_eq!(filed["filed"], json!(1), "{filed:#}");
    assert_eq!(filed["claims"][0]["status"], json!("paid"));
}
