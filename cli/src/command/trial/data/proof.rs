//! A proof as it is written and read: a data point and everything that it was before, each with its way up to the log's root.

use galen_batch::Sha;
use galen_rules::merkle::Node;
use galen_rules::trial::data_log::{proves, Batch, Proof};
use serde::{Deserialize, Serialize};

use super::log::WayUp;
use super::point::{reason, reason_name, Audit, Item, Opened, Salts};
use crate::chain::text::{hex, unhex_array};
use crate::error::{CliError, Result};

/// A data point and what it was before, the first entry first.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofView {
    /// The trial's address.
    pub trial: String,
    /// Batches that had been anchored when the proof was made.
    pub batches: u32,
    /// The log's root over them, 64 hexadecimal digits; who checks takes the ledger's.
    pub root: String,
    /// Which item.
    pub item: Item,
    /// The salt of its commitment, 64 hexadecimal digits.
    pub item_salt: String,
    /// Its values, the first entry first.
    pub values: Vec<ValueView>,
}

/// One value of an item, with the way up from its leaf.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueView {
    /// Position in the log.
    pub position: u64,
    /// The value; empty where it was withdrawn.
    pub value: String,
    /// When, as a Unix second.
    pub at: i64,
    /// Why.
    pub reason: String,
    /// The position that it follows.
    pub follows: Option<u64>,
    /// Who, where, from which source.
    pub audit: Audit,
    /// The salt of the value's commitment.
    pub value_salt: String,
    /// The salt of the audit's commitment.
    pub audit_salt: String,
    /// The batch's number, from 0.
    pub batch: u64,
    /// The position of the batch's first leaf.
    pub batch_first: u64,
    /// How many leaves the batch has.
    pub batch_count: u32,
    /// The batch's root.
    pub batch_root: String,
    /// Siblings from the leaf up to it.
    pub in_batch: Vec<String>,
    /// Siblings from there up to the log's root.
    pub in_log: Vec<String>,
}

impl ValueView {
    /// A value in its written form.
    pub fn new(position: u64, point: &Opened, way: &WayUp) -> Self {
        let nodes = |nodes: &[Node]| nodes.iter().map(|node| hex(node)).collect();
        Self {
            position,
            value: point.value.clone(),
            at: point.at,
            reason: reason_name(point.reason).to_owned(),
            follows: point.follows,
            audit: point.audit.clone(),
            value_salt: hex(&point.salts.value),
            audit_salt: hex(&point.salts.audit),
            batch: way.batch_number,
            batch_first: way.batch.first,
            batch_count: way.batch.count,
            batch_root: hex(&way.batch.root),
            in_batch: nodes(&way.in_batch),
            in_log: nodes(&way.in_log),
        }
    }
}

/// What a proof comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Each value is in the log, and each follows the one before.
    Holds,
    /// Something in it is not so.
    Fails,
    /// It does not begin with the first entry.
    Incomplete,
}

impl ProofView {
    /// Whether each value leads to `root`, and each follows the one before it, from the first entry on.
    ///
    /// # Errors
    /// `bad_proof`, with the place, where something cannot be read.
    pub fn holds(&self, root: &Node) -> Result<Verdict> {
        let item_salt = bytes(&self.item_salt, "item_salt")?;
        let mut before: Option<(u64, Opened)> = None;
        for (number, value) in self.values.iter().enumerate() {
            let at = format!("values[{number}]");
            let point = self.opened(value, item_salt, &at)?;
            if number == 0 && value.follows.is_some() {
                return Ok(Verdict::Incomplete);
            }
            let leaf = point.point();
            let followed = before.as_ref().map(|(_, point)| point.point());
            let in_line = value.follows == before.as_ref().map(|(position, _)| *position)
                && leaf.check(value.position, followed.as_ref()).is_ok();
            if !in_line || !leads(root, leaf.leaf::<Sha>(), value, &at)? {
                return Ok(Verdict::Fails);
            }
            before = Some((value.position, point));
        }
        Ok(if before.is_some() {
            Verdict::Holds
        } else {
            Verdict::Incomplete
        })
    }

    fn opened(&self, value: &ValueView, item_salt: [u8; 32], at: &str) -> Result<Opened> {
        let reason = reason(&value.reason)
            .ok_or_else(|| bad(&format!("{at}.reason"), "There is no such reason."))?;
        Ok(Opened {
            item: self.item.clone(),
            value: value.value.clone(),
            audit: value.audit.clone(),
            at: value.at,
            reason,
            follows: value.follows,
            salts: Salts {
                item: item_salt,
                value: bytes(&value.value_salt, &format!("{at}.value_salt"))?,
                audit: bytes(&value.audit_salt, &format!("{at}.audit_salt"))?,
            },
        })
    }
}

fn leads(root: &Node, leaf: Node, value: &ValueView, at: &str) -> Result<bool> {
    let nodes = |nodes: &[String], name: &str| -> Result<Vec<Node>> {
        let read = nodes.iter().enumerate();
        read.map(|(place, node)| bytes(node, &format!("{at}.{name}[{place}]")))
            .collect()
    };
    let (in_batch, in_log) = (
        nodes(&value.in_batch, "in_batch")?,
        nodes(&value.in_log, "in_log")?,
    );
    let proof = Proof {
        position: value.position,
        batch: Batch {
            root: bytes(&value.batch_root, &format!("{at}.batch_root"))?,
            first: value.batch_first,
            count: value.batch_count,
        },
        batch_number: value.batch,
        in_batch: &in_batch,
        in_log: &in_log,
    };
    Ok(proves::<Sha>(root, leaf, &proof))
}

fn bytes(text: &str, at: &str) -> Result<[u8; 32]> {
    unhex_array(text).ok_or_else(|| bad(at, "It has 64 hexadecimal digits."))
}

/// A proof that cannot be read, and where.
pub fn bad(at: &str, message: &str) -> CliError {
    CliError {
        code: "bad_proof".to_owned(),
        message: message.to_owned(),
        at: Some(at.to_owned()),
    }
}
