//! Every error of the program is expected by its exact code somewhere in these tests, and those that no flow leads to are
//! tried on accounts written by hand.

use std::path::Path;

use anchor_lang::AccountSerialize;
use galen_testkit::codes::not_expected;
use galen_testkit::token::{MintTerms, TokenProgram};
use solana_instruction::error::InstructionError;

use crate::common::*;

/// Errors that nothing can lead to; they stand behind another check.
const UNREACHABLE: [(&str, &str); 3] = [
    (
        "MintInvalid",
        "the account type `Mint` is read before, and refuses what no token program owns and what is no mint",
    ),
    (
        "MintExtensionUnknown",
        "the vault is made before, and to work out its size takes the same list of extensions: InvalidAccountData",
    ),
    (
        "PaymentMismatch",
        "what leaves a vault is what was sent, however it is taxed on its way; and the vault is refused as its own payee",
    ),
];

/// Writes an account as it is to be.
fn overwrite(world: &mut World, address: &Pubkey, value: &impl AccountSerialize) {
    let mut account = world.raw(address).expect("an account");
    account.data.clear();
    value.try_serialize(&mut account.data).expect("written");
    world.set_raw(address, account);
}

#[test]
fn a_status_that_was_never_written_is_no_status() {
    let (mut world, fixture) = delivered();
    let address = fixture.node(case(0));
    let mut account = world.raw(&address).expect("the case's record");
    let mut node: Node = bytemuck::pod_read_unaligned(&account.data[8..]);
    node.status = u8::MAX;
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&node));
    world.set_raw(&address, account);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&fixture.pharmacy.key()],
        ProvenanceError::InvariantBroken,
    );
}

#[test]
fn a_sequence_ends_with_its_numbers() {
    let (mut world, fixture) = delivered();
    let maker = fixture.maker.key();
    let bond = BondFixture::new(&mut world, &fixture, "bond", 0);
    done(&mut world, bond.open(), &[&maker]);
    done(&mut world, bond.deposit(1_000), &[&maker]);
    let last = Bond {
        sequence: u64::MAX,
        ..bond.read(&world)
    };
    overwrite(&mut world, &bond.address, &last);
    let announce = bond.announce(&fixture.maker, bond.admin(&world), 500, bond.purse);
    refused(
        &mut world,
        announce,
        &[&maker],
        ProvenanceError::AdminSequenceExhausted,
    );
}

#[test]
fn an_extension_that_nobody_knows_makes_no_vault() {
    let (mut world, fixture) = delivered();
    // No extension has this number.
    let terms = MintTerms {
        program: TokenProgram::Token2022,
        extensions: vec![(60_000, 8)],
        ..MintTerms::default()
    };
    let mint = world.mint("mint of the future", &terms);
    let bond = BondFixture::in_mint(&mut world, &fixture, "bond", 0, mint, &terms);
    world
        .send(&[bond.open()], &[&fixture.maker.key()])
        .assert_instruction_error(InstructionError::InvalidAccountData);
}

/// Such a mint is refused when the bond is opened; were it to tax transfers all the same, less would arrive than was sent.
#[test]
fn what_arrives_short_is_refused() {
    let (mut world, fixture) = delivered();
    let maker = fixture.maker.key();
    let terms = MintTerms::token_2022(&[]);
    let mint = world.mint("mint", &terms);
    let bond = BondFixture::in_mint(&mut world, &fixture, "bond", 0, mint, &terms);
    done(&mut world, bond.open(), &[&maker]);
    world.tax(&mint, &[bond.purse, bond.vault]);
    refused(
        &mut world,
        bond.deposit(100),
        &[&maker],
        ProvenanceError::DepositMismatch,
    );
}

#[test]
fn every_error_is_expected_by_its_code() {
    let missing = not_expected(
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &["ProvenanceError::", "E::"],
    );
    assert_eq!(missing, UNREACHABLE.map(|(name, _)| name));
}
