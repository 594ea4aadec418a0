//! The oblivious function by which insurers' markers in the registry of duplicates are blinded.
//!
//! A marker stands for a person, a provider and a day. An insurer makes a [`Question`] of them, under a secret that the insurers of
//! a registry share; the service answers with its own key ([`SecretKey::answer`]) and sees a random point only; the insurer checks
//! that the answer was made with the key that its plan names, and has the marker ([`finish`]). So nobody makes markers of guesses:
//! not who reads the ledger, not the service, and an insurer only as fast as the service answers it.
//!
//! The function is VOPRF(ristretto255, SHA-512) of RFC 9497, held against its test vectors.
#![forbid(unsafe_code)]

mod group;
mod voprf;

use hmac::{Hmac, Mac};
use sha2::Sha256;

pub use voprf::{finish, Answer, Question, SecretKey};

/// What a question is made of begins with this.
const DOMAIN: &[u8] = b"galen duplicates v1\0";

/// Bytes of a marker: what of the function's output stands on the ledger.
pub const MARKER_BYTES: usize = 16;

/// Why something cannot be blinded or finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The system's source of randomness does not answer.
    #[error("the system has no randomness to give")]
    NoRandomness,
    /// Not the encoding of a point, or the neutral one.
    #[error(
        "an element is not the canonical encoding of a point of ristretto255, or the neutral one"
    )]
    ElementInvalid,
    /// Not the encoding of a scalar, or zero.
    #[error("a number is not a canonical scalar of ristretto255, or zero where it must not be")]
    ScalarInvalid,
    /// Not as many answers as questions, or none at all, or more than a proof can be about.
    #[error("there must be as many answers as questions, from 1 to 65535")]
    CountMismatch,
    /// The proof does not hold.
    #[error("the answer was not made with the key of this service")]
    ProofInvalid,
    /// Another system may have the same identifier for somebody else.
    #[error("the person's identifier has no system before it; write it as `system|value`, as `urn:oid:2.16.840.1.113883.4.1|123-45-6789`")]
    SystemMissing,
    /// Nobody is named.
    #[error("the person's identifier has no letter and no digit after its system")]
    PersonEmpty,
}

/// What is asked about a person: the insurers' shared secret keeps even the service from guessing it.
///
/// `provider` is the provider's organisation account, `date` the day of the service in days since 1970-01-01, `person` an
/// identifier that every insurer knows the person by, as a national one: its system as a URI, `|`, and its value, in which case,
/// spaces and punctuation do not count. The system counts as it stands: digits that move from the one to the other would be
/// another person's identifier.
///
/// # Errors
/// `SystemMissing`, `PersonEmpty`.
///
/// ```
/// let input = |person| galen_blinding::input(&[1; 32], &[2; 32], 20_000, person).unwrap();
/// assert_eq!(input("urn:oid:1.2|ab-12 34"), input("urn:oid:1.2|AB1234"));
/// assert_ne!(input("urn:oid:1.2|AB1234"), input("urn:oid:1.2|AB1235"));
/// assert_ne!(input("urn:oid:1.2|31234"), input("urn:oid:1.23|1234"));
/// ```
pub fn input(
    shared: &[u8; 32],
    provider: &[u8; 32],
    date: i32,
    person: &str,
) -> Result<[u8; 32], Refusal> {
    let (system, value) = person.split_once('|').unwrap_or_default();
    if system.is_empty() {
        return Err(Refusal::SystemMissing);
    }
    let value: String = value
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect();
    if value.is_empty() {
        return Err(Refusal::PersonEmpty);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(shared).map_err(|_| Refusal::ScalarInvalid)?;
    mac.update(DOMAIN);
    mac.update(provider);
    mac.update(&date.to_le_bytes());
    mac.update(&(system.len() as u64).to_le_bytes());
    mac.update(system.as_bytes());
    mac.update(value.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

/// What of an output stands on the ledger: enough that two never meet by chance.
pub fn marker(output: &[u8; 64]) -> [u8; MARKER_BYTES] {
    let mut marker = [0; MARKER_BYTES];
    marker
        .iter_mut()
        .zip(output)
        .for_each(|(to, from)| *to = *from);
    marker
}
