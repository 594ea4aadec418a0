//! Measures what each instruction costs and writes `bench/README.md` and `bench/results.json`, or with `--check`
//! compares with them and fails where a figure has grown. With `--profile CASE` it says which functions the units of one
//! case go to.
//!
//! Every key of the measured worlds is fixed, so that the search for bumps costs the same each time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use galen_testkit::attack::{fixtures, idl::Idl, Fixture};
use galen_testkit::batch_life::{self, BatchLife, PACKS};
use galen_testkit::fixtures::claims::ClaimsFixture;
use galen_testkit::locks::{LockFigures, WriteLocks, CLAIMS_OF_A_POOL, MEMBERS};
use galen_testkit::profile::Tree;
use galen_testkit::token::MintTerms;
use galen_testkit::{actor, Outcome, Program, World};
use provenance::state::BatchPage;
use serde::{Deserialize, Serialize};
use solana_instruction::Instruction;
use solana_signer::Signer;

/// Compute units of one program calling another, before what the other consumes (SIMD-0339, in force on mainnet).
const CALL: u64 = 946;

/// Bytes that a legacy transaction may have.
const PACKET: usize = 1_232;

/// Bytes that a version 1 transaction may have.
const PACKET_V1: usize = 4_096;

/// What the name of a case ends with that is sent as a version 1 transaction.
const V1: &str = ", version 1";

/// Budgets of claims: case and compute units. The page says which are met; the check fails where one is missed.
const BUDGETS: [(&str, u64); 5] = [
    ("submit_claim, 1 line", 20_000),
    ("submit_claim, 1 line, of a family", 20_000),
    ("submit_claim, 1 line, with a ticket", 20_000),
    ("submit_claim, 1 line, with an authorisation", 20_000),
    ("submit_claim, 16 lines", 27_500),
];

/// Budgets of dispenses.
const DISPENSE_BUDGETS: [(&str, u64); 3] = [
    ("dispense_pack, 1 of a million, pages of 2^12", 10_000),
    ("dispense_pack, 1 of a million, pages of 2^6", 10_000),
    ("dispense_subtree, a case of 48 of a million", 10_000),
];

/// Participants paid in the measured batches: what fits a legacy transaction with a fee payer of its own.
const PAYEES: u16 = 25;

/// The instruction whose units the page takes apart.
const SUBMIT: &str = "claims submit_claim";

/// Participants that a version 1 transaction pays: its 64 addresses less seven that are no payees.
const PAYEES_V1: u16 = 57;

/// What packs are dispensed with.
const DISPENSE: &str = "provenance dispense_pack";

/// Heights of pages on which packs are dispensed together: that of `galen batch register`, the highest, and one page a case.
const PAGE_HEIGHTS: [u8; 3] = [12, 16, 6];

/// Claims that fit a legacy transaction with `settle_claims`.
const CLAIMS: u8 = 22;

/// What each of them may take, in compute units.
const SETTLED: u64 = 1_500;

/// Instructions whose fixtures are a claim of two lines, so that their rows say it where they say more than the instruction's name.
const OF_TWO_LINES: [&str; 2] = ["adjudicate_claim", "submit_claim"];

/// Instructions that move tokens.
const MONEY: [&str; 17] = [
    "fund_pool",
    "submit_claim",
    "adjudicate_claim",
    "dispense_claim",
    "decide_claim, approved",
    "decide_claim, approved in part",
    "settle_claim",
    "settle_claims",
    "reprocess_claim",
    "overturn_appeal",
    "fund_trial",
    "withdraw_surplus",
    "remit_withheld",
    "pay_participants",
    "pay_site",
    "forfeit_bond",
    "claims withdraw",
];

/// Lamports for a byte of an account, and the bytes that each account has besides its data.
const BYTE: usize = 6_960;
const OVERHEAD: usize = 128;

/// What one case costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cost {
    /// Compute units.
    cu: u64,
    /// Size of the transaction, signatures included; a signer of the instruction pays the fee.
    bytes: usize,
    /// Accounts of the transaction, programs included.
    accounts: usize,
    /// Lamports locked in new accounts (negative: given back), at the rate of 6,960 a byte.
    rent: i64,
}

/// Everything that was measured with programs of one build way.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Results {
    /// Size of each `.so` in bytes.
    programs: BTreeMap<String, u64>,
    /// One PDA-signed token transfer, in compute units.
    floor: u64,
    /// Cost by "program instruction".
    costs: BTreeMap<String, Cost>,
    /// What a batch of a million packs costs, by the height of its pages.
    #[serde(default)]
    batches: BTreeMap<u8, BatchLife>,
    /// Which accounts the claims of several pools write.
    #[serde(default)]
    locks: Option<LockFigures>,
}

/// Heights of the pages with which a batch of a million packs is measured.
const BATCH_PAGE_HEIGHTS: [u8; 2] = [12, 16];

/// Functions in the table of a profile.
const FUNCTIONS: usize = 25;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    if let [option, case] = arguments.as_slice() {
        if option == "--profile" {
            return match by_function(&root, case) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("error: {error}");
                    ExitCode::FAILURE
                }
            };
        }
    }
    let check = arguments.iter().any(|argument| argument == "--check");
    let way = build_way(&root);
    let path = root.join("bench/results.json");
    let mut all: BTreeMap<String, Results> = std::fs::read_to_string(&path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let mut profiles = String::new();
    let results = measure(&mut profiles);
    let mut complaints: Vec<String> = Vec::new();
    if check {
        match all.get(&way) {
            Some(known) => complaints.extend(grown(known, &results)),
            None => complaints.push(format!(
                "bench/results.json has no figures for the {way} build"
            )),
        }
    } else {
        all.insert(way.clone(), results.clone());
        let json = serde_json::to_string_pretty(&all).expect("figures serialise") + "\n";
        let page = page(&way, &results, &profiles);
        let written = std::fs::create_dir_all(root.join("bench"))
            .and_then(|()| std::fs::write(&path, json))
            .and_then(|()| std::fs::write(root.join("bench/README.md"), page));
        if let Err(error) = written {
            complaints.push(format!("cannot write bench/: {error}"));
        }
    }
    println!(
        "{} cases measured with the {way} build; floor {} CU",
        results.costs.len(),
        results.floor
    );
    let packet = |name: &str| {
        if name.ends_with(V1) {
            PACKET_V1
        } else {
            PACKET
        }
    };
    let oversized = results
        .costs
        .iter()
        .filter(|(name, cost)| cost.bytes > packet(name));
    complaints.extend(oversized.map(|(name, cost)| {
        format!(
            "{name}: {} bytes do not fit a transaction of {}",
            cost.bytes,
            packet(name)
        )
    }));
    for complaint in &complaints {
        eprintln!("error: {complaint}");
    }
    if !complaints.is_empty() {
        eprintln!("if this is meant: `cargo xtask bench`, and commit bench/");
    }
    // A budget stands in the issue: writing the page anew does not meet it.
    let missed = if check { missed(&results) } else { Vec::new() };
    for budget in &missed {
        eprintln!("error: the budget of {budget}");
    }
    if complaints.is_empty() && missed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Which way the programs in `target/deploy` were built, as the build wrote down.
fn build_way(root: &Path) -> String {
    let record = std::fs::read_to_string(root.join("target/deploy/build.json")).unwrap_or_default();
    let built: serde_json::Value = serde_json::from_str(&record).unwrap_or_default();
    built[0]["way"].as_str().unwrap_or("unknown").to_owned()
}

/// What is measured: "program instruction", and what it is measured on.
fn cases() -> Vec<(String, Box<dyn Fn() -> Fixture>)> {
    let mut cases: Vec<(String, Box<dyn Fn() -> Fixture>)> = Vec::new();
    for program in Program::ALL {
        for instruction in Idl::read(program).instructions {
            for name in fixtures::variants(program, &instruction.name) {
                // Measured by number of lines, of participants, below.
                if ["submit_claim", "settle_claims"].contains(&name.as_str())
                    || name.starts_with("pay_participants")
                {
                    continue;
                }
                let case = label(program, &name);
                let fixture = move || {
                    fixtures::fixture(program, &name).unwrap_or_else(|| {
                        panic!("{name} has no fixture in crates/testkit/src/attack/fixtures")
                    })
                };
                cases.push((case, Box::new(fixture)));
            }
        }
    }
    for (count, unit) in [(1, "line"), (2, "lines"), (8, "lines"), (16, "lines")] {
        cases.push((
            format!("{SUBMIT}, {count} {unit}"),
            Box::new(move || fixtures::claims::submit(count)),
        ));
    }
    cases.push((
        format!("{SUBMIT}, 1 line, with a ticket"),
        Box::new(|| fixtures::claims::submit_with_ticket(1)),
    ));
    cases.push((
        format!("{SUBMIT}, 1 line, of a family"),
        Box::new(fixtures::claims::submit_of_family),
    ));
    cases.push((
        format!("{SUBMIT}, 1 line, with an authorisation"),
        Box::new(fixtures::claims::submit_with_authorization),
    ));
    cases.push((
        "claims adjudicate_claim, 1 line, under details".to_owned(),
        Box::new(|| fixtures::claims::adjudicate_under_details(1)),
    ));
    for count in [1, CLAIMS] {
        cases.push((
            format!("claims {}", settled(count)),
            Box::new(move || fixtures::claims::settle_together(count)),
        ));
    }
    for (count, at_once) in [(1, false), (PAYEES, false), (2, true), (PAYEES, true)] {
        let way = if at_once { "at once" } else { "one by one" };
        cases.push((
            format!("trials pay_participants, {count} {way}"),
            Box::new(move || fixtures::trials::pay(count, at_once)),
        ));
    }
    cases.push((
        "provenance dispense_subtree, a case of 48 of a million".to_owned(),
        Box::new(fixtures::provenance::dispense_case),
    ));
    cases.push((
        "provenance verify_pack, at depth 30".to_owned(),
        Box::new(fixtures::provenance::verify_deep),
    ));
    for page_height in PAGE_HEIGHTS {
        let most = most_packs(page_height, |world, packs| world.size(packs).0 <= PACKET);
        for count in BTreeSet::from([1, most]) {
            cases.push((
                packs_of(count, page_height),
                Box::new(move || fixtures::provenance::dispense_together(count, page_height)),
            ));
        }
    }
    cases
}

/// The row of a fixture of the attack matrix.
fn label(program: Program, name: &str) -> String {
    let program = program.name();
    match name.split_once(", ") {
        Some((instruction, way)) if program == "claims" && OF_TWO_LINES.contains(&instruction) => {
            format!("{program} {instruction}, 2 lines, {way}")
        }
        _ => format!("{program} {name}"),
    }
}

/// The name of a case of claims of one line that are settled in one transaction.
fn settled(count: u8) -> String {
    format!("settle_claims, {count} of one line")
}

/// The name of a case of packs dispensed one by one in one transaction.
fn packs_of(count: u64, page_height: u8) -> String {
    format!("{DISPENSE}, {count} of a million, pages of 2^{page_height}")
}

/// How many packs of one case can be dispensed one by one in a transaction.
fn most_packs(page_height: u8, fits: impl Fn(&World, &[Instruction]) -> bool) -> u64 {
    let fixture = fixtures::provenance::dispense_together(48, page_height);
    let mut packs = fixture.before;
    packs.push(fixture.instruction);
    while !fits(&fixture.world, &packs) {
        packs.pop();
    }
    u64::try_from(packs.len()).expect("at most 48")
}

fn measure(profiles: &mut String) -> Results {
    let mut results = Results {
        floor: floor(),
        ..Results::default()
    };
    for program in Program::ALL {
        let size = std::fs::metadata(program.path()).map_or(0, |file| file.len());
        results.programs.insert(program.name().to_owned(), size);
    }
    for (name, fixture) in cases() {
        let outcome = record(&mut results, name.clone(), fixture());
        if name.starts_with(SUBMIT) && name.contains(" line") {
            profile(profiles, name.trim_start_matches("claims "), &outcome);
        }
    }
    record_v1(
        &mut results,
        format!("trials pay_participants, {PAYEES_V1} at once{V1}"),
        fixtures::trials::pay(PAYEES_V1, true),
    );
    for page_height in PAGE_HEIGHTS {
        let most = most_packs(page_height, World::fits_v1);
        record_v1(
            &mut results,
            format!("{}{V1}", packs_of(most, page_height)),
            fixtures::provenance::dispense_together(most, page_height),
        );
    }
    for height in BATCH_PAGE_HEIGHTS {
        results.batches.insert(height, BatchLife::measure(height));
    }
    let mut world = World::new(&[Program::Registry, Program::Claims]);
    let first = ClaimsFixture::new(&mut world);
    results.locks = Some(WriteLocks::measure(&mut world, first).figures());
    results
}

/// Prints which functions the units of a case go to, and writes every path of calls to target/profile.
fn by_function(root: &Path, wanted: &str) -> Result<(), String> {
    let cases = cases();
    let Some((name, fixture)) = cases.iter().find(|(name, _)| name == wanted) else {
        let like: Vec<&str> = cases
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| name.contains(wanted.split(',').next().unwrap_or(wanted)))
            .collect();
        return Err(format!(
            "nothing measured is called `{wanted}`; names are those of bench/README.md, these are like it: {}",
            like.join("; ")
        ));
    };
    let mut fixture = fixture();
    let mut instructions = fixture.before;
    instructions.push(fixture.instruction);
    let (outcome, runs) = fixture.world.send_traced(&instructions);
    if !outcome.succeeded() {
        return Err(format!("{name}: {outcome}"));
    }
    let tree = Tree::new(&runs, &outcome.logs);
    println!(
        "{name}: {} CU, {} of them by function\n\n{}",
        outcome.cu,
        tree.total(),
        tree.table(FUNCTIONS)
    );
    let file = format!(
        "target/profile/{}.folded",
        name.replace(", ", "-").replace(' ', "-")
    );
    std::fs::create_dir_all(root.join("target/profile"))
        .and_then(|()| std::fs::write(root.join(&file), tree.folded()))
        .map_err(|error| format!("cannot write {file}: {error}"))?;
    println!("every path of calls, for a flame graph: {file}");
    Ok(())
}

/// A case that fits only a version 1 transaction.
fn record_v1(results: &mut Results, name: String, mut fixture: Fixture) {
    let before = fixture.world.snapshot();
    let mut instructions = fixture.before;
    instructions.push(fixture.instruction);
    let outcome = fixture.world.send_v1(&instructions).assert_ok();
    let rent = fixture.world.snapshot().rent_since(&before);
    let cost = Cost {
        cu: outcome.cu,
        bytes: outcome.bytes,
        accounts: outcome.accounts,
        rent: i64::try_from(rent).expect("rent fits"),
    };
    results.costs.insert(name, cost);
}

fn record(results: &mut Results, name: String, mut fixture: Fixture) -> Outcome {
    let before = fixture.world.snapshot();
    let mut instructions = fixture.before;
    instructions.push(fixture.instruction);
    let outcome = fixture.world.send_unsigned(&instructions).assert_ok();
    let (bytes, accounts) = fixture.world.size(&instructions);
    let rent = fixture.world.snapshot().rent_since(&before);
    let cost = Cost {
        cu: outcome.cu,
        bytes,
        accounts,
        rent: i64::try_from(rent).expect("rent fits"),
    };
    results.costs.insert(name, cost);
    outcome
}

/// The least that paying from a vault can cost: what the token program takes for the transfer, and the call to it.
fn floor() -> u64 {
    let mut world = World::new(&[]);
    let owner = world.actor("owner");
    let terms = MintTerms::default();
    let mint = world.mint("floor mint", &terms);
    let from = world.token_account("from", &mint, &owner.pubkey());
    let to = world.token_account("to", &mint, &actor("payee").pubkey());
    world.mint_to(&from, 10);
    let transfer = anchor_spl::token::spl_token::instruction::transfer_checked(
        &terms.program.id(),
        &from,
        &mint,
        &to,
        &owner.pubkey(),
        &[],
        1,
        terms.decimals,
    )
    .expect("a transfer");
    world.send(&[transfer], &[&owner]).assert_ok().cu + CALL
}

/// Where the units of a transaction go: what each called program consumed, the calls, and the program itself.
fn profile(text: &mut String, name: &str, outcome: &Outcome) {
    let mut inner: BTreeMap<&str, u64> = BTreeMap::new();
    let mut calls = 0;
    let mut depth = 0_usize;
    for line in &outcome.logs {
        let mut words = line.split(' ').skip(1);
        let (Some(program), Some(verb)) = (words.next(), words.next()) else {
            continue;
        };
        match verb {
            "invoke" => {
                depth += 1;
                calls += u64::from(depth > 1);
            }
            "consumed" if depth > 1 => {
                let units = words.next().and_then(|units| units.parse::<u64>().ok());
                *inner.entry(role(program)).or_default() += units.unwrap_or(0);
            }
            "success" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let spent: u64 = inner.values().sum();
    let call = calls * CALL;
    let own = outcome.cu.saturating_sub(spent + call);
    let _ = write!(
        text,
        "| {name} | {} | {own} | {call} ({calls} calls) |",
        outcome.cu
    );
    for role in ["event", "token transfer"] {
        let _ = write!(text, " {} |", inner.get(role).copied().unwrap_or(0));
    }
    text.push('\n');
}

fn role(program: &str) -> &'static str {
    if program == claims::ID.to_string() {
        "event"
    } else if program == anchor_spl::token::ID.to_string() {
        "token transfer"
    } else {
        "other"
    }
}

/// What has grown by more than 1%, where that is more than 20.
fn grown(known: &Results, now: &Results) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut compare = |what: String, known: u64, now: u64| {
        if now > known + (known / 100).max(20) {
            complaints.push(format!("{what} has grown from {known} to {now}"));
        }
    };
    for (program, bytes) in &now.programs {
        compare(
            format!("{program}.so"),
            known.programs.get(program).copied().unwrap_or(0),
            *bytes,
        );
    }
    let mut missing = Vec::new();
    for (name, cost) in &now.costs {
        let Some(before) = known.costs.get(name) else {
            missing.push(format!("{name} is not in bench/results.json"));
            continue;
        };
        compare(format!("{name}: CU"), before.cu, cost.cu);
        if cost.bytes > before.bytes {
            missing.push(format!(
                "{name}: the transaction has grown from {} to {} bytes",
                before.bytes, cost.bytes
            ));
        }
        if cost.accounts > before.accounts {
            missing.push(format!(
                "{name}: accounts have grown from {} to {}",
                before.accounts, cost.accounts
            ));
        }
        if cost.rent > before.rent {
            missing.push(format!(
                "{name}: rent has grown from {} to {}",
                before.rent, cost.rent
            ));
        }
    }
    for (height, life) in &now.batches {
        let Some(before) = known.batches.get(height) else {
            missing.push(format!(
                "a batch with pages of height {height} is not in bench/results.json"
            ));
            continue;
        };
        let kept = |life: &BatchLife| life.locked - life.returned;
        if life.fees() > before.fees() || life.locked > before.locked || kept(life) > kept(before) {
            missing.push(format!(
                "a batch with pages of height {height}: costs more than before"
            ));
        }
    }
    if now.locks != known.locks {
        missing.push("which accounts claims write differs from bench/results.json".to_owned());
    }
    complaints.extend(missing);
    complaints
}

/// All budgets: program, case and compute units.
fn budgets() -> Vec<(&'static str, String, u64)> {
    let of = |program, list: &[(&str, u64)]| {
        let cases = list.iter();
        cases
            .map(|(case, units)| (program, (*case).to_owned(), *units))
            .collect::<Vec<_>>()
    };
    let mut all = of("claims", &BUDGETS);
    all.push(("claims", settled(CLAIMS), u64::from(CLAIMS) * SETTLED));
    all.extend(of("provenance", &DISPENSE_BUDGETS));
    all
}

/// What is above its budget, or was not measured, and what claims of different pools share.
fn missed(results: &Results) -> Vec<String> {
    let mut missed = Vec::new();
    for (program, case, budget) in budgets() {
        match results.costs.get(&format!("{program} {case}")) {
            Some(cost) if cost.cu <= budget => {}
            Some(cost) => missed.push(format!(
                "{case}: {} CU, of {budget} CU: it is missed",
                cost.cu
            )),
            None => missed.push(format!("{case}: it was not measured")),
        }
    }
    match &results.locks {
        Some(locks) if locks.shared == 0 => {}
        Some(locks) => missed.push(format!(
            "accounts that claims of different pools write: {}, of none: it is missed",
            locks.shared
        )),
        None => missed.push("accounts that claims write: it was not measured".to_owned()),
    }
    missed
}

fn page(way: &str, results: &Results, profiles: &str) -> String {
    let mut text = String::from(
        "# What each instruction costs\n\n\
         Written by `cargo xtask bench`; CI fails when a figure grows by more than 1% (or 20 units) without this page, and when a budget is missed.\n\
         LiteSVM 0.16 with mainnet's features; fixed keys; legacy transactions (at most 1,232 bytes; \
         those marked version 1: 4,096) whose fee is paid \
         by the instruction's own signer, where there is one. Rent at 6,960 lamports a byte, a refundable deposit.\n\n",
    );
    let _ = writeln!(text, "Build way: {way}.\n\n| program | bytes |\n|---|---:|");
    for (program, bytes) in &results.programs {
        let _ = writeln!(text, "| {program}.so | {bytes} |");
    }
    let _ = writeln!(
        text,
        "\nThe floor: **{} CU**, one PDA-signed token transfer (what the token program takes for `TransferChecked`, \
         measured in the same run, and {CALL} for the call).\n\n\
         | instruction | CU | × floor | bytes | accounts | rent (lamports) |\n|---|---:|---:|---:|---:|---:|",
        results.floor
    );
    for (name, cost) in &results.costs {
        let moves_money = MONEY
            .iter()
            .any(|money| name.ends_with(money) || name.contains(&format!(" {money},")));
        let multiple = if moves_money {
            let tenths = cost.cu * 10 / results.floor;
            format!("{}.{}", tenths / 10, tenths % 10)
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "| {name} | {} | {multiple} | {} | {} | {} |",
            cost.cu, cost.bytes, cost.accounts, cost.rent
        );
    }
    let cu = |case: &str| {
        results
            .costs
            .get(&format!("claims submit_claim, {case}"))
            .map_or(0, |cost| cost.cu)
    };
    let per_line = cu("16 lines").saturating_sub(cu("1 line")) / 15;
    let _ = writeln!(
        text,
        "\n## Where the units of `submit_claim` go\n\n\
         | case | total | the program itself | calls to others | event | token transfer |\n|---|---:|---:|---:|---:|---:|\n\
         {profiles}\n\
         A further line takes {per_line} CU (from 1 to 16 lines): lookup, rules, history, the record, the event.\n\n\
         Budgets: {}.",
        budget_lines(results, "claims")
    );
    text.push_str(&settlement(results));
    text.push_str(&locks(results));
    let batch = |way: &str, few: u16| {
        let cu = |count: u16| {
            results
                .costs
                .get(&format!("trials pay_participants, {count} {way}"))
                .map_or(0, |cost| cost.cu)
        };
        cu(PAYEES).saturating_sub(cu(few)) / u64::from(PAYEES - few)
    };
    let record = trials::state::Participant::SIZE;
    let account = (OVERHEAD + 64) * BYTE;
    let _ = writeln!(
        text,
        "\n## Paying participants\n\n\
         {PAYEES} participants in one legacy transaction. One more takes {} CU one by one (aim: 1,600), {} CU through the \
         token program's batch instruction (aim: 450). {PAYEES_V1} in one version 1 \
         transaction (SIMD-0385: 4,096 bytes, 64 addresses, of which seven are no payees); galen sends legacy ones, as its \
         client library knows no others.\n\n\
         A receipt is bits: a participant's record of {record} bytes has four for each of 64 milestones (attested, earned, held, paid), whose \
         rent is {} lamports. An account of 64 bytes for each would lock {account}: {} times as much (aim: 100). The whole record, with keys, \
         sums and state that a participant needs anyway, is {} times below 64 such accounts.",
        batch("one by one", 1),
        batch("at once", 2),
        BYTE / 2,
        2 * account / BYTE,
        64 * account / (record * BYTE),
    );
    text.push_str(&packs(results));
    text.push_str(&batch_lives(results));
    text
}

/// What a claim takes that is settled with others.
fn settlement(results: &Results) -> String {
    let all = results.costs.get(&format!("claims {}", settled(CLAIMS)));
    let each = all.map_or(0, |cost| cost.cu) / u64::from(CLAIMS);
    format!("\n{CLAIMS} claims of one line settled in one legacy transaction take {each} CU each (aim: {SETTLED}).\n")
}

/// Which accounts claims write.
fn locks(results: &Results) -> String {
    let Some(locks) = &results.locks else {
        return String::new();
    };
    let most = locks.kinds.values().map(|kind| kind.most).max();
    let with_most = locks
        .kinds
        .iter()
        .filter(|(_, kind)| Some(kind.most) == most)
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    let mut text = format!(
        "\n## Write locks\n\n\
         {} claims of one line over {} pools, {CLAIMS_OF_A_POOL} each of {MEMBERS} members, all with one provider of the pool; submitted and \
         paid. Transactions that write an account wait for each other.\n\n\
         Accounts that claims of different pools write: **{}** (aim: 0). Within a pool the most claims, {} of {CLAIMS_OF_A_POOL}, write: \
         {with_most}.\n\n\
         | account | of them in a pool | claims that write one |\n|---|---:|---:|\n",
        locks.claims,
        locks.pools,
        locks.shared,
        most.unwrap_or_default(),
    );
    for (name, kind) in &locks.kinds {
        let _ = writeln!(text, "| {name} | {} | {} |", kind.accounts, kind.most);
    }
    text
}

/// What a million packs cost.
fn packs(results: &Results) -> String {
    /// Lamports that a signature costs; a transaction of one signer has one.
    const SIGNATURE: u64 = 5_000;
    const MILLION: u64 = 1_000_000;
    let cost = |name: &str| results.costs.get(&format!("provenance {name}"));
    let cu = |name: &str| cost(name).map_or(0, |cost| cost.cu);
    let rent = |name: &str| cost(name).map_or(0, |cost| cost.rent.unsigned_abs());
    let case = cu("dispense_subtree, a case of 48 of a million");
    let mut text = format!(
        "\n## Packs\n\n\
         A batch is registered in one transaction, however many packs it has: {SIGNATURE} lamports of fee, 0.{:03} a pack of a \
         million. Its records lock {} lamports, and {} more for each page of 4,096 packs; both come back.\n\n\
         A case of 48 is dispensed as one subtree for {case} CU, {} a pack. Separate packs of a case, each with its proof, as many as \
         a transaction holds:\n\n\
         | pages of | transaction | packs | CU a pack | bytes |\n|---:|---|---:|---:|---:|\n",
        SIGNATURE * 1_000 / MILLION,
        rent("register_batch"),
        (BatchPage::account_size(PAGE_HEIGHTS[0]).unwrap_or_default() + OVERHEAD) * BYTE,
        case / 48,
    );
    for page_height in PAGE_HEIGHTS {
        for (way, suffix) in [("legacy", ""), ("version 1", V1)] {
            let most = (1..=48_u64).rev().find_map(|count| {
                let name = format!("{}{suffix}", packs_of(count, page_height));
                results.costs.get(&name).map(|cost| (count, cost))
            });
            if let Some((count, cost)) = most {
                let _ = writeln!(
                    text,
                    "| 2^{page_height} | {way} | {count} | {} | {} |",
                    cost.cu / count,
                    cost.bytes
                );
            }
        }
    }
    let budgets = budget_lines(results, "provenance");
    let _ = writeln!(
        text,
        "\nBudgets: {budgets}.\n\n\
         A proof on chain ends at the root of the pack's page, which `open_page` has proved against the batch's once for all packs of the page: \
         with pages of 2^12 it has twelve siblings in a batch of a million. With pages of 2^16, whose fees are the least (below), it has \
         sixteen, and a dispense takes {} CU: a batch has the one or the other. The membership check in a batch of 2^30, with pages of \
         2^16, has sixteen: {} CU (aim: 6,000).",
        cu("dispense_pack, 1 of a million, pages of 2^16"),
        cu("verify_pack, at depth 30")
    );
    text.push_str(
        "\nVerifying costs no lamports: [verification.md](verification.md). Building the tree: `cli/batch/tests/speed.rs`.\n",
    );
    text
}

/// What a batch of a million packs costs from beginning to end.
fn batch_lives(results: &Results) -> String {
    let mut text = format!(
        "\n## A batch of {PACKS} packs, from its registration to its end\n\n\
         Registered in one transaction ({} lamports a pack), all pages of dispense bits opened, all closed after the retention, each step in as \
         few legacy transactions as hold it. Fees at 5,000 lamports a transaction (aim: at most 0.05 lamports a pack). What stays is the grave at \
         the batch's address, so that the lot is never registered again.\n\n\
         | packs on a page | pages | transactions to open | to close | fees a pack to open | fees a pack in all | locked up a pack | \
         returned a pack | stays, of all (lamports) |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        batch_life::registering()
    );
    for (height, life) in &results.batches {
        let _ = writeln!(text, "| {} {}", 1_u64 << height, life.row());
    }
    text
}

/// What the cases of a program take of their budgets.
fn budget_lines(results: &Results, program: &str) -> String {
    let of_program = budgets().into_iter().filter(|(of, _, _)| *of == program);
    of_program
        .map(|(program, case, budget)| budget_line(results, program, &case, budget))
        .collect::<Vec<_>>()
        .join("; ")
}

/// What a case takes of its budget, and whether that is within it.
fn budget_line(results: &Results, program: &str, case: &str, budget: u64) -> String {
    match results.costs.get(&format!("{program} {case}")) {
        Some(cost) if cost.cu <= budget => format!("{case}: {} of {budget} CU, met", cost.cu),
        Some(cost) => format!("{case}: {} of {budget} CU, **missed**", cost.cu),
        None => format!("{case}: not measured"),
    }
}
