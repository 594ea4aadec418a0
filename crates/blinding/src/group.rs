//! Points and scalars of ristretto255, and the hashes onto them (RFC 9497, sections 2.1 and 4.1).

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use sha2::{Digest, Sha512};

use crate::Refusal;

/// "OPRFV1-", the verifiable mode, and the suite.
const CONTEXT: &[u8] = b"OPRFV1-\x01-ristretto255-SHA512";
/// Bytes that SHA-512 takes in at a time.
const BLOCK: [u8; 128] = [0; 128];

/// The point that `bytes` encode.
pub fn point(bytes: &[u8; 32]) -> Result<RistrettoPoint, Refusal> {
    CompressedRistretto(*bytes)
        .decompress()
        .filter(|point| !point.is_identity())
        .ok_or(Refusal::ElementInvalid)
}

/// The scalar that `bytes` encode.
pub fn scalar(bytes: &[u8; 32]) -> Result<Scalar, Refusal> {
    Option::from(Scalar::from_canonical_bytes(*bytes)).ok_or(Refusal::ScalarInvalid)
}

/// The same of a scalar that must not be zero.
pub fn nonzero(bytes: &[u8; 32]) -> Result<Scalar, Refusal> {
    let scalar = scalar(bytes)?;
    if scalar == Scalar::ZERO {
        return Err(Refusal::ScalarInvalid);
    }
    Ok(scalar)
}

/// A random scalar other than zero.
pub fn random() -> Result<Scalar, Refusal> {
    loop {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(|_| Refusal::NoRandomness)?;
        let scalar = Scalar::from_bytes_mod_order_wide(&bytes);
        if scalar != Scalar::ZERO {
            return Ok(scalar);
        }
    }
}

/// HashToGroup.
pub fn hash_to_group(input: &[u8]) -> RistrettoPoint {
    RistrettoPoint::from_uniform_bytes(&expand(input, b"HashToGroup-"))
}

/// HashToScalar.
pub fn hash_to_scalar(input: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&expand(input, b"HashToScalar-"))
}

/// `expand_message_xmd` with SHA-512 to 64 bytes (RFC 9380, section 5.3.1): a single block of output.
fn expand(input: &[u8], purpose: &[u8]) -> [u8; 64] {
    let tag_bytes = u8::try_from(purpose.len().saturating_add(CONTEXT.len())).unwrap_or(u8::MAX);
    let tag = |hash: Sha512| {
        hash.chain_update(purpose)
            .chain_update(CONTEXT)
            .chain_update([tag_bytes])
    };
    let first = Sha512::new()
        .chain_update(BLOCK)
        .chain_update(input)
        .chain_update([0, 64, 0]);
    let first = tag(first).finalize();
    tag(Sha512::new().chain_update(first).chain_update([1]))
        .finalize()
        .into()
}

/// What a transcript is made of: each part after its length in two bytes.
#[derive(Default)]
pub struct Transcript(Vec<u8>);

impl Transcript {
    /// With a part and its length.
    pub fn with(mut self, part: &[u8]) -> Self {
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        self.0.extend(length.to_be_bytes());
        self.0.extend(part);
        self
    }

    /// With a point.
    pub fn with_point(self, point: &RistrettoPoint) -> Self {
        self.with(point.compress().as_bytes())
    }

    /// With bytes of a length that is known.
    pub fn with_bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What the seed of a proof is hashed with.
pub fn seed_tag() -> Vec<u8> {
    [b"Seed-", CONTEXT].concat()
}
