//! `galen claim batch` on a running validator: killed at random points, with its store deleted, and by two operators at
//! once, it files each claim once and misses none.
//!
//! Members are written into the validator's accounts: how they come to be enrolled is tested elsewhere. `GALEN_SOAK=1` takes
//! files of 2,000 claims, and 200 kills; `GALEN_CLAIMS` and `GALEN_KILLS` other numbers.

mod chain;
mod common;

use std::collections::BTreeMap;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anchor_lang::{AccountDeserialize, Discriminator};
use anchor_spl::token::spl_token;
use anchor_spl::token::spl_token::state::AccountState;
use chain::accounts::{key, note_rate, number, patiently, plain_transfers, token, write};
use chain::claim_files::{words, ClaimFile};
use chain::faults::{FaultProxy, RPC_TIMEOUT};
use chain::insured::{insured, Insured, UNITS};
use chain::random::Random;
use chain::x12_files::of_members;
use claims::state::{Claim, ClaimStatus};
use serde_json::{json, Value};
use solana_client::rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_client::rpc_filter::{Memcmp, RpcFilterType};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Cents that the pool has: more than any file asks for.
const FUNDS: u64 = 10_000_000_000;

/// Where `Claim::status` and `Claim::member` stand in an account.
const STATUS: usize = 10;
const MEMBER: usize = 76;

/// A world in which two operators of the clinic can file, and share its claim key.
fn world() -> Insured {
    let world = insured();
    world.fund(FUNDS);
    let chain = world.chain();
    let second = chain.person("second").to_string();
    let add = ["operator", "add", "--org", &world.parties.provider, "--key"];
    chain.run(
        "clinic",
        &[&add[..], &[&second, "--permissions", "submit-claim"]].concat(),
    );
    // The first run, of however little, makes the key.
    let first = world.claim_file("first", 1 << 20, 1);
    let dry = words(&world, &first.file, &first.table);
    let dry = chain.run("clinic", &[&dry[..], &["--dry-run"]].concat());
    assert_eq!(dry["claims"][0]["outcome"], "planned");
    let export = common::text(&chain.world.path("clinic-export.json"));
    chain.run("clinic", &["store", "export", &export]);
    chain.run("second", &["store", "import", &export]);
    world
}

/// A run of the command.
fn command(world: &Insured, who: &str, file: &ClaimFile, more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("galen"));
    command
        .args(world.chain().flags(who, &format!("{who}-store")))
        .args(words(world, &file.file, &file.table))
        .args(["--yes", "--output", "json"])
        .args(more)
        .current_dir(world.chain().world.folder.path())
        .stdin(Stdio::null());
    command
}

fn spawn(world: &Insured, who: &str, file: &ClaimFile) -> Child {
    command(world, who, file, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("galen starts")
}

fn run(world: &Insured, who: &str, file: &ClaimFile, more: &[&str]) -> Output {
    command(world, who, file, more)
        .output()
        .expect("galen runs")
}

/// Runs to the end; the answer.
fn finish(world: &Insured, who: &str, file: &ClaimFile) -> Value {
    let output = run(world, who, file, &[]);
    let answer = common::document(&output);
    assert_eq!(common::code(&output), 0, "{answer:#}");
    answer
}

/// The claims of one member on the ledger.
fn claims_of(world: &Insured, member: &Pubkey) -> Vec<Claim> {
    let filters = vec![
        RpcFilterType::Memcmp(Memcmp::new_raw_bytes(0, Claim::DISCRIMINATOR.to_vec())),
        RpcFilterType::Memcmp(Memcmp::new_raw_bytes(MEMBER, member.to_bytes().to_vec())),
    ];
    let config = || RpcProgramAccountsConfig {
        filters: Some(filters.clone()),
        account_config: RpcAccountInfoConfig {
            encoding: Some(solana_account_decoder_client_types::UiAccountEncoding::Base64),
            ..RpcAccountInfoConfig::default()
        },
        ..RpcProgramAccountsConfig::default()
    };
    let client = &world.chain().client;
    patiently(|| client.get_program_ui_accounts_with_config(&claims::ID, config()))
        .into_iter()
        .map(|(_, account)| {
            let data = account.data.decode().expect("base64");
            Claim::try_deserialize(&mut data.as_slice()).expect("a claim")
        })
        .collect()
}

/// Where a file's claims stand, or will.
fn addresses(world: &Insured, who: &str, file: &ClaimFile) -> Vec<Pubkey> {
    let answer = common::document(&run(world, who, file, &["--dry-run"]));
    let claims = answer["claims"].as_array().expect("claims");
    claims
        .iter()
        .map(|claim| chain::field(claim, "claim").parse().expect("an address"))
        .collect()
}

/// How many of the claims at these addresses have been adjudicated.
fn landed(world: &Insured, addresses: &[Pubkey]) -> usize {
    let client = &world.chain().client;
    addresses
        .chunks(100)
        .flat_map(|chunk| patiently(|| client.get_multiple_accounts(chunk)))
        .flatten()
        .filter(|account| account.data[STATUS] != ClaimStatus::Draft as u8)
        .count()
}

/// Every claim of a file stands there once, and not under another number too, and is paid. What they were paid.
fn assert_each_once(world: &Insured, file: &ClaimFile) -> u64 {
    let (mut count, mut paid) = (0, 0);
    for member in &file.members {
        let mut days = BTreeMap::new();
        for claim in claims_of(world, member) {
            assert_eq!(claim.status, ClaimStatus::Paid, "{claim:?}");
            *days.entry(claim.service_date).or_insert(0) += 1;
            paid += claim.totals.paid;
        }
        assert!(days.values().all(|count| *count == 1), "{days:?}");
        count += days.len();
    }
    assert_eq!(count, file.count);
    paid
}

/// Deletes an operator's store; of what was in it only the insurer's code keys come back.
fn lose_store(world: &Insured, who: &str) {
    let chain = world.chain();
    std::fs::remove_dir_all(chain.world.path(&format!("{who}-store"))).expect("removed");
    let keys = common::text(&chain.world.path("code-keys.json"));
    chain.run(who, &["store", "import", &keys]);
}

/// File `number` of those that are killed: NDJSON and X12 by turns, the first of them X12.
fn next_file(world: &Insured, number: u64, count: usize) -> ClaimFile {
    let name = format!("file-{number}");
    match number % 2 {
        1 => world.x12_claim_file(&name, number, count),
        _ => world.claim_file(&name, number, count),
    }
}

/// Kills hit a batch that is under way: where every claim has landed, another file is taken.
#[test]
fn killed_anywhere_each_claim_lands_once() {
    let soak = std::env::var_os("GALEN_SOAK").is_some();
    let (count, kills) = if soak { (2_000, 200) } else { (120, 10) };
    let count = number("GALEN_CLAIMS").unwrap_or(count);
    let kills = number("GALEN_KILLS").unwrap_or(kills);
    let world = world();
    let mut file = world.claim_file("whole", 0, count);
    let started = Instant::now();
    let answer = finish(&world, "clinic", &file);
    assert_eq!(answer["filed"], json!(count), "{answer:#}");
    let whole_run = u64::try_from(started.elapsed().as_millis()).expect("short");
    let mut paid = assert_each_once(&world, &file);
    let mut random = Random(11);
    let (mut files, mut under_way, mut before) = (1_u64, 0, 0);
    file = next_file(&world, files, count);
    let mut places = addresses(&world, "clinic", &file);
    for kill in 0..kills {
        let mut operators = vec![spawn(&world, "clinic", &file)];
        // Two at once, every third time.
        if kill % 3 == 2 {
            operators.push(spawn(&world, "second", &file));
        }
        sleep(Duration::from_millis(random.below(whole_run * 6 / 5)));
        for operator in &mut operators {
            let _ = operator.kill();
            let _ = operator.wait();
        }
        // Without its store, every fourth time: what is under way can still land.
        if kill % 4 == 3 {
            lose_store(&world, "clinic");
            assert_eq!(addresses(&world, "clinic", &file), places);
        }
        let after = landed(&world, &places);
        if before < after && after < count {
            under_way += 1;
        }
        before = after;
        if after == count {
            let answer = finish(&world, "clinic", &file);
            assert_eq!(
                (&answer["filed"], &answer["unchanged"]),
                (&json!(0), &json!(count)),
                "{answer:#}"
            );
            paid += assert_each_once(&world, &file);
            files += 1;
            file = next_file(&world, files, count);
            places = addresses(&world, "second", &file);
            before = 0;
        }
    }
    println!(
        "{count} claims, {kills} kills in {:?}: {under_way} while claims were landing, {files} files completed",
        started.elapsed()
    );
    assert!(under_way > 0, "no kill hit a batch under way");
    let answer = finish(&world, "second", &file);
    assert_eq!(answer["failed"], json!(0), "{answer:#}");
    paid += assert_each_once(&world, &file);
    // Once more: nothing is left to do.
    let answer = finish(&world, "clinic", &file);
    assert_eq!(
        (&answer["filed"], &answer["unchanged"]),
        (&json!(0), &json!(count)),
        "{answer:#}"
    );
    assert_each_once(&world, &file);
    let pool = world.pool_shown();
    assert_eq!(pool["paid"], json!(paid));
    assert_eq!(world.chain().held(&world.payout), paid * UNITS);
    // No draft was left behind either.
    let list = ["claim", "list", "--pool", &world.pool, "--status", "draft"];
    assert_eq!(world.chain().run("anyone", &list)["claims"], json!([]));
}

/// Of a hundred questions thirty suffer a fault: each run files every claim of its file once, and says so.
#[test]
fn through_faults_each_claim_lands_once() {
    let soak = std::env::var_os("GALEN_SOAK").is_some();
    let (count, calls) = if soak { (400, 50_000) } else { (60, 500) };
    let calls = number("GALEN_FAULT_CALLS").unwrap_or(calls);
    let world = world();
    let proxy = FaultProxy::before(&world.chain().validator.url, 30, 23);
    let (mut files, mut paid) = (0, 0);
    while proxy.calls() < calls {
        files += 1;
        let file = next_file(&world, files, count);
        proxy.begin();
        let through = ["--url", &proxy.url, "--rpc-timeout", RPC_TIMEOUT];
        let mut flags = world.chain().flags("clinic", "clinic-store").to_vec();
        flags.drain(..2);
        let output = Command::new(assert_cmd::cargo::cargo_bin("galen"))
            .args(through)
            .args(flags)
            .args(words(&world, &file.file, &file.table))
            .args(["--yes", "--output", "json"])
            .current_dir(world.chain().world.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("galen runs");
        let answer = common::document(&output);
        assert_eq!(
            (common::code(&output), &answer["failed"]),
            (0, &json!(0)),
            "{answer:#}"
        );
        assert_eq!(answer["filed"], json!(count), "{answer:#}");
        paid += assert_each_once(&world, &file);
        assert_eq!(world.chain().held(&world.payout), paid * UNITS);
    }
    let faults = proxy.faults();
    println!(
        "{} questions, {} faults of {} kinds, {files} files of {count} claims: each landed once\n{faults:#?}",
        proxy.calls(),
        faults.values().sum::<usize>(),
        faults.len()
    );
    assert!(faults.len() >= 15, "{faults:?}");
    assert!(!soak || faults.len() == FaultProxy::kinds(), "{faults:?}");
}

#[test]
fn two_operators_at_once_and_a_report() {
    let world = world();
    let file = world.claim_file("both", 1, 60);
    let mut other = spawn(&world, "second", &file);
    let report = world.chain().world.path("report.csv");
    let output = run(
        &world,
        "clinic",
        &file,
        &["--report", &common::text(&report)],
    );
    let answer = common::document(&output);
    assert_eq!(common::code(&output), 0, "{answer:#}");
    assert!(other.wait().expect("it ends").success());
    let paid = assert_each_once(&world, &file);
    assert_eq!(world.chain().held(&world.payout), paid * UNITS);
    assert_eq!(
        answer["by_status"],
        json!({"paid": {"claims": 60, "charge": 54 * 10_000 + 6 * 16_000, "paid": paid}})
    );
    let text = std::fs::read_to_string(report).expect("written");
    assert_eq!(text.lines().count(), 61);
    assert!(text.lines().skip(1).all(|line| line.contains(",paid,")));

    // With a store that never had the claims, a third time: what stands there is found, with what it cost as far as known.
    lose_store(&world, "clinic");
    let json_report = world.chain().world.path("report.json");
    let flags = ["--report", &common::text(&json_report)];
    let again = common::document(&run(&world, "clinic", &file, &flags));
    assert_eq!(
        (
            &again["filed"],
            &again["unchanged"],
            &again["costs"]["transactions"]
        ),
        (&json!(0), &json!(60), &json!(0)),
        "{again:#}"
    );
    let written: Value =
        serde_json::from_slice(&std::fs::read(json_report).expect("written")).expect("JSON");
    assert_eq!(written, again);
}

#[test]
fn what_became_of_each_claim_and_what_it_cost_is_reported() {
    let world = world();
    let chain = world.chain();
    let members = [world.written_member(1), world.written_member(2)];
    world.members_table("members", &members);
    // The second member has a key of its own, and no ticket.
    let own = chain.person("member").to_string();
    let second = members[1].to_string();
    let set = ["member", "set-authority", "--pool", &world.pool, "--member"];
    chain.run("clerk", &[&set[..], &[&second, &own]].concat());
    let table =
        format!("patient,ticket,keypair,member\nM-0,members-0.json,,\nM-1,,member.json,{second}\n");
    let table = common::text(&chain.world.write("members.csv", &table));
    let claims = [
        world.fhir_claim("paid", "M-0", 3, &[("A", 10_000)]),
        // 80% of 200.00 is above the agreement's limit.
        world.fhir_claim(
            "pended",
            "M-1",
            3,
            &[("A", 10_000), ("B", 4_000), ("C", 1_000)],
        ),
        // Before the member's cover began; and a code that the plan does not have.
        world.fhir_claim("denied", "M-0", 4, &[("NONE", 5_000), ("NONE2", 1_000)]),
    ];
    let text: String = claims.iter().map(|claim| format!("{claim}\n")).collect();
    let file = common::text(&chain.world.write("three.ndjson", &text));
    let answer = chain.run("clinic", &words(&world, &file, &table));
    assert_eq!(answer["filed"], json!(3), "{answer:#}");
    assert_eq!(answer["by_status"]["paid"]["paid"], json!(8_000));
    assert_eq!(answer["pended"], json!({"claim_limit": 1}), "{answer:#}");
    let denied = answer["denied"].as_object().expect("reasons");
    let lines: u64 = denied
        .values()
        .filter_map(|one| one["lines"].as_u64())
        .sum();
    let charge: u64 = denied
        .values()
        .filter_map(|one| one["charge"].as_u64())
        .sum();
    assert_eq!((lines, charge), (2, 6_000), "{answer:#}");
    let rows = answer["claims"].as_array().expect("claims");
    for row in rows {
        // The operator's signature, and the ticket's or the member's: 5,000 lamports each.
        assert_eq!(row["fee"], json!(10_000), "{row:#}");
        assert!(row["compute_units"]
            .as_u64()
            .is_some_and(|units| units > 5_000));
        assert!(row["rent"].as_u64().is_some_and(|rent| rent > 1_000_000));
        let shown = chain.run(
            "anyone",
            &["claim", "show", row["claim"].as_str().expect("text")],
        );
        assert_eq!(shown["status"], row["status"]);
    }
    let total: u64 = rows
        .iter()
        .filter_map(|row| row["compute_units"].as_u64())
        .sum();
    assert_eq!(answer["costs"]["compute_units"], json!(total));
    let denials = rows[2]["denials"].as_array().expect("reasons");
    assert!(
        !denials.is_empty()
            && denials
                .iter()
                .all(|reason| denied.contains_key(reason.as_str().expect("text")))
    );

    // The same file as a Bundle: the same documents, so nothing new.
    let entries: Vec<Value> = claims
        .iter()
        .map(|claim| json!({"resource": claim}))
        .collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let bundle = common::text(&chain.world.json("bundle.json", &bundle));
    let again = chain.run("clinic", &words(&world, &bundle, &table));
    assert_eq!(
        (&again["filed"], &again["unchanged"]),
        (&json!(0), &json!(3)),
        "{again:#}"
    );
    // What each cost is known from the journal.
    assert_eq!(again["costs"], answer["costs"]);
}

#[test]
fn nothing_is_sent_while_a_document_is_wrong_unless_those_are_left_out() {
    let world = world();
    let chain = world.chain();
    let members = [world.written_member(1), world.written_member(2)];
    let table = world.members_table("members", &members);
    let good = world.fhir_claim("good", "M-0", 2, &[("A", 10_000)]);
    let stranger = world.fhir_claim("stranger", "M-9", 2, &[("A", 10_000)]);
    let mut elsewhere = world.fhir_claim("elsewhere", "M-1", 2, &[("A", 10_000)]);
    elsewhere["provider"]["identifier"]["value"] = json!("1245319599");
    let mut negative = world.fhir_claim("negative", "M-1", 2, &[("A", 10_000)]);
    negative["item"][0]["net"]["value"] = json!(-1);
    let same_number = world.fhir_claim("good", "M-1", 3, &[("B", 4_000)]);
    let early = world.fhir_claim("early", "M-1", 5, &[("A", 10_000)]);
    let early = early.to_string().replace(&world.day(5), "2019-06-01");
    let lines = [
        good.to_string(),
        stranger.to_string(),
        "{".to_owned(),
        elsewhere.to_string(),
        negative.to_string(),
        good.to_string(),
        same_number.to_string(),
        early,
    ];
    let file = common::text(&chain.world.write("mixed.ndjson", &lines.join("\n")));
    let flags = chain.flags("clinic", "clinic-store");
    let run = |more: &[&str]| {
        let output = Command::new(assert_cmd::cargo::cargo_bin("galen"))
            .args(&flags)
            .args(words(&world, &file, &table))
            .args(["--yes", "--output", "json"])
            .args(more)
            .output()
            .expect("galen runs");
        (common::code(&output), common::document(&output))
    };
    let (exit, answer) = run(&[]);
    assert_eq!(exit, 1);
    let faults: Vec<(&str, &str, &str)> = answer["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| {
            let of = |name: &str| fault[name].as_str().unwrap_or_default();
            (of("document"), of("at"), of("code"))
        })
        .collect();
    assert_eq!(
        faults,
        [
            ("line 2", "Claim.patient", "patient_unknown"),
            ("line 3", "", "invalid_json"),
            (
                "line 4",
                "Claim.provider.identifier.value",
                "provider_mismatch"
            ),
            ("line 5", "Claim.item[0].net.value", "negative_money"),
            ("line 6", "", "repeated"),
            ("line 7", "Claim.identifier", "repeated"),
            // The ticket is good from 2020 on, and so is the plan.
            ("line 8", "", "no_plan_version"),
        ],
        "{answer:#}"
    );
    let list = ["claim", "list", "--pool", &world.pool];
    assert_eq!(
        chain.run("anyone", &list)["claims"],
        json!([]),
        "nothing was sent"
    );
    let (exit, answer) = run(&["--skip-invalid"]);
    assert_eq!((exit, &answer["filed"]), (0, &json!(1)), "{answer:#}");
    assert_eq!(answer["faults"].as_array().map(Vec::len), Some(7));

    // Of an X12 interchange, by the segment; the others of it can be filed.
    let line: &[(&str, u32, u64)] = &[("B", 1, 4_000)];
    let good = [
        ("M-1", ("X-1", 2, line)),
        ("M-9", ("X-2", 3, line)),
        ("M-1", ("X-3", 4, line)),
    ];
    let good = of_members(&world, 7, "1234567893", &good);
    let bad = good.replacen(
        "SV1*HC:B*40.00*UN*1***1~\nDTP*472*D8*",
        "SV1*HC:B*41.00*UN*1***1~\nDTP*472*D8*",
        1,
    );
    let interchange = common::text(&chain.world.write("mixed.837", &bad));
    let answer = chain.run(
        "clinic",
        &[
            &words(&world, &interchange, &table)[..],
            &["--skip-invalid", "--dry-run"],
        ]
        .concat(),
    );
    let faults: Vec<[&str; 3]> = answer["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| {
            ["document", "at", "code"].map(|name| fault[name].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(
        faults,
        [
            ["claim 1, X-1", "segment[17].CLM02", "sum_mismatch"],
            ["claim 2, X-2", "segment[25].NM109", "patient_unknown"],
        ],
        "{answer:#}"
    );
    assert_eq!(answer["claims"][0]["document"], json!("claim 3, X-3"));
    let cut = good.split_once("SE*").expect("a trailer").0;
    let cut = common::text(&chain.world.write("cut.837", cut));
    let output = chain
        .galen("clinic")
        .args(words(&world, &cut, &table))
        .args(["--output", "json"])
        .output();
    let (code, at) = common::error(&common::document(&output.expect("galen runs")));
    assert_eq!(
        (code.as_str(), at.starts_with("segment[")),
        ("truncated", true),
        "{at}"
    );

    // What is wrong with the table is said too, with its row.
    let other = world.claim_file("other", 5, 1);
    let unusable = chain.world.write(
        "unusable.csv",
        "patient,ticket,keypair,member\nM-0,other-0.json,,\nM-0,members-0.json,,\nM-1,missing.json,,\nM-2,,,\n",
    );
    let wrong = words(&world, &other.file, unusable.to_str().expect("UTF-8")).map(str::to_owned);
    let output = Command::new(assert_cmd::cargo::cargo_bin("galen"))
        .args(&flags)
        .args(wrong)
        .args(["--yes", "--output", "json"])
        .output()
        .expect("galen runs");
    let answer = common::document(&output);
    let codes: Vec<&str> = answer["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .filter_map(|fault| fault["code"].as_str())
        .collect();
    assert_eq!(
        codes,
        ["member_differs", "file_missing", "missing_value"],
        "{answer:#}"
    );

    // Where no row is good, what is wrong with the documents is said all the same, and nothing is sent in any case.
    let nobody = chain
        .world
        .write("nobody.csv", "patient,ticket\nM-0,missing.json\n");
    let wrong = words(&world, &file, nobody.to_str().expect("UTF-8"));
    for more in [&[][..], &["--skip-invalid"]] {
        let output = Command::new(assert_cmd::cargo::cargo_bin("galen"))
            .args(&flags)
            .args(wrong)
            .args(["--yes", "--output", "json"])
            .args(more)
            .output()
            .expect("galen runs");
        let answer = common::document(&output);
        assert_eq!(common::code(&output), 1, "{answer:#}");
        assert_eq!(answer["documents"], json!(8));
        let faults = answer["faults"].as_array().expect("faults").iter();
        let places: Vec<(&str, &str)> = faults
            .map(|fault| (chain::field(fault, "document"), chain::field(fault, "code")))
            .filter(|(_, code)| *code != "patient_unknown")
            .collect();
        assert_eq!(places.first().map(|(_, code)| *code), Some("file_missing"));
        for place in [("line 3", "invalid_json"), ("line 5", "negative_money")] {
            assert!(places.contains(&place), "{answer:#}");
        }
    }
    for (name, content, code) in [
        ("empty.ndjson", "\n", "no_claims"),
        (
            "bundle.json",
            "{\"resourceType\": \"Bundle\"",
            "invalid_json",
        ),
        ("none.json", "{\"resourceType\": \"Bundle\"}", "no_claims"),
    ] {
        let file = common::text(&chain.world.write(name, content));
        assert_eq!(chain.refused("clinic", &words(&world, &file, &table)), code);
    }
    assert_eq!(
        chain.refused("anyone", &words(&world, &other.file, &other.table)),
        "operator_missing"
    );
}

/// What a batch takes from the command line to the last confirmation, beside plain token transfers, one transaction each, as
/// many as there are claims, on the same validator.
#[test]
fn a_batch_beside_plain_transfers() {
    let count = number("GALEN_CLAIMS").unwrap_or(400);
    let world = world();
    let chain = world.chain();
    let mint = world.parties.mint;
    let owner = chain.keypair("clinic");
    let source = key(10, 0);
    let held = token(
        mint,
        owner.pubkey(),
        count as u64,
        AccountState::Initialized,
    );
    write(chain, &source, &spl_token::ID, &held);
    let payees: Vec<Pubkey> = (0..count).map(|number| key(13, number)).collect();
    for payee in &payees {
        let account = token(mint, key(14, 0), 0, AccountState::Initialized);
        write(chain, payee, &spl_token::ID, &account);
    }
    // Members of one claim each, and no large ones: a transaction a claim.
    let members: Vec<Pubkey> = (0..count)
        .map(|number| world.written_member(number as u64))
        .collect();
    let table = world.members_table("members", &members);
    let claims: String = (0..count)
        .map(|number| {
            let (name, patient) = (format!("speed-{number}"), format!("M-{number}"));
            format!(
                "{}\n",
                world.fhir_claim(&name, &patient, 1, &[("A", 10_000)])
            )
        })
        .collect();
    let file = ClaimFile {
        file: common::text(&chain.world.write("speed.ndjson", &claims)),
        table,
        members,
        count,
    };
    let plain = plain_transfers(chain, &source, &owner, &payees, 1);
    let started = Instant::now();
    let answer = finish(&world, "clinic", &file);
    let took = started.elapsed();
    assert_eq!(answer["filed"], json!(count), "{answer:#}");
    let rate = |took: Duration| count as f64 / took.as_secs_f64();
    println!(
        "{count} claims: galen claim batch {:.0}/s, plain transfers {:.0}/s, ratio {:.2}; {} compute units and {} lamports of fees a claim",
        rate(took),
        rate(plain),
        rate(took) / rate(plain),
        answer["costs"]["compute_units"].as_u64().unwrap_or_default() / count as u64,
        answer["costs"]["fees"].as_u64().unwrap_or_default() / count as u64,
    );
    note_rate(
        "`galen claim batch`: a claim filed, adjudicated and paid",
        count,
        took,
        plain,
    );
    // Unoptimised, it is the signatures of tickets and transactions that take the time.
    if !cfg!(debug_assertions) {
        assert!(took < plain * 5, "{took:?} against {plain:?}");
    }
}
