//! What the commands about a participant's announced payee have in common.

use std::fmt;
use std::path::Path;

use serde::Serialize;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::state::PayeeChange;

use super::case::Case;
use super::rows::Reason;
use super::who::{self, Place, Register};
use crate::chain::entity;
use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::error::Result;

/// Who signs for a participant: their key, or the user as somebody independent of the site.
pub struct Announcement {
    /// The participant.
    pub place: Place,
    /// The account of the change.
    pub address: Pubkey,
    /// The change, where there is one.
    pub there: Option<PayeeChange>,
    /// The participant's keypair, where one was named.
    pub signer: Option<Box<dyn Signer>>,
}

impl Announcement {
    /// Finds the participant that a key or a keypair names, and the change announced for them.
    ///
    /// # Errors
    /// `participant_unknown`, `wrong_account`, `cluster_unreachable`.
    pub fn find(case: &Case, participant: &str) -> Result<Self> {
        let refused = |reason: Reason| reason.at(None, "participant").into_error();
        let here = Path::new("");
        let (key, signer) = match super::rows::key(participant) {
            Ok(key) => (key, None),
            Err(_) => {
                let signer = who::signer(participant, here).map_err(refused)?;
                (signer.pubkey(), Some(signer))
            }
        };
        let place = *Register::of(&case.cohorts()?).get(&key).map_err(refused)?;
        let (address, _) = PayeeChange::find_address(&place.cohort, place.index);
        Ok(Self {
            there: entity::find(case.cluster(), &address)?,
            place,
            address,
            signer,
        })
    }
}

/// An announced payee.
#[derive(Debug, Serialize)]
pub struct PayeeView {
    address: String,
    participant: String,
    payee: String,
    announced: Option<String>,
    effective_at: Option<i64>,
}

impl PayeeView {
    /// The participant's payee and what is announced, as they are on the ledger.
    pub fn of(address: Pubkey, place: &Place, change: Option<&PayeeChange>) -> Self {
        Self {
            address: address.to_string(),
            participant: place.participant.key.to_string(),
            payee: place.participant.payee.to_string(),
            announced: change.map(|change| change.payee.to_string()),
            effective_at: change.map(|change| change.effective_at),
        }
    }
}

impl fmt::Display for PayeeView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Participant", self.participant.clone()),
                ("Paid at", self.payee.clone()),
                (
                    "Announced",
                    self.announced.clone().unwrap_or_else(|| "none".to_owned()),
                ),
                (
                    "From",
                    self.effective_at.map_or_else(|| "-".to_owned(), moment),
                ),
            ],
        )
    }
}
