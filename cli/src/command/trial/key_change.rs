//! What the commands about a participant's announced key have in common.

use std::fmt;
use std::path::Path;

use serde::Serialize;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::state::{KeyChange, KeyHolder};

use super::case::Case;
use super::rows::{self, Reason};
use super::who::{self, Place, Register};
use crate::chain::entity::{self, Entity};
use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::error::Result;

impl Entity for KeyChange {
    const NAME: &'static str = "announced key";
    const HINT: &'static str = "One is announced with `galen trial propose-key`.";
}

/// A participant, the change of key announced for them, and who signs.
pub struct Announcement {
    /// The participant.
    pub place: Place,
    /// The account of the change.
    pub address: Pubkey,
    /// The change, where there is one.
    pub there: Option<KeyChange>,
    /// The present keypair, where one was named; else the user signs, as somebody independent of the site.
    pub signer: Option<Box<dyn Signer>>,
}

impl Announcement {
    /// Finds the participant that a key or a keypair names.
    ///
    /// # Errors
    /// `keypair_unreadable`, `participant_unknown`, `participant_ambiguous`, `wrong_account`, `cluster_unreachable`.
    pub fn find(case: &Case, participant: &str) -> Result<Self> {
        let refused = |reason: Reason| reason.at(None, "participant").into_error();
        let (key, signer) = match rows::key(participant) {
            Ok(key) => (key, None),
            Err(_) => {
                let signer = who::signer(participant, Path::new("")).map_err(refused)?;
                (signer.pubkey(), Some(signer))
            }
        };
        let place = *Register::of(&case.cohorts()?).get(&key).map_err(refused)?;
        let (address, _) = KeyChange::find_address(&place.cohort, place.index);
        Ok(Self {
            there: entity::find(case.cluster(), &address)?,
            place,
            address,
            signer,
        })
    }

    /// The key that signs: the one that was named, or the user's.
    pub fn signs(&self, case: &Case) -> Pubkey {
        self.signer
            .as_ref()
            .map_or_else(|| case.session.key(), |signer| signer.pubkey())
    }
}

/// Who holds a key, as JSON has it.
fn holder(holder: KeyHolder) -> &'static str {
    match holder {
        KeyHolder::Participant => "participant",
        KeyHolder::Guardian => "guardian",
        KeyHolder::Site => "site",
    }
}

/// A participant's key, and the one that is announced.
#[derive(Debug, Serialize)]
pub struct KeyView {
    address: String,
    key: String,
    announced: Option<String>,
    holder: Option<&'static str>,
    overrules: bool,
    effective_at: Option<i64>,
}

impl KeyView {
    /// The participant's key and what is announced, as they are on the ledger.
    pub fn of(address: Pubkey, key: Pubkey, change: Option<&KeyChange>) -> Self {
        Self {
            address: address.to_string(),
            key: key.to_string(),
            announced: change.map(|change| change.key.to_string()),
            holder: change.map(|change| holder(change.holder)),
            overrules: change.is_some_and(|change| change.overrules),
            effective_at: change.map(|change| change.effective_at),
        }
    }
}

impl fmt::Display for KeyView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        facts(
            f,
            &[
                ("Key", self.key.clone()),
                ("Announced", or_none(self.announced.clone())),
                ("Held by", or_none(self.holder.map(str::to_owned))),
                ("From", or_none(self.effective_at.map(moment))),
            ],
        )
    }
}
