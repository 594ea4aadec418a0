//! Registered signing keys as keys to encrypt to.
//!
//! An operator's key is an Ed25519 key. The same point of the curve, in Montgomery's form, is an X25519 key, and the scalar
//! that signs is the one that opens: RFC 7748, section 4.1, and RFC 8032, section 5.1.5.

use crypto_box::{PublicKey, SecretKey};
use curve25519_dalek::edwards::CompressedEdwardsY;
use sha2::{Digest, Sha512};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::error::{CliError, Result};
use crate::signer;

/// The key to encrypt to; none for an address that is no key (a multisig's, a program's), or one of a few that anybody
/// could open.
pub fn public(key: &Pubkey) -> Option<PublicKey> {
    let point = CompressedEdwardsY(key.to_bytes()).decompress()?;
    let usable = !point.is_small_order() && point.is_torsion_free();
    usable.then(|| PublicKey::from_bytes(point.to_montgomery().to_bytes()))
}

/// The key that opens what was sealed to the keypair.
pub fn secret(keypair: &Keypair) -> SecretKey {
    let hash: [u8; 64] = Sha512::digest(keypair.secret_bytes()).into();
    let mut scalar = [0; 32];
    for (to, from) in scalar.iter_mut().zip(hash) {
        *to = from;
    }
    // The library clamps it, as RFC 8032 does for signing.
    SecretKey::from_bytes(scalar)
}

/// The keypair of a file: opening needs the secret itself, which no hardware wallet gives away.
///
/// # Errors
/// `keypair_file_needed`, `keypair_missing`, `keypair_unreadable`.
pub fn keypair(source: &str) -> Result<Keypair> {
    if !signer::is_file(source) {
        return Err(CliError::new(
            "keypair_file_needed",
            format!("A parcel is opened with a keypair file; {source} can sign, and cannot open. Receive as another operator (-k)."),
        ));
    }
    signer::load(source, "keypair")?;
    solana_keypair::read_keypair_file(source).map_err(|error| {
        CliError::new(
            "keypair_unreadable",
            format!("The keypair {source} cannot be used: {error}."),
        )
    })
}

#[cfg(test)]
mod tests {
    use solana_signer::Signer;

    use super::*;

    #[test]
    fn what_is_sealed_to_a_registered_key_opens_with_its_keypair() {
        for seed in 0..32 {
            let keypair = Keypair::new_from_array([seed; 32]);
            let sealed = public(&keypair.pubkey())
                .expect("a key")
                .seal(&mut crypto_box::aead::OsRng, b"salt")
                .expect("sealed");
            assert_eq!(secret(&keypair).unseal(&sealed).expect("opened"), b"salt");
            assert_eq!(
                secret(&keypair).public_key(),
                public(&keypair.pubkey()).expect("a key")
            );
            let other = Keypair::new_from_array([seed + 100; 32]);
            assert!(secret(&other).unseal(&sealed).is_err());
        }
    }

    #[test]
    fn addresses_that_are_no_keys_are_not_sealed_to() {
        let (address, _) =
            Pubkey::find_program_address(&[b"multisig"], &Pubkey::new_from_array([1; 32]));
        assert!(public(&address).is_none());
        // The neutral element, and a point of order 2.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut order_two = [0xff; 32];
        (order_two[0], order_two[31]) = (0xec, 0x7f);
        for weak in [neutral, order_two] {
            assert!(public(&Pubkey::new_from_array(weak)).is_none());
        }
    }
}
