//! Every error of the program is expected by its exact code somewhere in these tests, and those that no flow leads to are
//! tried on accounts written by hand.

use std::path::Path;

use anchor_lang::AccountSerialize;
use galen_testkit::codes::not_expected;

use crate::common::*;

/// Errors that nothing can lead to; they stand behind another check.
const UNREACHABLE: [(&str, &str); 4] = [
    (
        "MintInvalid",
        "the account type `Mint` is read before, and refuses what no token program owns",
    ),
    (
        "MintExtensionUnknown",
        "the account type `Mint` is read before, and refuses an extension that it does not know as InvalidAccountData",
    ),
    (
        "DepositMismatch",
        "mints that can tax are refused when the bond is opened, and a mint gains no extension later",
    ),
    (
        "PaymentMismatch",
        "as for deposits; and the vault is refused as its own payee",
    ),
];

#[test]
fn a_status_that_was_never_written_is_no_status() {
    let (mut world, fixture) = delivered();
    let address = fixture.node(whole());
    let mut account = world.raw(&address).expect("the batch's record");
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
    let mut account = world.raw(&bond.address).expect("the bond");
    let last = Bond {
        sequence: u64::MAX,
        ..bond.read(&world)
    };
    account.data.clear();
    last.try_serialize(&mut account.data).expect("written");
    world.set_raw(&bond.address, account);
    let announce = bond.announce(&fixture.maker, bond.admin(&world), 500, bond.purse);
    refused(
        &mut world,
        announce,
        &[&maker],
        ProvenanceError::AdminSequenceExhausted,
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
