//! What a payout costs and what fits a transaction. The bench writes the table; this keeps the promises.

use crate::common::*;

/// A legacy transaction, signatures included.
const MOST_BYTES: usize = 1_232;

/// Participants that one legacy transaction must pay.
const FEWEST: u16 = 20;

/// Participants that one version 1 transaction pays: as many as its addresses allow.
const MOST_AT_ONCE: u16 = 57;

/// Compute units: marginal, for one participant more.
const ONE_BY_ONE: u64 = 1_600;
/// As above, through the token program's batch instruction.
const AT_ONCE: u64 = 450;
/// A milestone attested and paid in one transaction.
const ATTEST_AND_PAY: u64 = 15_000;

/// A world in which `count` participants are owed 100.00 each.
fn owed(count: u16) -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(count);
    for index in 0..count {
        done(
            &mut world,
            fixture.attest(index, 1, TODAY),
            &[&fixture.nurse.key()],
        );
    }
    (world, fixture)
}

#[test]
fn a_payout_by_the_dozen() {
    let (world, fixture) = owed(32);
    let cost = |count: u16, at_once: bool| {
        let mut world = world.clone();
        let indexes: Vec<u16> = (0..count).collect();
        let outcome = done(&mut world, fixture.pay(&indexes, at_once), &[]);
        let paid: u64 = indexes
            .iter()
            .map(|n| world.balance(&fixture.payee_address(*n)))
            .sum();
        assert_eq!(paid, u64::from(count) * 10_000 * UNIT_PER_CENT);
        outcome.cu
    };
    let marginals = [false, true].map(|at_once| {
        let (few, many) = (cost(5, at_once), cost(25, at_once));
        let marginal = (many - few) / 20;
        println!("at once: {at_once}: 5 take {few}, 25 take {many}, one more {marginal}");
        marginal
    });
    assert!(marginals[0] <= ONE_BY_ONE && marginals[1] <= AT_ONCE);
    let most = (1..=32)
        .take_while(|count| {
            let indexes: Vec<u16> = (0..*count).collect();
            world.size(&[fixture.pay(&indexes, true)]).0 <= MOST_BYTES
        })
        .last()
        .unwrap_or(0);
    println!("participants in a legacy transaction: {most}");
    assert!(most >= FEWEST, "{most} participants");
}

/// A version 1 transaction has 64 addresses. Seven are not payees: who pays the fee, the program, its event authority, the token
/// program, trial, cohort and vault.
#[test]
fn a_payout_by_the_version_1_transaction() {
    let (mut world, fixture) = owed(MOST_AT_ONCE);
    let indexes: Vec<u16> = (0..MOST_AT_ONCE).collect();
    let before = world.clone();
    for at_once in [true, false] {
        world = before.clone();
        let outcome = world.send_v1(&[fixture.pay(&indexes, at_once)]).assert_ok();
        println!(
            "version 1, at once: {at_once}: {} CU, {} bytes, {} addresses",
            outcome.cu, outcome.bytes, outcome.accounts
        );
        assert_eq!(outcome.accounts, 64);
        for n in indexes.iter().copied() {
            assert_eq!(
                world.balance(&fixture.payee_address(n)),
                10_000 * UNIT_PER_CENT
            );
        }
        assert_books(&world, &fixture);
    }
    // The receipts are bits there too.
    world.send_v1(&[fixture.pay(&indexes, true)]).assert_ok();
    assert_eq!(
        world.balance(&fixture.payee_address(0)),
        10_000 * UNIT_PER_CENT
    );
}

#[test]
fn attest_and_pay_in_one_transaction() {
    let (mut world, fixture) = enrolled(1);
    let both = [fixture.attest(0, 1, TODAY), fixture.pay(&[0], false)];
    let (bytes, _) = world.size(&both);
    let outcome = world.send(&both, &[&fixture.nurse.key()]).assert_ok();
    println!("attest and pay: {} CU, {bytes} bytes", outcome.cu);
    assert!(bytes <= MOST_BYTES);
    assert!(outcome.cu <= ATTEST_AND_PAY, "{} CU", outcome.cu);
    assert_eq!(
        world.balance(&fixture.payee_address(0)),
        10_000 * UNIT_PER_CENT
    );
}
