//! Data points as whoever keeps the data has them: in clear, with the salts of what stands in their leaves.

use galen_rules::merkle::Node;
use galen_rules::trial::data_log::{ChangeReason, DataPoint, OutOfLine};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::rows::Reason;

/// Reasons for a change, in their order in the rulebook, as they are written.
const REASONS: [(&str, ChangeReason); 5] = [
    ("first_entry", ChangeReason::FirstEntry),
    ("entry_error", ChangeReason::EntryError),
    ("new_information", ChangeReason::NewInformation),
    ("query_answered", ChangeReason::QueryAnswered),
    ("withdrawn", ChangeReason::Withdrawn),
];

/// The reason of this name.
pub fn reason(name: &str) -> Option<ChangeReason> {
    REASONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, reason)| *reason)
}

/// The name of a reason.
pub fn reason_name(reason: ChangeReason) -> &'static str {
    REASONS
        .iter()
        .find(|(_, known)| *known == reason)
        .map_or("first_entry", |(name, _)| name)
}

/// The names of the reasons, for messages.
pub fn reason_names() -> String {
    REASONS.map(|(name, _)| name).join(", ")
}

/// What is asked of whom and when: the value of this changes, this does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The subject's pseudonym in the trial.
    pub subject: String,
    /// The visit.
    pub visit: String,
    /// The item of the form.
    pub item: String,
}

/// Who entered a value, where, and from which source: as in the AuditRecord of CDISC ODM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// The user.
    pub user: String,
    /// The location.
    pub location: String,
    /// The source; empty where there is none.
    pub source: String,
}

/// The salts of a data point's commitments, each 64 hexadecimal digits where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salts {
    /// Of the item: that of the first entry, in every change of it.
    pub item: [u8; 32],
    /// Of the value.
    pub value: [u8; 32],
    /// Of who, where and from which source.
    pub audit: [u8; 32],
}

/// A data point with everything that opens its leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Which item.
    pub item: Item,
    /// Its value; empty where it is withdrawn.
    pub value: String,
    /// Who, where, from which source.
    pub audit: Audit,
    /// When, as a Unix second.
    pub at: i64,
    /// Why.
    pub reason: ChangeReason,
    /// The position of the leaf that this one follows.
    pub follows: Option<u64>,
    /// What the commitments are salted with.
    pub salts: Salts,
}

impl Opened {
    /// As its leaf has it.
    pub fn point(&self) -> DataPoint {
        let Item {
            subject,
            visit,
            item,
        } = &self.item;
        let Audit {
            user,
            location,
            source,
        } = &self.audit;
        DataPoint {
            item: commit(
                b"galen data item v1",
                &self.salts.item,
                &[subject, visit, item],
            ),
            value: commit(b"galen data value v1", &self.salts.value, &[&self.value]),
            audit: commit(
                b"galen data audit v1",
                &self.salts.audit,
                &[user, location, source],
            ),
            at: self.at,
            reason: self.reason,
            follows: self.follows,
        }
    }
}

/// SHA-256(domain ‖ salt ‖ each text after its length in four bytes).
fn commit(domain: &[u8], salt: &[u8; 32], texts: &[&str]) -> Node {
    let mut hash = Sha256::new().chain_update(domain).chain_update(salt);
    for text in texts {
        // Texts of more than 4 GiB do not come through any reader here.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        hash.update(length.to_le_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// What is wrong with a data point's place in the log, in words.
pub fn out_of_line(wrong: OutOfLine) -> Reason {
    match wrong {
        OutOfLine::Reason => Reason::new(
            "reason_unfit",
            "The first value of an item has the reason first_entry, and no later one has.",
        ),
        OutOfLine::Position => Reason::new(
            "follows_later",
            "A change follows a value that comes before it in the log.",
        ),
        OutOfLine::Item => {
            Reason::new("follows_other", "A change follows a value of its own item.")
        }
        OutOfLine::Time => Reason::new(
            "time_goes_back",
            "The value that this one follows was entered later.",
        ),
    }
}
