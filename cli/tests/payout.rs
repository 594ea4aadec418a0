//! `galen trial pay` on a running validator: killed at random points, with its journal deleted, and by two operators at
//! once, it pays each participant once and misses nobody.
//!
//! Participants who are owed something are written into the validator's accounts: how they came to be owed is tested with
//! the program. `GALEN_SOAK=1` takes 10,000 of them, and 1,000 kills; `GALEN_PAYEES` and `GALEN_KILLS` other numbers. With
//! `--nocapture` it says how far it is, and ends with one line of figures.

mod chain;
mod common;

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anchor_lang::solana_program::program_pack::Pack;
use anchor_lang::Discriminator;
use anchor_spl::token::spl_token;
use anchor_spl::token::spl_token::state::{Account as TokenState, AccountState, Mint};
use bytemuck::Zeroable;
use chain::accounts::{key, note_rate, number, patiently, plain_transfers, token, write};
use chain::faults::{FaultProxy, RPC_TIMEOUT};
use chain::random::Random;
use chain::Chain;
use galen_rules::Date;
use serde_json::{json, Value};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::state::{decode_zero_copy, Cohort, Entry, KeyHolder, Participant, Trial};

/// Cents that each participant is owed.
const DUE: u64 = 12_345;
/// Smallest units of the mint in a cent.
const UNIT: u64 = 10_000;
/// Participants of a cohort: one request writes its page.
const PAGE: usize = 250;
/// Plain transfers that a payout is measured against.
const PLAIN: usize = 500;
/// A run gets at most this part of the time that a whole payout takes, beside what it needs to begin: of a payout of hundreds,
/// and of one of thousands.
const KILLED_WITHIN: (u64, u64) = (6, 30);
/// More payees than this are not all looked at after each kill, but after each tenth.
const FEW: usize = 1_000;

/// A trial on a validator of its own, and the token accounts of its participants.
struct Payout {
    chain: Chain,
    trial: Pubkey,
    vault: Pubkey,
    payees: Vec<Pubkey>,
}

impl Payout {
    /// `count` participants who are each owed [`DUE`]; the first one's account is frozen.
    fn new(count: usize) -> Self {
        let chain = Chain::with_programs();
        let (mint, sponsor) = (key(1, 0), key(2, 0));
        let (trial, bump) = Trial::find_address(&sponsor, 0);
        let vault = Trial::find_vault_address(&trial).0;
        let owed = DUE * count as u64;
        let mut packed = vec![0; Mint::LEN];
        let state = Mint {
            decimals: 6,
            is_initialized: true,
            supply: owed * UNIT,
            ..Mint::default()
        };
        Mint::pack(state, &mut packed).expect("packs");
        write(&chain, &mint, &spl_token::ID, &packed);
        let held = token(mint, trial, owed * UNIT, AccountState::Initialized);
        write(&chain, &vault, &spl_token::ID, &held);

        let mut state = Trial::zeroed();
        state.version = 1;
        state.bump = bump;
        state.sponsor = sponsor;
        state.mint = mint;
        state.token_program = spl_token::ID;
        state.vault = vault;
        state.unit_per_cent = UNIT;
        state.decimals = 6;
        state.ended_on = trials::constants::NO_DAY;
        state.funded = owed;
        state.payable = owed;
        let bytes = [Trial::DISCRIMINATOR, bytemuck::bytes_of(&state)].concat();
        write(&chain, &trial, &trials::ID, &bytes);

        let payees: Vec<Pubkey> = (0..count).map(|number| key(3, number)).collect();
        for (number, payee) in payees.iter().enumerate() {
            let frozen = if number == 0 {
                AccountState::Frozen
            } else {
                AccountState::Initialized
            };
            let account = token(mint, key(4, number), 0, frozen);
            write(&chain, payee, &spl_token::ID, &account);
        }
        for (page, of_page) in payees.chunks(PAGE).enumerate() {
            let capacity = u16::try_from(of_page.len()).expect("small");
            let mut header = Cohort::new(trial, key(5, 0), key(6, 0), capacity);
            header.count = capacity;
            let mut bytes = [Cohort::DISCRIMINATOR, bytemuck::bytes_of(&header)].concat();
            for (index, payee) in of_page.iter().enumerate() {
                let mut participant = Participant::new(&Entry {
                    key: key(7, 0),
                    holder: KeyHolder::Participant,
                    payee: *payee,
                    payee_owner: key(4, page * PAGE + index),
                    person: key(8, 0),
                    schedule: 1,
                    caps_version: 1,
                    consent_version: 1,
                    today: Date::from_days(20_000).expect("a day"),
                    reserved: 0,
                });
                participant.attested = 1;
                participant.earned = 1;
                participant.stipends = DUE;
                participant.due = DUE;
                bytes.extend_from_slice(bytemuck::bytes_of(&participant));
            }
            write(&chain, &key(9, page), &trials::ID, &bytes);
        }
        for operator in ["one", "two"] {
            chain.person(operator);
        }
        Self {
            chain,
            trial,
            vault,
            payees,
        }
    }

    fn args(&self, who: &str) -> Vec<String> {
        let flags = self.chain.flags(who, &format!("{who}-store"));
        let pay = [
            "trial",
            "pay",
            &self.trial.to_string(),
            "--yes",
            "--output",
            "json",
        ];
        flags
            .into_iter()
            .chain(pay.into_iter().map(str::to_owned))
            .collect()
    }

    fn spawn(&self, who: &str) -> Child {
        Command::new(assert_cmd::cargo::cargo_bin("galen"))
            .args(self.args(who))
            .current_dir(self.chain.world.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("galen starts")
    }

    /// Runs to the end against another URL than the validator's; how long that took.
    fn finish_through(&self, url: &str, who: &str, batch: &str) -> (Value, Duration) {
        let mut args = self.args(who);
        args[1] = url.to_owned();
        let started = Instant::now();
        let output = Command::new(assert_cmd::cargo::cargo_bin("galen"))
            .args(args)
            .args(["--batch", batch, "--rpc-timeout", RPC_TIMEOUT])
            .current_dir(self.chain.world.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("galen runs");
        (common::document(&output), started.elapsed())
    }

    /// Runs to the end; the answer, which is "no" as long as somebody cannot be paid.
    fn finish(&self, who: &str) -> Value {
        let output = Command::new(assert_cmd::cargo::cargo_bin("galen"))
            .args(self.args(who))
            .current_dir(self.chain.world.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("galen runs");
        common::document(&output)
    }

    /// The balances of all participants, in cents.
    fn balances(&self) -> Vec<u64> {
        self.payees
            .chunks(100)
            .flat_map(|chunk| patiently(|| self.chain.client.get_multiple_accounts(chunk)))
            .map(|account| {
                let data = account.expect("a token account").data;
                TokenState::unpack(&data[..TokenState::LEN])
                    .expect("unpacks")
                    .amount
                    / UNIT
            })
            .collect()
    }

    /// How many have been paid in the last of `rounds`, by what has left the vault.
    fn paid_in(&self, rounds: u64) -> usize {
        let vault = TokenState::unpack(&self.read(&self.vault)).expect("unpacks");
        let everybody = self.payees.len() as u64 * rounds;
        let before = (self.payees.len() as u64 - 1) * (rounds - 1);
        let paid = everybody - vault.amount / UNIT / DUE - before;
        usize::try_from(paid).expect("fits")
    }

    fn read(&self, address: &Pubkey) -> Vec<u8> {
        patiently(|| self.chain.client.get_account(address)).data
    }

    /// Plain transfers a second, to `count` accounts of nobody in the trial.
    fn plain_rate(&self, count: usize) -> f64 {
        let (mint, source) = (key(1, 0), key(10, 0));
        let owner = self.chain.keypair("one");
        let held = token(
            mint,
            owner.pubkey(),
            count as u64 * UNIT,
            AccountState::Initialized,
        );
        write(&self.chain, &source, &spl_token::ID, &held);
        let others: Vec<Pubkey> = (0..count).map(|number| key(11, number)).collect();
        for (number, account) in others.iter().enumerate() {
            let empty = token(mint, key(4, number), 0, AccountState::Initialized);
            write(&self.chain, account, &spl_token::ID, &empty);
        }
        let took = plain_transfers(&self.chain, &source, &owner, &others, UNIT);
        count as f64 / took.as_secs_f64()
    }

    /// Owes everybody [`DUE`] once more.
    fn owe_again(&self) {
        let owed = DUE * self.payees.len() as u64;
        let mut vault = TokenState::unpack(&self.read(&self.vault)).expect("unpacks");
        vault.amount += owed * UNIT;
        let held = token(vault.mint, vault.owner, vault.amount, vault.state);
        write(&self.chain, &self.vault, &spl_token::ID, &held);
        let mut state: Trial = decode_zero_copy(&self.read(&self.trial)).expect("a trial");
        state.funded += owed;
        state.payable += owed;
        let bytes = [Trial::DISCRIMINATOR, bytemuck::bytes_of(&state)].concat();
        write(&self.chain, &self.trial, &trials::ID, &bytes);
        for page in 0..self.payees.len().div_ceil(PAGE) {
            let address = key(9, page);
            let (header, participants) = Cohort::decode(&self.read(&address)).expect("a cohort");
            let mut bytes = [Cohort::DISCRIMINATOR, bytemuck::bytes_of(&header)].concat();
            for mut participant in participants {
                participant.stipends += DUE;
                participant.due += DUE;
                bytes.extend_from_slice(bytemuck::bytes_of(&participant));
            }
            write(&self.chain, &address, &trials::ID, &bytes);
        }
    }

    /// After `rounds` in which each was owed [`DUE`]: everybody was paid each time but the first, whose account is frozen.
    fn assert_everybody_once(&self, rounds: u64) {
        let balances = self.balances();
        assert_eq!(balances[0], 0);
        for (number, cents) in balances.into_iter().enumerate().skip(1) {
            assert_eq!(cents, rounds * DUE, "participant {number}");
        }
        let left = patiently(|| self.chain.client.get_token_account_balance(&self.vault));
        assert_eq!(
            left.amount,
            (rounds * DUE * UNIT).to_string(),
            "the frozen one's"
        );
    }
}

/// Kills hit a payout that is under way: where everybody has been paid, everybody is owed again.
#[test]
fn killed_anywhere_it_pays_each_once() {
    let soak = std::env::var_os("GALEN_SOAK").is_some();
    let (count, kills) = if soak { (10_000, 1_000) } else { (600, 24) };
    let count = number("GALEN_PAYEES").unwrap_or(count);
    let kills = number("GALEN_KILLS").unwrap_or(kills);
    let payout = Payout::new(count);
    let plain = payout.plain_rate(PLAIN.min(count));
    let started = Instant::now();
    assert_eq!(payout.finish("one")["not_paid"], 1);
    let whole = started.elapsed();
    let rate = (count - 1) as f64 / whole.as_secs_f64();
    let whole_run = u64::try_from(whole.as_millis()).expect("short");
    payout.assert_everybody_once(1);
    // With nothing left to pay, a run is what it takes to begin.
    let started = Instant::now();
    payout.finish("one");
    let beginning = u64::try_from(started.elapsed().as_millis()).expect("short");
    let part = if count <= FEW {
        KILLED_WITHIN.0
    } else {
        KILLED_WITHIN.1
    };
    let longest = beginning + whole_run / part;
    println!(
        "a whole run takes {whole:?}, to begin {beginning} ms; killed after at most {longest} ms"
    );
    payout.owe_again();
    let started = Instant::now();
    let mut random = Random(7);
    let (mut rounds, mut under_way) = (2, 0);
    let mut before: usize = 0;
    for kill in 0..kills {
        let mut operators = vec![payout.spawn("one")];
        // Two at once, every third time.
        if kill % 3 == 2 {
            operators.push(payout.spawn("two"));
        }
        sleep(Duration::from_millis(random.below(longest)));
        for operator in &mut operators {
            let _ = operator.kill();
            let _ = operator.wait();
        }
        // Without its journal, every fourth time.
        if kill % 4 == 3 {
            let _ = std::fs::remove_dir_all(payout.chain.world.path("one-store"));
        }
        if count <= FEW || kill % 10 == 9 {
            for (number, cents) in payout.balances().into_iter().enumerate().skip(1) {
                assert!(
                    cents == rounds * DUE || cents == (rounds - 1) * DUE,
                    "participant {number} has {cents} in round {rounds}"
                );
            }
        }
        let after = payout.paid_in(rounds);
        if before < after && after < count - 1 {
            under_way += 1;
        }
        before = after;
        if kill % 25 == 24 {
            println!(
                "{} of {kills} kills in {:?}, round {rounds}, {under_way} while payments were landing",
                kill + 1,
                started.elapsed()
            );
        }
        if after == count - 1 {
            // Whatever the killed ones left under way can land now, and changes nothing.
            assert_eq!(payout.finish("one")["amount"], 0);
            payout.assert_everybody_once(rounds);
            payout.owe_again();
            rounds += 1;
            before = 0;
        }
    }
    let report = payout.finish("one");
    let balances = payout.balances();
    let missed = balances
        .iter()
        .skip(1)
        .filter(|cents| **cents < rounds * DUE)
        .count();
    let paid_twice = balances
        .iter()
        .filter(|cents| **cents > rounds * DUE)
        .count();
    println!(
        "{count} payees, {kills} kills ({under_way} while payments were landing), {rounds} payouts: {paid_twice} paid twice, {missed} missed, {:.0} s; {rate:.0} paid a second, plain transfers {plain:.0} a second",
        started.elapsed().as_secs_f64()
    );
    assert_eq!((paid_twice, missed), (0, 0));
    assert!(under_way > 0, "no kill hit a payout under way");
    assert_eq!(report["not_paid"], 1, "{report:#}");
    payout.assert_everybody_once(rounds);
    // Once more: nothing left but the one who cannot be paid.
    let report = payout.finish("two");
    assert_eq!(
        (&report["paid"], &report["not_paid"], &report["amount"]),
        (&json!(0), &json!(1), &json!(0)),
        "{report:#}"
    );
    payout.assert_everybody_once(rounds);
}

#[test]
fn two_operators_at_once_and_a_report() {
    let payout = Payout::new(400);
    let dry = payout.chain.run(
        "one",
        &["trial", "pay", &payout.trial.to_string(), "--dry-run"],
    );
    assert_eq!(
        (&dry["paid"], &dry["not_paid"], &dry["transactions"]),
        (&json!(0), &json!(400), &json!(0))
    );
    assert!(
        payout.balances().iter().all(|cents| *cents == 0),
        "nothing was sent"
    );
    let mut other = payout.spawn("two");
    let report = payout.chain.world.path("report.csv");
    let output = Command::new(assert_cmd::cargo::cargo_bin("galen"))
        .args(payout.args("one"))
        .arg("--report")
        .arg(&report)
        .output()
        .expect("galen runs");
    let _ = other.wait();
    assert_eq!(common::code(&output), 1, "one participant cannot be paid");
    payout.assert_everybody_once(1);
    // Whom the other one had paid before this one looked is not in its report.
    let answer = common::document(&output);
    let paid = answer["paid"].as_u64().expect("a number");
    assert!(paid <= 399, "{answer:#}");
    assert_eq!(answer["amount"], json!(paid * DUE));
    let text = std::fs::read_to_string(report).expect("written");
    assert_eq!(text.lines().count() as u64, paid + 2);
    assert_eq!(text.lines().filter(|line| line.contains(",no,")).count(), 1);
    let shown = payout
        .chain
        .run("two", &["trial", "show", &payout.trial.to_string()]);
    assert_eq!(
        (&shown["ledger"]["payable"], &shown["ledger"]["paid"]),
        (&json!(DUE), &json!(399 * DUE)),
        "{shown:#}"
    );
    let undeliverable: u64 = shown["cohorts"]
        .as_array()
        .expect("cohorts")
        .iter()
        .filter_map(|cohort| cohort["undeliverable"].as_u64())
        .sum();
    assert_eq!(undeliverable, 1);
}

/// Of a hundred questions thirty suffer a fault, of as many kinds as there are: each run pays everybody once, and says so.
/// `GALEN_FAULT_CALLS` sets how many questions there are in all; 50,000 where `GALEN_SOAK` is set.
#[test]
fn through_faults_it_pays_each_once() {
    const BATCH: &str = "5";
    let soak = std::env::var_os("GALEN_SOAK").is_some();
    let calls = if soak { 50_000 } else { 1_000 };
    let calls = number("GALEN_FAULT_CALLS").unwrap_or(calls);
    let count = number("GALEN_PAYEES").unwrap_or(300);
    let payout = Payout::new(count);
    let (_, whole) = payout.finish_through(&payout.chain.validator.url, "one", BATCH);
    payout.assert_everybody_once(1);
    let proxy = FaultProxy::before(&payout.chain.validator.url, 30, 19);
    let (mut rounds, mut slowest) = (1, Duration::ZERO);
    while proxy.calls() < calls {
        payout.owe_again();
        proxy.begin();
        rounds += 1;
        let (report, took) = payout.finish_through(&proxy.url, "one", BATCH);
        slowest = slowest.max(took);
        let told = [&report["paid"], &report["not_paid"], &report["amount"]];
        // No false success, no false failure.
        assert_eq!(
            told,
            [
                &json!(count - 1),
                &json!(1),
                &json!((count as u64 - 1) * DUE)
            ],
            "{report:#}"
        );
        payout.assert_everybody_once(rounds);
    }
    let faults = proxy.faults();
    println!(
        "{} questions, {} faults of {} kinds, {rounds} payouts of {}: 0 paid twice, 0 missed; {whole:?} without faults, {slowest:?} the slowest with\n{faults:#?}",
        proxy.calls(),
        faults.values().sum::<usize>(),
        faults.len(),
        count - 1,
    );
    assert!(faults.len() >= 20, "{faults:?}");
    assert!(!soak || faults.len() == FaultProxy::kinds(), "{faults:?}");
}

/// What a payout takes from the command line to the last confirmation, beside plain token transfers of one transaction each,
/// sent by as many connections with nothing written down. `GALEN_PAYEES` sets how many.
#[test]
fn a_payout_is_faster_beside_plain_transfers() {
    let count = number("GALEN_PAYEES").unwrap_or(400);
    let payout = Payout::new(count);
    let source = key(10, 0);
    let owner = payout.chain.keypair("one");
    let mint = key(1, 0);
    let held = token(
        mint,
        owner.pubkey(),
        count as u64 * UNIT,
        AccountState::Initialized,
    );
    write(&payout.chain, &source, &spl_token::ID, &held);
    // The first one's account is frozen.
    let payees = &payout.payees[1..];
    let plain = plain_transfers(&payout.chain, &source, &owner, payees, UNIT);
    assert!(payout.balances()[1..].iter().all(|cents| *cents == 1));
    let started = Instant::now();
    let report = payout.finish("two");
    let paid = started.elapsed();
    assert_eq!(report["paid"], json!(count - 1), "{report:#}");
    let rate = |took: Duration| (count - 1) as f64 / took.as_secs_f64();
    println!(
        "{} participants: galen trial pay {:.0}/s in {} transactions, plain transfers {:.0}/s",
        count - 1,
        rate(paid),
        report["transactions"],
        rate(plain)
    );
    note_rate(
        "`galen trial pay`: a participant paid",
        count - 1,
        paid,
        plain,
    );
    assert!(paid < plain, "{paid:?} against {plain:?}");
}
