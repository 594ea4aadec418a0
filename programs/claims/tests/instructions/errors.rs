//! Every error of the program is expected by its exact code somewhere in these tests.

use std::path::Path;

use galen_testkit::codes::not_expected;

/// Errors that nothing can lead to; they stand behind another check.
const UNREACHABLE: [(&str, &str); 2] = [
    (
        "MintInvalid",
        "the account type `Mint` is read before, and refuses what no token program owns",
    ),
    (
        "MintExtensionUnknown",
        "the account type `Mint` is read before, and refuses an extension that it does not know as InvalidAccountData",
    ),
];

#[test]
fn every_error_is_expected_by_its_code() {
    let missing = not_expected(
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &["ClaimsError::", "E::"],
    );
    assert_eq!(missing, UNREACHABLE.map(|(name, _)| name));
}
