//! Every error of the program is expected by its exact code somewhere in these tests.

use std::path::Path;

use galen_testkit::codes::not_expected;
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

#[test]
fn an_extension_that_nobody_knows_makes_no_vault() {
    let mut world = empty();
    // No extension has this number.
    let terms = MintTerms {
        program: TokenProgram::Token2022,
        extensions: vec![(60_000, 8)],
        ..MintTerms::default()
    };
    let fixture = ClaimsFixture::bare_with_mint(&mut world, &terms);
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_instruction_error(InstructionError::InvalidAccountData);
}

#[test]
fn every_error_is_expected_by_its_code() {
    let missing = not_expected(
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &["ClaimsError::", "E::"],
    );
    assert_eq!(missing, UNREACHABLE.map(|(name, _)| name));
}
