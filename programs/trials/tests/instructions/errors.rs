//! Every error of the program is expected by its exact code somewhere in these tests, and those that no flow leads to are
//! tried on accounts written by hand.

use std::path::Path;

use galen_testkit::codes::not_expected;

use crate::common::*;

/// Errors that nothing can lead to; they stand behind another check.
const UNREACHABLE: [(&str, &str); 3] = [
    (
        "MintInvalid",
        "the account type `Mint` is read before, and refuses what no token program owns",
    ),
    (
        "MintExtensionUnknown",
        "the account type `Mint` is read before, and refuses an extension that it does not know as InvalidAccountData",
    ),
    (
        "FundingMismatch",
        "mints that can tax are refused when the trial is created, and a mint gains no extension later",
    ),
];

/// The account at `address` with the zero-copy state `T` changed.
fn written<T: bytemuck::Pod>(world: &mut World, address: &Pubkey, change: impl FnOnce(&mut T)) {
    let mut account = world.raw(address).expect("an account");
    let mut state: T = bytemuck::pod_read_unaligned(&account.data[8..]);
    change(&mut state);
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&state));
    world.set_raw(address, account);
}

#[test]
fn a_sequence_ends_with_its_numbers() {
    let (mut world, fixture) = ready();
    written::<Trial>(&mut world, &fixture.trial, |trial| {
        trial.sequence = u64::MAX;
        trial.caps_sequence = u64::MAX;
    });
    let withdraw = fixture.withdraw_surplus(&world, 1);
    refused(
        &mut world,
        withdraw,
        &[&fixture.staff.key()],
        TrialsError::AdminSequenceExhausted,
    );
    let caps = fixture.set_caps(&world, caps());
    refused(
        &mut world,
        caps,
        &[&fixture.overseer.key()],
        TrialsError::AdminSequenceExhausted,
    );
}

#[test]
fn a_log_has_a_million_batches() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let with_batches = |world: &mut World, batches: u32| {
        written::<DataLog>(world, &fixture.log(), |log| {
            log.batches = batches;
            log.leaves = u64::from(batches);
            log.root = [1; 32];
        });
    };
    with_batches(&mut world, (1 << 20) - 2);
    let last = fixture.anchor_data([1; 32], (1 << 20) - 2, 1);
    done(&mut world, last, &[&staff]);
    refused(
        &mut world,
        fixture.anchor_data([1; 32], (1 << 20) - 1, 1),
        &[&staff],
        TrialsError::DataLogFull,
    );
}

#[test]
fn every_error_is_expected_by_its_code() {
    let missing = not_expected(
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &["TrialsError::", "E::"],
    );
    assert_eq!(missing, UNREACHABLE.map(|(name, _)| name));
}
