//! Every error of the program is expected by its exact code somewhere in these tests, and those that no flow leads to are
//! tried on accounts written by hand.

use std::path::Path;

use galen_testkit::codes::not_expected;
use galen_testkit::TokenProgram;
use solana_instruction::error::InstructionError;

use crate::common::*;

/// Errors that nothing can lead to; they stand behind another check.
const UNREACHABLE: [(&str, &str); 2] = [
    (
        "MintInvalid",
        "the account type `Mint` is read before, and refuses what no token program owns and what is no mint",
    ),
    (
        "MintExtensionUnknown",
        "the vault is made before, and to work out its size takes the same list of extensions: InvalidAccountData",
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
fn an_extension_that_nobody_knows_makes_no_vault() {
    let mut world = empty();
    // No extension has this number.
    let terms = MintTerms {
        program: TokenProgram::Token2022,
        extensions: vec![(60_000, 8)],
        ..MintTerms::default()
    };
    let fixture = TrialsFixture::bare_with_mint(&mut world, &terms);
    world
        .send(&[fixture.create_trial()], &[&fixture.staff.key()])
        .assert_instruction_error(InstructionError::InvalidAccountData);
}

/// Such a mint is refused when the trial is created; were it to tax transfers all the same, less would arrive than was sent.
#[test]
fn what_arrives_short_is_refused() {
    let mut world = empty();
    let fixture = TrialsFixture::bare_with_mint(&mut world, &MintTerms::token_2022(&[]));
    done(&mut world, fixture.create_trial(), &[&fixture.staff.key()]);
    world.tax(&fixture.mint, &[fixture.treasury, fixture.vault]);
    refused(
        &mut world,
        fixture.fund_trial(100),
        &[&actor("treasurer")],
        TrialsError::FundingMismatch,
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
