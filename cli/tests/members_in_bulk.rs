//! Tables of members on a running validator: checked whole before anything is sent, enrolled, ended, brought together in families, given
//! authorizations and tickets; killed, run again, and by two at once.

mod chain;
mod common;

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anchor_lang::Discriminator;
use chain::claim_files::words as batch;
use chain::field;
use chain::insured::{insured, insured_by, Insured, MEMBER};
use chain::random::Random;
use claims::state::{decode_zero_copy, Authorization, Family, Member};
use common::{code, document, text};
use serde_json::{json, Value};
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_client::rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_client::rpc_filter::{Memcmp, RpcFilterType};
use solana_pubkey::Pubkey;

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
    accounts::<Member>(world).len()
}

/// The accounts of a kind.
fn accounts<T: Discriminator + anchor_lang::ZeroCopy>(world: &Insured) -> Vec<T> {
    let kind = Memcmp::new_raw_bytes(0, T::DISCRIMINATOR.to_vec());
    let config = RpcProgramAccountsConfig {
        filters: Some(vec![RpcFilterType::Memcmp(kind)]),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            ..RpcAccountInfoConfig::default()
        },
        ..RpcProgramAccountsConfig::default()
    };
    let client = &world.chain().client;
    let found = client
        .get_program_ui_accounts_with_config(&claims::ID, config)
        .expect("accounts");
    let data = found
        .iter()
        .map(|(_, account)| account.data.decode().expect("bytes"));
    data.map(|data| decode_zero_copy(&data).expect("of its kind"))
        .collect()
}

/// Kills a run while `landed` grows to `all`, one more at any moment, and has a third do the rest; `rows` in the table.
fn killed_and_begun_again(
    world: &Insured,
    words: &[&str],
    rows: u64,
    all: usize,
    landed: impl Fn() -> usize,
) {
    let mut child = spawn(world, "clerk", "clerk-store", words);
    let started = Instant::now();
    while landed() == 0 {
        assert!(started.elapsed() < Duration::from_secs(60), "nothing lands");
        sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(landed() < all, "it was killed too late");
    let mut random = Random(rows);
    let mut child = spawn(world, "clerk", "clerk-store", words);
    sleep(Duration::from_millis(random.below(600)));
    let _ = child.kill();
    child.wait().expect("ended");
    let (exit, rest) = run(world, "clerk", words);
    assert_eq!((exit, &rest["failed"]), (0, &json!(0)), "{rest:#}");
    let [read, done, unchanged, ..] = counts(&rest);
    assert_eq!((read, done + unchanged), (rows, rows));
    let (exit, again) = run(world, "clerk", words);
    assert_eq!((exit, counts(&again)), (0, [rows, 0, rows, 0, 0]));
    assert_eq!(again["transactions"], json!(0));
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
    assert!(
        before.starts_with(&format!("patient,ticket\n{MEMBER},")),
        "{before}"
    );
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

/// Enrols so many members, `M-0` and on, from 2020.
fn members(world: &Insured, count: usize) {
    let ids = (0..count).map(|number| format!("M-{number}\n"));
    let rows = "id\n".to_owned() + &ids.collect::<String>();
    let file = table(world, "members.csv", &rows);
    let words = enrolling(world, &file);
    let (exit, done) = run(
        world,
        "clerk",
        &[&words[..], &["--from", "2020-01-01"]].concat(),
    );
    assert_eq!((exit, &done["done"]), (0, &json!(count)), "{done:#}");
}

fn joining<'a>(world: &'a Insured, file: &'a str) -> [&'a str; 6] {
    [
        "member",
        "join-family",
        "--pool",
        &world.pool,
        "--file",
        file,
    ]
}

/// The sizes of the families that are on the ledger.
fn family_sizes(world: &Insured) -> Vec<u16> {
    let mut sizes: Vec<u16> = accounts::<Family>(world)
        .iter()
        .map(|family| family.members)
        .collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn families_are_joined_by_table() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    members(&world, 10);
    // One has a claim, one belongs to a family, and one is in another plan.
    let ticket = world.ticket("ticket.json");
    world.submit(&world.document("one.json", 1, &[("A", 1, 10_000)]), &ticket);
    let single = |id: &'static str, family: &'static str| {
        let join = ["member", "join-family", family];
        [&join[..], &["--pool", &world.pool, "--id", id]].concat()
    };
    chain.twice("clerk", &single("M-7", "Other"), "changed");
    let plan = chain.run(
        "clerk",
        &["plan", "create", "--pool", &world.pool, "--number", "1"],
    );
    let plan = field(&plan["account"], "address");
    let elsewhere = ["member", "enrol", "--pool", &world.pool, "--plan", plan];
    let named = ["--id", "elsewhere", "--from", "2020-01-01"];
    chain.run("clerk", &[&elsewhere[..], &named].concat());

    let pool = &world.pool;
    let rows = format!(
        "id,member,family\n\
         M-0,,F-1\n\
         M-1,,\n\
         nobody,,F-1\n\
         M-0,,F-2\n\
         {MEMBER},,F-1\n\
         elsewhere,,F-1\n\
         M-7,,F-1\n\
         ,{pool},F-1\n\
         M-2,,=F\n\
         M-3,,Other\n\
         M-4,,F-3,\n"
    );
    let file = table(&world, "wrong.csv", &rows);
    let words = joining(&world, &file);
    let (exit, answer) = run(&world, "clerk", &words);
    assert_eq!((exit, &answer["stopped"]), (1, &json!(true)), "{answer:#}");
    assert_eq!(
        faults(&answer),
        expected(&[
            (3, "family", "missing_value"),
            (4, "id", "member_unknown"),
            (5, "id", "repeated"),
            (6, "family", "member_has_claims"),
            (7, "family", "family_of_other_plan"),
            (8, "family", "family_joined"),
            (9, "member", "member_unknown"),
            (10, "family", "formula"),
            (12, "-", "wrong_columns"),
        ])
    );
    // Nothing was sent, and no salt was made.
    let salts = |name: &str| {
        let file = text(&chain.world.path(name));
        chain.run("clerk", &["store", "export", &file]);
        let backup: Value =
            serde_json::from_slice(&std::fs::read(&file).expect("there")).expect("JSON");
        let all = backup["commitments"].as_array().expect("salts").clone();
        let mut families: Vec<String> = all
            .iter()
            .filter(|salt| salt["subject"] == json!("family"))
            .map(|salt| field(salt, "identifier").to_owned())
            .collect();
        families.sort();
        families
    };
    assert_eq!(family_sizes(&world), [1]);
    assert_eq!(salts("before.json"), ["Other"]);
    assert_eq!(chain.refused("clinic", &words), "operator_missing");
    let header = table(&world, "header.csv", "id\nM-0\n");
    assert_eq!(
        chain.refused("clerk", &joining(&world, &header)),
        "wrong_header"
    );

    // The good rows alone: one joins the family that is there, one is the first of another.
    let skip = [&words[..], &["--skip-invalid"]].concat();
    let dry = [&skip[..], &["--dry-run"]].concat();
    let (exit, planned) = run(&world, "clerk", &dry);
    assert_eq!((exit, counts(&planned)), (0, [11, 0, 0, 0, 2]));
    assert_eq!(salts("dry.json"), ["Other"]);
    let (exit, done) = run(&world, "clerk", &skip);
    assert_eq!((exit, counts(&done)), (0, [11, 2, 0, 0, 0]), "{done:#}");
    assert_eq!(family_sizes(&world), [1, 2]);
    assert_eq!(salts("after.json"), ["F-1", "Other"]);

    // Two families and one more in the third: M-0 is there already.
    let rows = "id,family\nM-0,F-1\nM-1,F-1\nM-2,F-1\nM-4,\"F, 2\"\nM-5,\"F, 2\"\nM-6,Other\n";
    let file = table(&world, "families.csv", rows);
    let report = text(&chain.world.path("report.csv"));
    let words = joining(&world, &file);
    let words = [&words[..], &["--report", &report]].concat();
    let (exit, done) = run(&world, "clerk", &words);
    assert_eq!((exit, counts(&done)), (0, [6, 5, 1, 0, 0]), "{done:#}");
    assert_eq!(family_sizes(&world), [2, 3, 3]);
    let csv = std::fs::read_to_string(&report).expect("written");
    assert_eq!(csv.lines().count(), 7);
    assert!(
        csv.contains("\n2,M-0,") && csv.contains(",unchanged,"),
        "{csv}"
    );
    let (exit, again) = run(&world, "clerk", &words);
    assert_eq!((exit, counts(&again)), (0, [6, 0, 6, 0, 0]));
    // What a table has done is done for who is named alone.
    let one = chain.run("clerk", &single("M-5", "F, 2"));
    assert_eq!(one["outcome"], json!("unchanged"));

    // Who cannot pay makes no family, and the rows say why.
    let poor = solana_keypair::Keypair::new();
    solana_keypair::write_keypair_file(&poor, chain.keyfile("poor")).expect("written");
    let key = solana_signer::Signer::pubkey(&poor).to_string();
    let org = &world.parties.insurer;
    let add = ["operator", "add", "--org", org, "--key", &key];
    let may = ["--permissions", "enrol-member,decide-claim"];
    chain.run("insurer", &[&add[..], &may].concat());
    let all = text(&chain.world.path("all.json"));
    chain.run("clerk", &["store", "export", &all]);
    chain
        .galen("poor")
        .args(["store", "import", &all, "--yes"])
        .assert()
        .success();
    let late = table(&world, "late.csv", "id,family\nM-8,F-9\nM-9,F-9\n");
    let (exit, refused) = run(&world, "poor", &joining(&world, &late));
    assert_eq!(
        (exit, counts(&refused)),
        (1, [2, 0, 0, 2, 0]),
        "{refused:#}"
    );
    for row in refused["members"].as_array().expect("rows") {
        assert_eq!(field(&row["error"], "code"), "insufficient_funds");
    }
    assert_eq!(family_sizes(&world), [2, 3, 3]);
    for (flag, value) in [("--id", "M-1"), ("--member", &world.member)] {
        let output = chain
            .galen("clerk")
            .args([&words[..], &[flag, value]].concat())
            .output()
            .expect("run");
        assert_eq!(code(&output), 2, "{flag}");
    }
    let both = [&joining(&world, &file)[..], &["F-1"]].concat();
    let output = chain.galen("clerk").args(both).output().expect("run");
    assert_eq!(code(&output), 2);
}

#[test]
fn killed_anywhere_each_family_is_made_and_joined_once() {
    const FAMILIES: usize = 60;
    const SIZE: usize = 4;
    let world = insured();
    members(&world, FAMILIES * SIZE);
    // Neighbours in the table are of different families.
    let rows = (0..FAMILIES * SIZE).map(|number| format!("M-{number},F-{}\n", number % FAMILIES));
    let rows = "id,family\n".to_owned() + &rows.collect::<String>();
    let file = table(&world, "families.csv", &rows);
    let words = joining(&world, &file);
    let rows = (FAMILIES * SIZE) as u64;
    let joined = || {
        let members = accounts::<Member>(&world).into_iter();
        let families = members.map(|member| member.family);
        families
            .filter(|family| *family != Pubkey::default())
            .collect::<Vec<_>>()
    };
    let landed = || accounts::<Family>(&world).len() + joined().len();
    killed_and_begun_again(&world, &words, rows, FAMILIES + FAMILIES * SIZE, landed);
    assert_eq!(family_sizes(&world), [SIZE as u16; FAMILIES]);
    let families: BTreeSet<Pubkey> = joined().into_iter().collect();
    assert_eq!(
        (joined().len(), families.len()),
        (FAMILIES * SIZE, FAMILIES)
    );
}

fn granting<'a>(world: &'a Insured, file: &'a str) -> [&'a str; 6] {
    ["member", "authorize", "--pool", &world.pool, "--file", file]
}

#[test]
fn authorizations_are_granted_by_table_and_used_up() {
    let world = insured_by(&json!({"coinsurance_bps": 2_000, "benefits": [
        {"code": "A", "allowed": 10_000, "authorization": true}, {"code": "B", "allowed": 4_000},
    ]}));
    let chain = world.chain();
    world.fund(100_000);
    members(&world, 3);
    let provider = &world.parties.provider;
    let one = [
        "member",
        "authorize",
        "A",
        "--pool",
        &world.pool,
        "--id",
        "M-2",
    ];
    let dates = ["--from", "2026-01-01", "--to", "2099-12-31"];
    let terms = ["--number", "1", "--units", "2"];
    chain.twice("clerk", &[&one[..], &dates, &terms].concat(), "changed");
    let other = ["--number", "1", "--units", "3"];
    assert_eq!(
        chain.refused("clerk", &[&one[..], &dates, &other].concat()),
        "authorization_exists"
    );

    let pool = &world.pool;
    let rows = format!(
        "id,code,number,units,from,to,provider\n\
         {MEMBER},A,1,2,2020-01-01,2099-12-31,{provider}\n\
         {MEMBER},,0,-2,soon,2099-12-31,{pool}\n\
         {MEMBER},A,256,0,2020-01-01,2019-12-31,\n\
         {MEMBER},A,2,1,2020-01-02,2020-01-01,\n\
         {MEMBER},A,1,1,2020-01-01,2099-12-31,\n\
         nobody,A,1,1,2020-01-01,2099-12-31,\n\
         M-0,A,1,1,2019-12-31,2099-12-31,\n\
         M-1,A,,,,,\n\
         M-2,A,1,3,2026-01-01,2099-12-31,\n"
    );
    let file = table(&world, "wrong.csv", &rows);
    let words = granting(&world, &file);
    let (exit, answer) = run(&world, "clerk", &words);
    assert_eq!((exit, &answer["stopped"]), (1, &json!(true)), "{answer:#}");
    let mut said = faults(&answer);
    said.sort();
    let mut wanted = expected(&[
        (3, "code", "missing_value"),
        (3, "number", "authorization_number_invalid"),
        (3, "units", "units_invalid"),
        (3, "from", "date_invalid"),
        (3, "provider", "wrong_account"),
        (4, "number", "authorization_number_invalid"),
        (4, "units", "units_invalid"),
        (5, "to", "authorization_invalid"),
        (6, "number", "repeated"),
        (7, "id", "member_unknown"),
        (8, "from", "no_plan_version"),
        (9, "number", "missing_value"),
        (9, "units", "missing_value"),
        (9, "from", "missing_value"),
        (9, "to", "missing_value"),
        (10, "number", "authorization_exists"),
    ]);
    wanted.sort();
    assert_eq!(said, wanted);
    assert_eq!(accounts::<Authorization>(&world).len(), 1);
    // Who enrols does not decide.
    let enroller = chain.person("enroller").to_string();
    let org = &world.parties.insurer;
    let add = ["operator", "add", "--org", org, "--key", &enroller];
    let may = ["--permissions", "enrol-member"];
    chain.run("insurer", &[&add[..], &may].concat());
    assert_eq!(chain.refused("enroller", &words), "permission_missing");
    // Nor can anybody name a code whose key the store lacks.
    let good = table(
        &world,
        "good.csv",
        &format!(
            "id,member,code,number,units\n{MEMBER},,A,1,2\n{MEMBER},,B,2,\nM-0,,A,,5\n,{},A,3,\n",
            world.member
        ),
    );
    let defaults = ["--number", "7", "--units", "1", "--provider", provider];
    let words = [&granting(&world, &good)[..], &dates, &defaults].concat();
    let bare = text(&chain.world.path("salts.json"));
    chain.run("clerk", &["store", "export", &bare]);
    let mut backup: Value =
        serde_json::from_slice(&std::fs::read(&bare).expect("there")).expect("JSON");
    backup["code_keys"] = json!([]);
    let bare = text(&chain.world.json("bare.json", &backup));
    let keyless = |words: &[&str]| {
        let mut galen = chain.galen_with_store("clerk", "keyless-store");
        let output = galen
            .args(words)
            .args(["--yes", "--output", "json"])
            .output();
        document(&output.expect("run"))
    };
    keyless(&["store", "import", &bare]);
    let refused = keyless(&words);
    assert_eq!(
        faults(&refused),
        expected(&[2, 3, 4, 5].map(|line| (line, "code", "code_key_missing")))
    );

    let dry = [&words[..], &["--dry-run"]].concat();
    assert_eq!(counts(&run(&world, "clerk", &dry).1), [4, 0, 0, 0, 4]);
    let (exit, done) = run(&world, "clerk", &words);
    assert_eq!((exit, counts(&done)), (0, [4, 4, 0, 0, 0]), "{done:#}");
    let (exit, again) = run(&world, "clerk", &words);
    assert_eq!((exit, counts(&again)), (0, [4, 0, 4, 0, 0]));
    let mut granted: Vec<(u8, u32, bool)> = accounts::<Authorization>(&world)
        .iter()
        .map(|paper| {
            let own = paper.provider.to_string() == *provider;
            (paper.number, paper.units, own)
        })
        .collect();
    granted.sort_unstable();
    assert_eq!(
        granted,
        [
            (1, 2, false),
            (1, 2, true),
            (2, 1, true),
            (3, 1, true),
            (7, 5, true)
        ]
    );

    // A claim uses it up, and is paid; what was used is no reason to grant it again.
    let ticket = world.ticket("ticket.json");
    let paid = world.submit(&world.document("one.json", 1, &[("A", 1, 10_000)]), &ticket);
    assert_eq!(field(&paid, "status"), "paid", "{paid:#}");
    assert_eq!(chain.held(&world.payout), 8_000 * chain::insured::UNITS);
    let used = accounts::<Authorization>(&world);
    assert_eq!(used.iter().map(|paper| paper.used).sum::<u32>(), 1);
    assert_eq!(counts(&run(&world, "clerk", &words).1), [4, 0, 4, 0, 0]);
}

#[test]
fn killed_anywhere_and_by_two_at_once_each_authorization_is_granted_once() {
    // More than are sent in one wave.
    const MEMBERS: usize = 4;
    const EACH: usize = 250;
    let world = insured();
    members(&world, MEMBERS + 1);
    let rows = (0..MEMBERS).map(|number| rows_of(&format!("M-{number}"), EACH));
    let rows = "id,code,number\n".to_owned() + &rows.collect::<String>();
    let file = table(&world, "authorizations.csv", &rows);
    let terms = ["--units", "3", "--from", "2026-01-01", "--to", "2026-12-31"];
    let words = [&granting(&world, &file)[..], &terms].concat();
    let landed = || accounts::<Authorization>(&world).len();
    let all = MEMBERS * EACH;
    killed_and_begun_again(&world, &words, all as u64, all, landed);
    let papers = accounts::<Authorization>(&world);
    assert!(papers.iter().all(|paper| paper.units == 3));
    let each: BTreeSet<(Pubkey, u8)> = papers
        .iter()
        .map(|paper| (paper.member, paper.number))
        .collect();
    assert_eq!((papers.len(), each.len()), (all, all));

    // Two at once, of another member.
    let rows = rows_of(&format!("M-{MEMBERS}"), 40);
    let file = table(&world, "two.csv", &format!("id,code,number\n{rows}"));
    let words = [&granting(&world, &file)[..], &terms].concat();
    let both = [(); 2].map(|()| spawn(&world, "clerk", "clerk-store", &words));
    for child in both {
        let output = child.wait_with_output().expect("ended");
        let answer = document(&output);
        assert_eq!(code(&output), 0, "{answer:#}");
        let [rows, did, unchanged, failed, _] = counts(&answer);
        assert_eq!((rows, did + unchanged, failed), (40, 40, 0), "{answer:#}");
    }
    assert_eq!(landed(), all + 40);
}

fn rows_of(id: &str, count: usize) -> String {
    (1..=count)
        .map(|number| format!("{id},B,{number}\n"))
        .collect()
}
