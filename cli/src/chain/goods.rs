//! Batches of packs and what is recorded at their places, as they are on the ledger.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::str::FromStr;

use anchor_lang::Discriminator;
use galen_batch::{BatchError, Leaves, Proof, Sha};
use galen_rules::merkle::{fold, leaf, Layout, Level, Node as Hash, Subtree, SERIAL_LENGTH};
use galen_rules::provenance::{RecallClass, RecallDepth, Status};
use provenance::convert::{recall_class, recall_depth, Place};
use provenance::state::{
    decode_zero_copy, Batch, BatchPage, ClosedBatch, Dispense, DispenseKind, Node, RecallEntry,
    RecallList, RecallSlot, Shipment,
};
use registry::state::Credential;
use serde::Serialize;
use sha2::{Digest, Sha256};
use solana_account::Account;
use solana_pubkey::Pubkey;

use super::entity;
use super::text::{facts, hex};
use super::when::moment;
use crate::cluster::Cluster;
use crate::error::{CliError, Result};

/// A place of a batch's tree as it is typed: `batch`, `pallet:3`, `case:194`, `pack:12417`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceName(pub Subtree);

impl FromStr for PlaceName {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no place; write batch, pallet:NUMBER, case:NUMBER or pack:NUMBER")
        };
        let (name, number) = text.split_once(':').unwrap_or((text, "0"));
        let level = match name {
            "batch" if text == name => Level::Batch,
            "pallet" | "case" | "pack" if text == name => return Err(wrong()),
            "pallet" => Level::Pallet,
            "case" => Level::Case,
            "pack" => Level::Pack,
            _ => return Err(wrong()),
        };
        let index = number.parse().map_err(|_| wrong())?;
        Ok(Self(Subtree { level, index }))
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.0.level {
            Level::Batch => f.write_str("batch"),
            Level::Pallet => write!(f, "pallet:{}", self.0.index),
            Level::Case => write!(f, "case:{}", self.0.index),
            Level::Pack => write!(f, "pack:{}", self.0.index),
        }
    }
}

impl PlaceName {
    /// As an argument of the program.
    pub fn argument(self) -> Place {
        self.0.into()
    }
}

/// A batch on a cluster.
pub struct Goods {
    /// Its address.
    pub address: Pubkey,
    /// Its account.
    pub batch: Batch,
    /// How its tree is laid out.
    pub layout: Layout,
}

impl Goods {
    /// The batch at an address.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        let batch: Batch = zero_copy(cluster, &address, "batch")?.ok_or_else(|| {
            let message = format!(
                "There is no batch at {address} on this cluster. Register it with `galen batch register`."
            );
            CliError::new("not_found", message)
        })?;
        let layout = batch.layout().map_err(|_| wrong(&address, "batch"))?;
        Ok(Self {
            address,
            batch,
            layout,
        })
    }

    /// The records of a place and of those above it, pack to batch.
    ///
    /// # Errors
    /// `place_unknown`.
    pub fn path(&self, of: Subtree) -> Result<[Option<Pubkey>; 4]> {
        let path = self.layout.path(of).ok_or_else(|| {
            let message = format!("The batch has no {}.", PlaceName(of));
            CliError::new("place_unknown", message)
        })?;
        Ok(path.map(|place| place.map(|place| Node::address(&self.address, place))))
    }

    /// The record of a place, and those of case, pallet and batch above it.
    ///
    /// # Errors
    /// `place_unknown`.
    pub fn records(&self, of: Subtree) -> Result<(Pubkey, [Option<Pubkey>; 3])> {
        let [pack, case, pallet, batch] = self.path(of)?;
        let own = Node::address(&self.address, of);
        let above = |record: Option<Pubkey>| record.filter(|record| *record != own);
        debug_assert!(pack.is_none_or(|pack| pack == own));
        Ok((own, [above(case), above(pallet), above(batch)]))
    }

    /// The number of the page that a pack is on.
    pub fn page_number(&self, index: u64) -> u64 {
        index >> self.batch.page_height
    }

    /// The page of a pack; none for another place.
    pub fn page_of(&self, of: Subtree) -> Option<Pubkey> {
        (of.level == Level::Pack)
            .then(|| BatchPage::address(&self.address, self.page_number(of.index)))
    }

    /// The record of a place; none where nothing is recorded.
    ///
    /// # Errors
    /// `wrong_account`, `cluster_unreachable`.
    pub fn node(&self, cluster: &Cluster, of: Subtree) -> Result<Option<Node>> {
        zero_copy(cluster, &Node::address(&self.address, of), "record")
    }

    /// The recalls in force at a place: the manufacturer's, the gravest of regulators', and theirs that stand in the list of further ones.
    ///
    /// # Errors
    /// `wrong_account`, `cluster_unreachable`.
    pub fn recalls(
        &self,
        cluster: &Cluster,
        of: Subtree,
        node: &Node,
    ) -> Result<Vec<(RecallSlot, RecallEntry)>> {
        let slots = [RecallSlot::Manufacturer, RecallSlot::Regulator];
        let mut recalls: Vec<_> = slots.map(|slot| (slot, node.recall_in(slot))).into();
        recalls.retain(|(_, recall)| recall.is_in_force());
        if node.more_recalls > 0 {
            let list = RecallList::address(&self.address, of);
            let list: Option<RecallList> = zero_copy(cluster, &list, "list of recalls")?;
            let further = list.iter().flat_map(RecallList::in_force);
            recalls.extend(further.map(|recall| (RecallSlot::Regulator, *recall)));
        }
        Ok(recalls)
    }

    /// The list of further recalls of a place, where a recall by `issuer` concerns it.
    ///
    /// # Errors
    /// `wrong_account`, `cluster_unreachable`.
    pub fn recall_list(
        &self,
        cluster: &Cluster,
        of: Subtree,
        issuer: &Pubkey,
    ) -> Result<Option<Pubkey>> {
        let is_needed = *issuer != self.batch.manufacturer
            && self
                .node(cluster, of)?
                .is_some_and(|node| node.needs_list(RecallSlot::Regulator, issuer));
        Ok(is_needed.then(|| RecallList::address(&self.address, of)))
    }

    /// The dispense of a place.
    ///
    /// # Errors
    /// `wrong_account`, `cluster_unreachable`.
    pub fn dispense(&self, cluster: &Cluster, of: Subtree) -> Result<Option<Dispense>> {
        zero_copy(cluster, &Dispense::address(&self.address, of), "dispense")
    }

    /// The dispense of a place, or of what it is part of.
    ///
    /// # Errors
    /// `wrong_account`, `cluster_unreachable`.
    pub fn dispensed(&self, cluster: &Cluster, of: Subtree) -> Result<Option<Dispense>> {
        for place in self.layout.path(of).into_iter().flatten().flatten() {
            let record = self.dispense(cluster, place)?;
            if record.is_some_and(|record| record.kind() != DispenseKind::Reserved) {
                return Ok(record);
            }
        }
        Ok(None)
    }

    /// The shipment of a place.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn shipment(&self, cluster: &Cluster, of: Subtree) -> Result<(Pubkey, Shipment)> {
        let address = Shipment::address(&self.address, of);
        match zero_copy(cluster, &address, "shipment")? {
            Some(shipment) => Ok((address, shipment)),
            None => Err(CliError::new(
                "not_found",
                format!("No shipment of {} is on offer.", PlaceName(of)),
            )),
        }
    }

    /// The credential that makes an organisation a partner: of a trading partner or else of a reverse distributor.
    ///
    /// # Errors
    /// `credential_missing`, `cluster_unreachable`.
    pub fn credential(&self, cluster: &Cluster, of: &Pubkey, number: u32) -> Result<Pubkey> {
        let issuer = self.batch.credential_issuer;
        for kind in [self.batch.credential_kind, self.batch.return_kind] {
            let (address, _) = Credential::find_address(&issuer, of, kind, number);
            if entity::find::<Credential>(cluster, &address)?.is_some() {
                return Ok(address);
            }
        }
        let message = format!(
            "{of} has no credential number {number} of {issuer} of the kind {} (trading partner) or {} (reverse distributor); see `galen credential list --subject {of}`.",
            self.batch.credential_kind, self.batch.return_kind
        );
        Err(CliError::new("credential_missing", message))
    }
}

/// The proof of a pack from a leaf file, checked against the batch.
///
/// # Errors
/// Those of the leaf file; `wrong_leaf_file` where it is another batch's.
pub fn proof_of(
    goods: &Goods,
    leaves: &mut Leaves<File>,
    path: &Path,
    serial: &str,
) -> Result<Proof> {
    if leaves.root() != goods.batch.root {
        let message = format!(
            "{} is the leaf file of another batch: its root is {}, the batch's {}.",
            path.display(),
            hex(&leaves.root()),
            hex(&goods.batch.root)
        );
        return Err(CliError::new("wrong_leaf_file", message));
    }
    let refused =
        |error: BatchError| CliError::new(error.code(), format!("{}: {error}", path.display()));
    match leaves.prove(serial) {
        Err(BatchError::UnknownSerial) => {
            let other = leaves.in_other_case(serial).map_err(refused)?;
            Err(other.map_or_else(
                || refused(BatchError::UnknownSerial),
                |other| {
                    let message = format!(
                        "{}: the batch has no pack {serial}, but {other}, which differs in upper and lower case only. Look at the pack, at caps lock and at the scanner's keyboard settings.",
                        path.display()
                    );
                    CliError::new("serial_case", message)
                },
            ))
        }
        proved => proved.map_err(refused),
    }
}

/// The root of the page that a pack is on, and the siblings from there to the batch's root.
pub fn page_proof(goods: &Goods, proof: &Proof) -> Option<(Hash, Vec<Hash>)> {
    let height = usize::from(goods.batch.page_height);
    let (below, above) = proof.siblings.split_at_checked(height)?;
    let leaf = leaf::<Sha>(&proof.gtin, &proof.salt, proof.serial.as_bytes())?;
    let within = proof.index
        & (1_u64
            .checked_shl(u32::try_from(height).ok()?)?
            .checked_sub(1)?);
    Some((fold::<Sha>(leaf, 0, within, below)?, above.to_vec()))
}

/// The node of a place that contains a pack, and the siblings from there up to its page's root; none where the place does not lie
/// on one page.
pub fn subtree_proof(goods: &Goods, proof: &Proof, of: Subtree) -> Option<(Hash, Vec<Hash>)> {
    let height = usize::from(goods.layout.height(of.level));
    let page = usize::from(goods.batch.page_height);
    let (below, above) = proof.siblings.split_at_checked(height)?;
    let leaf = leaf::<Sha>(&proof.gtin, &proof.salt, proof.serial.as_bytes())?;
    let places = 1_u64.checked_shl(u32::try_from(height).ok()?)?;
    let within = proof.index & places.checked_sub(1)?;
    let siblings = above.get(..page.checked_sub(height)?)?.to_vec();
    Some((fold::<Sha>(leaf, 0, within, below)?, siblings))
}

/// The proof of a pack as the program takes it: up to its page's root.
pub fn argument(goods: &Goods, proof: &Proof) -> provenance::check::PackProof {
    let height = usize::from(goods.batch.page_height);
    provenance::check::PackProof {
        index: proof.index,
        salt: proof.salt,
        serial: padded(&proof.serial),
        siblings: proof.siblings.iter().take(height).copied().collect(),
    }
}

/// A serial number padded with zeros; a longer one is cut, and then proves nothing.
fn padded(serial: &str) -> [u8; SERIAL_LENGTH] {
    let mut bytes = [0; SERIAL_LENGTH];
    for (place, byte) in bytes.iter_mut().zip(serial.bytes()) {
        *place = byte;
    }
    bytes
}

/// A zero-copy account of the program; none where there is nothing but perhaps lamports.
///
/// # Errors
/// `batch_closed`, `wrong_account`, `cluster_unreachable`.
pub fn zero_copy<T: anchor_lang::ZeroCopy>(
    cluster: &Cluster,
    address: &Pubkey,
    name: &str,
) -> Result<Option<T>> {
    decoded(cluster.account(address)?, address, name)
}

/// Records of a type at the places of a batch, each with its address and its lamports.
///
/// # Errors
/// `cluster_unreachable`.
pub fn records<T: anchor_lang::ZeroCopy + Discriminator>(
    cluster: &Cluster,
    batch: &Pubkey,
) -> Result<Vec<(Pubkey, T, u64)>> {
    let found = entity::raw(
        cluster,
        &provenance::ID,
        T::DISCRIMINATOR,
        &[(entity::offset::RECORD_BATCH, *batch)],
    )?;
    Ok(found
        .into_iter()
        .filter_map(|(address, account)| {
            let record = decode_zero_copy(&account.data).ok()?;
            Some((address, record, account.lamports))
        })
        .collect())
}

/// As [`zero_copy`], of an account that was read.
///
/// # Errors
/// `wrong_account`.
pub fn decoded<T: anchor_lang::ZeroCopy>(
    account: Option<Account>,
    address: &Pubkey,
    name: &str,
) -> Result<Option<T>> {
    let Some(account) = account else {
        return Ok(None);
    };
    if account.owner == solana_sdk_ids::system_program::ID && account.data.is_empty() {
        return Ok(None);
    }
    if account.owner != provenance::ID {
        return Err(wrong(address, name));
    }
    if account.data.starts_with(ClosedBatch::DISCRIMINATOR) {
        let message = format!(
            "The batch {address} is closed: its time is over. `galen batch close-orphans {address}` gives back the rent of what is still recorded of it."
        );
        return Err(CliError::new("batch_closed", message));
    }
    decode_zero_copy(&account.data)
        .map(Some)
        .map_err(|_| wrong(address, name))
}

fn wrong(address: &Pubkey, name: &str) -> CliError {
    CliError::new(
        "wrong_account",
        format!("{address} is not the address of a {name}: something else is there, or another version of it."),
    )
}

/// SHA-256 of a document, which the ledger keeps in its place.
///
/// # Errors
/// `file_missing`, `file_unreadable`.
pub fn digest_of(path: &Path) -> Result<[u8; 32]> {
    let bytes = std::fs::read(path)
        .map_err(|error| crate::command::batch::view::unreadable(path, &error))?;
    Ok(Sha256::digest(bytes).into())
}

/// What is recorded at a place. As JSON: `{"address": "...", "batch": "...", "place": "case:3", "custodian": "..." or null,
/// "owner": "..." or null, "status": "received" or null, "since": 1, "doubt": {"status": "quarantined" | "suspect" | "illegitimate",
/// "released_by": "..."} or null, "recalls": [{"issuer": "...", "class": "2", "depth":
/// "wholesaler" | "retailer" | "consumer", "number": 1, "respond_by": 1}]}`; times are Unix seconds.
#[derive(Serialize)]
pub struct PlaceView {
    address: String,
    batch: String,
    place: String,
    custodian: Option<String>,
    owner: Option<String>,
    status: Option<String>,
    since: Option<i64>,
    doubt: Option<DoubtView>,
    recalls: Vec<RecallView>,
}

/// A doubt that nobody has released, which the status may not tell any more.
#[derive(Serialize)]
struct DoubtView {
    status: String,
    released_by: String,
}

#[derive(Serialize)]
struct RecallView {
    issuer: String,
    class: &'static str,
    depth: &'static str,
    number: u32,
    respond_by: i64,
}

impl PlaceView {
    /// What is recorded at a place now.
    ///
    /// # Errors
    /// `wrong_account`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, goods: &Goods, of: Subtree) -> Result<Self> {
        let node = goods.node(cluster, of)?;
        let custody = node.and_then(|node| node.custody().ok()).flatten();
        let recalls = match &node {
            Some(node) => goods.recalls(cluster, of, node)?,
            None => Vec::new(),
        };
        Ok(Self {
            address: Node::address(&goods.address, of).to_string(),
            batch: goods.address.to_string(),
            place: PlaceName(of).to_string(),
            custodian: custody.map(|custody| custody.custodian.to_string()),
            owner: custody.map(|custody| custody.owner.to_string()),
            status: custody.map(|custody| status(custody.status)),
            since: custody.map(|custody| custody.at),
            doubt: node.and_then(|node| {
                let doubt = node.doubt().ok().flatten()?;
                Some(DoubtView {
                    status: status(doubt.status),
                    released_by: node.set_aside_by.to_string(),
                })
            }),
            recalls: recalls
                .iter()
                .map(|(_, entry)| RecallView {
                    issuer: entry.issuer.to_string(),
                    class: recall_class(entry.class).map_or("unset", class_name),
                    depth: depth_name(recall_depth(entry.depth)),
                    number: entry.number,
                    respond_by: entry.respond_by,
                })
                .collect(),
        })
    }
}

impl fmt::Display for PlaceView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let none = || "not recorded here".to_owned();
        facts(
            f,
            &[
                ("Place", format!("{} of {}", self.place, self.batch)),
                ("Record", self.address.clone()),
                ("Custodian", self.custodian.clone().unwrap_or_else(none)),
                ("Owner", self.owner.clone().unwrap_or_else(none)),
                (
                    "Status",
                    match (&self.status, self.since) {
                        (Some(status), Some(since)) => {
                            format!("{} since {}", status.replace('_', " "), moment(since))
                        }
                        _ => none(),
                    },
                ),
            ],
        )?;
        if let Some(doubt) = &self.doubt {
            write!(
                f,
                "\nIn doubt ({}), and what was set apart of it: released by {} or a regulator",
                doubt.status, doubt.released_by
            )?;
        }
        for recall in &self.recalls {
            write!(
                f,
                "\nRecalled by {}, class {}, depth {}, number {}, to be acknowledged by {}",
                recall.issuer,
                recall.class,
                recall.depth,
                recall.number,
                moment(recall.respond_by)
            )?;
        }
        Ok(())
    }
}

/// A status in lower case, words joined by `_`.
pub fn status(status: Status) -> String {
    let mut text = String::new();
    for letter in format!("{status:?}").chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Whose recall it is, as it is written.
pub const fn slot_name(slot: RecallSlot) -> &'static str {
    match slot {
        RecallSlot::Manufacturer => "manufacturer",
        RecallSlot::Regulator => "regulator",
    }
}

/// A recall's class as it is written.
pub fn class_name(class: RecallClass) -> &'static str {
    match class {
        RecallClass::One => "1",
        RecallClass::Two => "2",
        RecallClass::Three => "3",
        RecallClass::Unset => "unset",
    }
}

/// A recall's class in a sentence.
pub fn class_word(class: RecallClass) -> &'static str {
    match class {
        RecallClass::One => "I",
        RecallClass::Two => "II",
        RecallClass::Three => "III",
        RecallClass::Unset => "not set yet (treated as I)",
    }
}

/// How far a recall reaches, as it is written.
pub fn depth_name(depth: RecallDepth) -> &'static str {
    match depth {
        RecallDepth::Wholesaler => "wholesaler",
        RecallDepth::Retailer => "retailer",
        RecallDepth::Consumer => "consumer",
    }
}

/// How far a recall reaches, in a sentence.
pub fn depth_word(depth: RecallDepth) -> &'static str {
    match depth {
        RecallDepth::Wholesaler => "down to wholesalers",
        RecallDepth::Retailer => "down to pharmacies and hospitals",
        RecallDepth::Consumer => "down to patients, who are to be called",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        for text in ["batch", "pallet:3", "case:194", "pack:12417"] {
            assert_eq!(
                text.parse::<PlaceName>().map(|place| place.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "case",
            "case:",
            "case:-1",
            "case:x",
            "batch:0",
            "box:1",
            "pallet:1:2",
        ] {
            assert!(text.parse::<PlaceName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_status_is_written_in_words() {
        assert_eq!(status(Status::InTransit), "in_transit");
        assert_eq!(status(Status::Received), "received");
    }
}
