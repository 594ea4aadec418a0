//! `galen deploy` against a running local validator, with what is on the chain read by a client of the test's own.
//!
//! What is deployed is a program of a few instructions at the registry's address: to the loader all programs are alike.
//! Needs `galen-localnet`, which `cargo xtask setup` builds.

mod deploy_world;

use std::error::Error;
use std::time::{Duration, Instant};

use deploy_world::{Chain, Outcome, FEE};
use serde_json::json;
use solana_keypair::Keypair;
use solana_signer::Signer;

type TestResult = Result<(), Box<dyn Error>>;

/// What the program grows by in the tests that grow it: more than the least that the loader extends by.
const GROWTH: usize = 20_000;

#[test]
fn a_program_is_deployed_once_and_then_left_alone() -> TestResult {
    let chain = Chain::start()?;
    let file = chain.build(0)?;
    let before = chain.balance()?;
    let report = chain.deploy().expect_done()?;
    let program = &report["programs"][0];
    assert_eq!(program["action"], "deployed");
    assert_eq!(program["programId"], chain.program().to_string());
    assert_eq!(program["sha256"], program["deployedSha256"]);
    assert_eq!(program["authority"], chain.payer.pubkey().to_string());
    assert_eq!(program["tested"], false);
    assert_eq!(chain.code()?, file);

    // The report's figures are the money that moved.
    let rent = chain.rent_held()?;
    assert_eq!(program["rent"], rent);
    assert_eq!(program["rentAdded"], rent);
    let fees = program["fees"].as_u64().ok_or("no fees")?;
    assert_eq!(before - chain.balance()?, rent + fees);
    let transactions = program["transactions"].as_u64().ok_or("no transactions")?;
    // Creating the program is signed by its key too.
    assert_eq!(fees, (transactions + 1) * FEE);

    let (balance, slot) = (chain.balance()?, chain.slot_deployed()?);
    let again = chain.deploy().expect_done()?;
    assert_eq!(again["programs"][0]["action"], "unchanged");
    assert_eq!(again["transactions"], 0);
    assert_eq!((chain.balance()?, chain.slot_deployed()?), (balance, slot));

    let status = chain
        .galen(&["deploy", "status", "registry"])
        .expect_done()?;
    assert_eq!(status["programs"][0]["standing"], "asBuilt");
    chain.build(1)?;
    let status = chain
        .galen(&["deploy", "status", "registry"])
        .expect_done()?;
    assert_eq!(status["programs"][0]["standing"], "differs");
    Ok(())
}

#[test]
fn an_upgrade_extends_what_is_too_small_and_returns_the_buffers_rent() -> TestResult {
    let chain = Chain::start()?;
    let small = chain.build(0)?;
    chain.deploy().expect_done()?;
    let capacity = chain.capacity()?;

    let large = chain.build(GROWTH)?;
    let before = chain.balance()? + chain.rent_held()?;
    let report = chain.deploy().expect_done()?;
    let program = &report["programs"][0];
    assert_eq!(program["action"], "upgraded");
    assert_eq!(chain.code()?, large);
    assert_eq!(chain.capacity()?, capacity + GROWTH);
    assert_eq!(
        before - chain.balance()? - chain.rent_held()?,
        program["fees"].as_u64().ok_or("no fees")?
    );

    // A smaller one fits, and leaves no trace of the larger.
    chain.build(0)?;
    assert_eq!(
        chain.deploy().expect_done()?["programs"][0]["action"],
        "upgraded"
    );
    assert_eq!(chain.code()?, small);
    assert_eq!(chain.capacity()?, capacity + GROWTH);
    assert_eq!(chain.buffers()?, 0);
    Ok(())
}

#[test]
fn killed_at_any_point_it_goes_on_and_loses_nothing() -> TestResult {
    let chain = Chain::start()?;
    chain.build(0)?;
    let begun = Instant::now();
    let report = chain.deploy().expect_done()?;
    let (whole, fees) = (begun.elapsed(), report["fees"].as_u64().ok_or("no fees")?);

    let points = if std::env::var_os("GALEN_SOAK").is_some() {
        100
    } else {
        10
    };
    let mut interrupted = 0;
    for point in 0..points {
        // Every other upgrade does not fit, so that extensions are interrupted too.
        let file = chain.build(GROWTH + 11_000 * (point / 2) + 100 * point)?;
        let before = chain.balance()? + chain.rent_held()?;
        // Spread over a whole run; the fractions of the golden ratio are as even as points can be.
        let part = (point as u32).wrapping_mul(2_654_435_769) >> 16;
        let killed = chain.deploy_and_kill(whole.mul_f64(f64::from(part) / 65_536.0))?;
        interrupted += usize::from(killed);

        let report = chain.deploy().expect_done()?;
        assert_eq!(chain.code()?, file, "point {point}");
        assert_eq!(
            report["programs"][0]["sha256"],
            report["programs"][0]["deployedSha256"]
        );
        assert_eq!(chain.buffers()?, 0, "point {point}: a buffer was left over");
        let paid = before - chain.balance()? - chain.rent_held()?;
        assert_eq!(
            paid % FEE,
            0,
            "point {point}: something else than fees was lost"
        );
        // What was on its way when the run was killed may be written a second time; nothing else is.
        let at_most = fees * 12 / 10
            + (GROWTH as u64 + 11_000 * (points as u64)).div_ceil(500) * FEE
            + 130 * FEE;
        assert!(
            paid <= at_most,
            "point {point}: {paid} lamports of fees, where a whole run takes {fees}"
        );
        assert_eq!(chain.capacity()?.max(file.len()), chain.capacity()?);
    }
    assert!(
        interrupted * 2 >= points,
        "only {interrupted} of {points} runs were killed before they ended"
    );
    Ok(())
}

#[test]
fn a_first_deployment_that_was_killed_goes_on_too() -> TestResult {
    let points = if std::env::var_os("GALEN_SOAK").is_some() {
        20
    } else {
        3
    };
    for point in 1..=points {
        let chain = Chain::start()?;
        let file = chain.build(0)?;
        let before = chain.balance()?;
        // The state tells when: after the buffer was made and some of it written.
        let killed = chain.deploy_and_kill_when(|chain| {
            Ok(chain.buffer_written()? * (points + 1) >= file.len() * point)
        })?;
        assert!(killed, "the run ended before it could be killed");
        assert_eq!(chain.buffers()?, 1);
        chain.deploy().expect_done()?;
        assert_eq!(chain.code()?, file);
        assert_eq!(chain.buffers()?, 0);
        assert_eq!((before - chain.balance()? - chain.rent_held()?) % FEE, 0);
    }
    Ok(())
}

#[test]
fn without_its_journal_it_goes_on_all_the_same() -> TestResult {
    let chain = Chain::start()?;
    let file = chain.build(0)?;
    assert!(chain.deploy_and_kill_when(|chain| Ok(chain.buffer_written()? > 0))?);
    std::fs::remove_dir_all(chain.home().join("deploy"))?;
    chain.deploy().expect_done()?;
    assert_eq!((chain.code()?, chain.buffers()?), (file, 0));
    Ok(())
}

#[test]
fn left_over_buffers_are_shown_and_their_rent_comes_back() -> TestResult {
    let chain = Chain::start()?;
    chain.build(0)?;
    let before = chain.balance()?;
    assert!(chain.deploy_and_kill_when(|chain| Ok(chain.buffer_written()? > 0))?);
    chain.wait_until_nothing_lands()?;
    let listed = chain.galen(&["deploy", "--list-buffers"]).expect_done()?;
    assert_eq!(listed["buffers"].as_array().map(Vec::len), Some(1));
    let (held, balance) = (
        listed["lamports"].as_u64().ok_or("no lamports")?,
        chain.balance()?,
    );
    assert!(held > 0);

    let closed = chain
        .galen(&["deploy", "--close-buffers", "--yes"])
        .expect_done()?;
    assert_eq!(
        chain.balance()?,
        balance + held - closed["fees"].as_u64().ok_or("no fees")?
    );
    assert_eq!((before - chain.balance()?) % FEE, 0);
    assert_eq!(
        chain.galen(&["deploy", "--list-buffers"]).expect_done()?["buffers"],
        json!([])
    );
    chain.deploy().expect_done()?;
    Ok(())
}

#[test]
fn a_left_over_of_another_build_is_no_obstacle() -> TestResult {
    let chain = Chain::start()?;
    chain.build(GROWTH)?;
    assert!(chain.deploy_and_kill_when(|chain| Ok(chain.buffer_written()? > 0))?);
    chain.wait_until_nothing_lands()?;
    let file = chain.build(0)?;
    let before = chain.balance()? + chain.rent_held()? + chain.buffer_lamports()?;
    let report = chain.deploy().expect_done()?;
    assert_eq!((chain.code()?, chain.buffers()?), (file, 0));
    assert_eq!(
        before - chain.balance()? - chain.rent_held()?,
        report["fees"].as_u64().ok_or("no fees")?
    );
    Ok(())
}

#[test]
fn lamports_sent_to_its_addresses_beforehand_do_not_block_it() -> TestResult {
    let chain = Chain::start()?;
    let file = chain.build(0)?;
    for address in [chain.program(), chain.buffer()?] {
        chain.airdrop(&address, 1_000_000)?;
    }
    chain.deploy().expect_done()?;
    assert_eq!((chain.code()?, chain.buffers()?), (file, 0));
    Ok(())
}

#[test]
fn the_authority_is_handed_over_in_two_steps() -> TestResult {
    let chain = Chain::start()?;
    chain.build(0)?;
    chain.deploy().expect_done()?;
    let new_key = Keypair::new();
    let new_file = chain.write_key("new.json", &new_key)?;
    let stranger = chain.write_key("stranger.json", &Keypair::new())?;
    let proposal = chain.path("proposal.json");
    let named = ["--proposal", &proposal, "--yes"];
    let propose = |key: &Keypair| {
        chain.galen_with(
            &[
                "deploy",
                "authority",
                "propose",
                &key.pubkey().to_string(),
                "registry",
            ],
            &named,
        )
    };

    // Proposing changes nothing.
    propose(&new_key).expect_done()?;
    assert_eq!(chain.authority()?, Some(chain.payer.pubkey()));

    // Nobody else can accept; a changed proposal is no proposal.
    chain
        .galen_with(&["deploy", "authority", "accept", "-k", &stranger], &named)
        .expect_error("not_the_proposed_key")?;
    // Nor is it accepted anywhere else.
    let elsewhere = deploy_world::pretend_cluster("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG")?;
    let accept = ["deploy", "authority", "accept", "-k", &new_file];
    let there = [&accept[..], &named, &["--url", &elsewhere]].concat();
    deploy_world::Folder::new()?
        .galen(&there)
        .expect_error("wrong_cluster")?;
    let text = std::fs::read_to_string(&proposal)?;
    std::fs::write(
        &proposal,
        text.replace(
            &new_key.pubkey().to_string(),
            &deploy_world::public_key(&stranger)?,
        ),
    )?;
    chain
        .galen_with(&["deploy", "authority", "accept", "-k", &stranger], &named)
        .expect_error("proposal_unsigned")?;
    assert_eq!(chain.authority()?, Some(chain.payer.pubkey()));

    // A newer proposal makes the older one worthless, and so does withdrawing.
    propose(&new_key).expect_done()?;
    std::fs::write(&proposal, &text)?;
    chain
        .galen_with(&["deploy", "authority", "accept", "-k", &new_file], &named)
        .expect_error("proposal_closed")?;
    propose(&new_key).expect_done()?;
    let withdrawn = std::fs::read_to_string(&proposal)?;
    let balance = chain.balance()?;
    let report = chain
        .galen_with(&["deploy", "authority", "withdraw"], &named)
        .expect_done()?;
    let returned = report["lamports"].as_u64().ok_or("nothing came back")?;
    assert_eq!(
        chain.balance()?,
        balance + returned - report["fees"].as_u64().ok_or("no fees")?
    );
    std::fs::write(&proposal, withdrawn)?;
    chain
        .galen_with(&["deploy", "authority", "accept", "-k", &new_file], &named)
        .expect_error("proposal_closed")?;
    assert_eq!(chain.authority()?, Some(chain.payer.pubkey()));

    // Accepted, once; again is no harm. The new key needs no lamports for it.
    propose(&new_key).expect_done()?;
    let accept = ["deploy", "authority", "accept", "-k", &new_file];
    assert!(chain.galen_with(&accept, &named).expect_done()?["signature"].is_string());
    assert_eq!(chain.authority()?, Some(new_key.pubkey()));
    assert!(chain.galen_with(&accept, &named).expect_done()?["signature"].is_null());

    // Who had it cannot upgrade any more, nor propose; who has it can.
    let file = chain.build(7)?;
    chain.deploy().expect_error("wrong_upgrade_authority")?;
    propose(&Keypair::new()).expect_error("wrong_upgrade_authority")?;
    chain
        .deploy_with(&["--upgrade-authority", &new_file])
        .expect_done()?;
    assert_eq!(chain.code()?, file);
    Ok(())
}

#[test]
fn what_cannot_be_done_is_refused_by_name_and_costs_nothing() -> TestResult {
    let chain = Chain::start()?;
    let balance = chain.balance()?;
    chain.deploy().expect_error("program_not_built")?;
    chain.build(0)?;
    chain
        .galen(&["deploy", "registry", "--yes"])
        .expect_error("untested")?;
    chain
        .galen(&["deploy", "registry", "--untested"])
        .expect_error("confirmation_needed")?;
    chain
        .galen(&["deploy", "trails", "--untested", "--yes"])
        .expect_error("program_unknown")?;
    let poor = chain.write_key("poor.json", &Keypair::new())?;
    chain
        .deploy_with(&["-k", &poor])
        .expect_error("insufficient_funds")?;
    chain
        .deploy_with(&["-k", &chain.path("missing.json")])
        .expect_error("keypair_missing")?;
    chain
        .galen(&["deploy", "authority", "accept", "--yes"])
        .expect_error("no_proposal")?;
    let other = Keypair::new().pubkey().to_string();
    chain
        .galen(&[
            "deploy",
            "authority",
            "propose",
            &other,
            "registry",
            "--yes",
        ])
        .expect_error("not_deployed")?;
    let key_file = chain.write_key("programs/registry-keypair.json", &Keypair::new())?;
    chain.deploy().expect_error("wrong_program_key")?;
    std::fs::remove_file(key_file)?;
    std::fs::write(chain.path("programs/registry.so"), "no program")?;
    chain.deploy().expect_error("not_a_program")?;
    std::fs::write(
        chain.path("programs/registry.so"),
        "\x7fELF, but no program",
    )?;
    chain.deploy().expect_error("refused")?;
    // That one had an upload before the loader looked into it; it is not lost.
    chain
        .galen(&["deploy", "--close-buffers", "--yes"])
        .expect_done()?;
    assert_eq!(chain.buffers()?, 0);
    assert!(balance - chain.balance()? <= 5 * FEE);
    Ok(())
}

#[test]
fn bytes_that_the_test_record_knows_need_no_flag() -> TestResult {
    let chain = Chain::start()?;
    chain.build(0)?;
    let sha256 = chain
        .galen(&["deploy", "status", "registry"])
        .expect_done()?["programs"][0]["built"]["sha256"]
        .clone();
    std::fs::write(
        chain.path("programs/tested.json"),
        json!([sha256]).to_string(),
    )?;
    let report = chain
        .galen(&["deploy", "registry", "--yes"])
        .expect_done()?;
    assert_eq!(report["programs"][0]["tested"], true);
    // One byte more is another program.
    chain.build(1)?;
    chain
        .galen(&["deploy", "registry", "--yes"])
        .expect_error("untested")?;
    Ok(())
}

#[test]
fn a_priority_fee_is_paid_for_what_is_used_and_no_more() -> TestResult {
    let chain = Chain::start()?;
    let file = chain.build(0)?;
    let before = chain.balance()?;
    let report = chain
        .deploy_with(&["--with-compute-unit-price", "1000000"])
        .expect_done()?;
    assert_eq!(chain.code()?, file);
    let fees = report["fees"].as_u64().ok_or("no fees")?;
    let transactions = report["transactions"].as_u64().ok_or("no transactions")?;
    assert_eq!(before - chain.balance()? - chain.rent_held()?, fees);
    let priority = fees - (transactions + 1) * FEE;
    // A write uses some 2,400 units; at a lamport each, and not the 200,000 that nobody asked for.
    assert!(
        (transactions * 2_000..transactions * 10_000).contains(&priority),
        "{priority} lamports for {transactions} transactions"
    );
    Ok(())
}

#[test]
fn development_addresses_are_refused_where_everyone_can_join() -> TestResult {
    let world = deploy_world::Folder::new()?;
    world.build(0)?;
    let mainnet = deploy_world::pretend_cluster("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d")?;
    let key = world.write_key("payer.json", &Keypair::new())?;
    let outcome = world.galen(&[
        "deploy",
        "registry",
        "--untested",
        "--yes",
        "-k",
        &key,
        "--url",
        &mainnet,
    ]);
    outcome.expect_error("development_key")
}

#[test]
fn a_cluster_that_is_not_there_is_named() -> TestResult {
    let world = deploy_world::Folder::new()?;
    world.build(0)?;
    let key = world.write_key("payer.json", &Keypair::new())?;
    let url = format!(
        "http://127.0.0.1:{}",
        deploy_world::local_validator::free_port()
    );
    let outcome: Outcome = world.galen(&[
        "deploy",
        "registry",
        "--untested",
        "--yes",
        "-k",
        &key,
        "--url",
        &url,
    ]);
    outcome.expect_error("cluster_unreachable")
}

#[test]
fn two_at_once_do_not_get_into_each_others_way() -> TestResult {
    let chain = Chain::start()?;
    let file = chain.build(0)?;
    let mut first = chain.spawn_deploy()?;
    let held = Instant::now();
    while !chain.home().join("deploy").exists() && held.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = chain.deploy();
    assert!(first.wait()?.success());
    // Whichever came second was turned away, or came late enough to find the work done.
    if let Err(error) = second.expect_done() {
        second.expect_error("busy").map_err(|_| error)?;
    }
    assert_eq!((chain.code()?, chain.buffers()?), (file, 0));
    assert_eq!(
        chain.deploy().expect_done()?["programs"][0]["action"],
        "unchanged"
    );
    Ok(())
}
