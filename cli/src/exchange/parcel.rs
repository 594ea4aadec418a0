//! What is inside: from whom, to whom, on which ledger, and the things themselves, under the sender's signature.

use galen_documents::strict;
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;

use super::envelope::Envelope;
use crate::error::{CliError, Result};
use crate::store::{Backup, Bytes};

/// What a signature is over begins with this, so that no signed transaction or ticket can stand for a parcel.
const DOMAIN: &[u8] = b"galen parcel v1\0";

/// What is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    /// The genesis hash of the ledger that it is about.
    pub genesis: String,
    /// The sender's organisation account.
    pub from: String,
    /// The recipient's.
    pub to: String,
    /// When it was made, as a Unix time by the cluster's clock.
    pub made_at: i64,
    /// Claim documents.
    pub documents: Vec<Document>,
    /// Salts and code keys.
    pub store: Backup,
}

/// The document of a claim, to the letter as it was submitted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The claim's account.
    pub claim: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A parcel with its signature.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    /// The parcel as JSON, to the letter as it was signed.
    parcel: String,
    /// The sender's operator.
    key: String,
    signature: String,
}

/// A parcel that was opened, and who has signed it.
pub struct Opened {
    /// What is in it.
    pub parcel: Parcel,
    /// The operator who signed it.
    pub key: Pubkey,
}

impl Parcel {
    /// Signs it and seals it to operators.
    ///
    /// # Errors
    /// `signing_failed`, and those of [`Envelope::seal`].
    pub fn seal(&self, signer: &dyn Signer, recipients: &[Pubkey]) -> Result<Envelope> {
        let unprintable = |error: serde_json::Error| {
            CliError::new(
                "unprintable",
                format!("The parcel cannot be written as JSON: {error}."),
            )
        };
        let parcel = serde_json::to_string(self).map_err(unprintable)?;
        let signature = signer
            .try_sign_message(&message(&parcel))
            .map_err(|error| {
                CliError::new(
                    "signing_failed",
                    format!("The parcel cannot be signed: {error}."),
                )
            })?;
        let signed = Signed {
            parcel,
            key: signer.pubkey().to_string(),
            signature: signature.to_string(),
        };
        let bytes = serde_json::to_vec(&signed).map_err(unprintable)?;
        Envelope::seal(&bytes, recipients)
    }

    /// Reads the bytes of an envelope that was opened.
    ///
    /// # Errors
    /// `parcel_forged` where the signature is not that of the key it names; what the reader refuses, by place.
    pub fn read(bytes: &[u8]) -> Result<Opened> {
        let inside = |problem| CliError::in_document("The parcel", problem);
        let value = strict::parse(bytes).map_err(inside)?;
        let signed: Signed = strict::from_value(&value).map_err(inside)?;
        let forged = || {
            CliError::new(
                "parcel_forged",
                "The parcel is not signed by the key that it names. Do not use it; ask its sender.",
            )
        };
        let key: Pubkey = signed.key.parse().map_err(|_| forged())?;
        let signature: Signature = signed.signature.parse().map_err(|_| forged())?;
        if !signature.verify(key.as_ref(), &message(&signed.parcel)) {
            return Err(forged());
        }
        let value = strict::parse(signed.parcel.as_bytes()).map_err(inside)?;
        Ok(Opened {
            parcel: strict::from_value(&value).map_err(inside)?,
            key,
        })
    }
}

fn message(parcel: &str) -> Vec<u8> {
    [DOMAIN, parcel.as_bytes()].concat()
}
