//! Sealed bytes for several recipients: one key for the content, sealed to each of them (libsodium's sealed boxes and secret
//! boxes: X25519, XSalsa20, Poly1305).

use crypto_box::aead::{Aead, AeadCore, KeyInit, OsRng};
use crypto_secretbox::{Nonce, XSalsa20Poly1305};
use serde::{Deserialize, Serialize};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::keys;
use crate::error::{CliError, Result};
use crate::store::Bytes;

const FORM: &str = "galen parcel 1";
/// Bytes of a content key.
const KEY: usize = 32;
/// Bytes of a nonce.
const NONCE: usize = 24;

/// A sealed parcel, as it is written to a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    form: String,
    recipients: Vec<Recipient>,
    nonce: Bytes,
    content: Bytes,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipient {
    /// The registered key.
    key: String,
    /// The content key, sealed to it.
    sealed: Bytes,
}

impl Envelope {
    /// Seals bytes to keys, each of which must be one to encrypt to.
    ///
    /// # Errors
    /// `no_recipient` where there is none, or one of them is no key; `seal_failed`.
    pub fn seal(bytes: &[u8], recipients: &[Pubkey]) -> Result<Self> {
        let failed = |_| CliError::new("seal_failed", "The parcel cannot be sealed.");
        let key = XSalsa20Poly1305::generate_key(&mut OsRng);
        let nonce = XSalsa20Poly1305::generate_nonce(&mut OsRng);
        let content = XSalsa20Poly1305::new(&key)
            .encrypt(&nonce, bytes)
            .map_err(failed)?;
        let sealed = recipients.iter().map(|recipient| {
            let public = keys::public(recipient).ok_or_else(|| {
                CliError::new(
                    "no_recipient",
                    format!("{recipient} is no key that can be encrypted to."),
                )
            })?;
            Ok(Recipient {
                key: recipient.to_string(),
                sealed: Bytes(public.seal(&mut OsRng, &key).map_err(failed)?),
            })
        });
        let recipients = sealed.collect::<Result<Vec<_>>>()?;
        if recipients.is_empty() {
            return Err(CliError::new(
                "no_recipient",
                "There is nobody to seal the parcel to.",
            ));
        }
        Ok(Self {
            form: FORM.to_owned(),
            recipients,
            nonce: Bytes(nonce.to_vec()),
            content: Bytes(content),
        })
    }

    /// Opens it with a keypair.
    ///
    /// # Errors
    /// `parcel_newer`, `not_a_recipient`, `parcel_damaged` where anything of it was changed.
    pub fn open(&self, keypair: &Keypair) -> Result<Vec<u8>> {
        if self.form != FORM {
            return Err(CliError::new(
                "parcel_newer",
                format!(
                    "The parcel has the form \"{}\"; this galen reads \"{FORM}\".",
                    self.form
                ),
            ));
        }
        let damaged = || {
            CliError::new(
                "parcel_damaged",
                "The parcel cannot be opened: it was changed on its way. Ask for it again.",
            )
        };
        let own = keypair.pubkey().to_string();
        let recipient = self.recipients.iter().find(|recipient| recipient.key == own).ok_or_else(|| {
            CliError::new(
                "not_a_recipient",
                format!("The parcel is not sealed to {own}; only the operators that it names can open it."),
            )
        })?;
        let key = keys::secret(keypair)
            .unseal(&recipient.sealed.0)
            .map_err(|_| damaged())?;
        let key: [u8; KEY] = key.try_into().map_err(|_| damaged())?;
        let nonce: [u8; NONCE] = self.nonce.0.clone().try_into().map_err(|_| damaged())?;
        XSalsa20Poly1305::new(&key.into())
            .decrypt(&Nonce::from(nonce), self.content.0.as_slice())
            .map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_recipients_open_it_and_no_changed_byte_passes() {
        let [one, two, third] = [1, 2, 3].map(|seed| Keypair::new_from_array([seed; 32]));
        let envelope =
            Envelope::seal(b"documents and salts", &[one.pubkey(), two.pubkey()]).expect("sealed");
        for keypair in [&one, &two] {
            assert_eq!(
                envelope.open(keypair).expect("opened"),
                b"documents and salts"
            );
        }
        assert_eq!(
            envelope.open(&third).expect_err("refused").code,
            "not_a_recipient"
        );
        let text = serde_json::to_value(&envelope).expect("JSON");
        assert!(!text
            .to_string()
            .contains(&super::super::super::chain::text::hex(b"salts")));
        for pointer in ["/content", "/nonce", "/recipients/0/sealed"] {
            let good = text
                .pointer(pointer)
                .and_then(|value| value.as_str())
                .expect(pointer)
                .to_owned();
            for place in (0..good.len()).step_by(7) {
                let mut digits = good.clone().into_bytes();
                digits[place] = if digits[place] == b'0' { b'1' } else { b'0' };
                let mut changed = text.clone();
                *changed.pointer_mut(pointer).expect(pointer) =
                    String::from_utf8(digits).expect("text").into();
                let changed: Envelope = serde_json::from_value(changed).expect("an envelope");
                assert_eq!(
                    changed.open(&one).expect_err("refused").code,
                    "parcel_damaged",
                    "{pointer} {place}"
                );
            }
        }
        // Who is no recipient gains nothing by putting a key of one's own over another's.
        let mut swapped = text.clone();
        swapped["recipients"][0]["key"] = third.pubkey().to_string().into();
        let swapped: Envelope = serde_json::from_value(swapped).expect("an envelope");
        assert_eq!(
            swapped.open(&third).expect_err("refused").code,
            "parcel_damaged"
        );
        assert_eq!(
            Envelope::seal(b"x", &[]).expect_err("refused").code,
            "no_recipient"
        );
    }
}
