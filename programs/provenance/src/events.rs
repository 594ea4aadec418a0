//! What happened, for whoever keeps books outside the ledger. Ids first.

use anchor_lang::prelude::*;

use crate::convert::{Place, StatusAction};
use crate::state::monitor::ReadingSums;
use crate::state::{CellArg, RecallEntry, RecallSlot, ScanPolicy};

/// A product was registered.
#[event]
pub struct ProductRegistered {
    /// The product.
    pub product: Pubkey,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// 14 digits.
    pub gtin: [u8; 14],
}

/// A product was given to another manufacturer.
#[event]
pub struct ProductTransferred {
    /// The product.
    pub product: Pubkey,
    /// The manufacturer that owned it.
    pub from: Pubkey,
    /// The manufacturer that owns it now.
    pub to: Pubkey,
    /// Whether governance decided, and not the owner.
    pub is_by_governance: bool,
    /// 14 digits.
    pub gtin: [u8; 14],
}

/// A batch was registered.
#[event]
pub struct BatchRegistered {
    /// The batch.
    pub batch: Pubkey,
    /// The product.
    pub product: Pubkey,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// ASCII, padded with zeros.
    pub lot: [u8; 20],
    /// Last day of use, in days since 1970-01-01.
    pub expiry: i32,
    /// Number of packs.
    pub quantity: u64,
    /// Root of the tree of packs.
    pub root: [u8; 32],
    /// SHA-256 of the leaf file.
    pub leaf_file: [u8; 32],
    /// SHA-256 of the address at which the leaf file is served.
    pub location: [u8; 32],
}

/// A page of a batch was opened.
#[event]
pub struct PageOpened {
    /// The page.
    pub page: Pubkey,
    /// The batch.
    pub batch: Pubkey,
    /// Its number.
    pub number: u64,
}

/// A page of a batch was closed.
#[event]
pub struct PageClosed {
    /// The page.
    pub page: Pubkey,
    /// The batch.
    pub batch: Pubkey,
    /// Its number.
    pub number: u64,
    /// Packs that were dispensed.
    pub dispensed: u64,
}

/// The record of a place was closed.
#[event]
pub struct NodeClosed {
    /// The batch.
    pub batch: Pubkey,
    /// 0 pack, 1 case, 2 pallet, 3 batch.
    pub level: u8,
    /// From 0.
    pub index: u64,
}

/// A pack was dispensed.
#[event]
pub struct PackDispensed {
    /// The batch.
    pub batch: Pubkey,
    /// The pack's place.
    pub index: u64,
    /// The pharmacy's organisation account.
    pub pharmacy: Pubkey,
    /// The staff key that signed.
    pub operator: Pubkey,
    /// The claim; the default key where there is none.
    pub claim: Pubkey,
    /// Whether it has left the pharmacy.
    pub is_handed_out: bool,
    /// Unix second.
    pub at: i64,
}

/// All of a case or a pallet was dispensed.
#[event]
pub struct SubtreeDispensed {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The pharmacy's organisation account.
    pub pharmacy: Pubkey,
    /// The staff key that signed.
    pub operator: Pubkey,
    /// The claim; the default key where there is none.
    pub claim: Pubkey,
    /// Whether it has left the pharmacy.
    pub is_handed_out: bool,
    /// Unix second.
    pub at: i64,
}

/// A pack is kept for a claim.
#[event]
pub struct PackReserved {
    /// The batch.
    pub batch: Pubkey,
    /// The pack's place.
    pub index: u64,
    /// The pharmacy's organisation account.
    pub pharmacy: Pubkey,
    /// The claim.
    pub claim: Pubkey,
    /// Last Unix second at which it is kept.
    pub until: i64,
}

/// Units were taken out of a pack.
#[event]
pub struct PackFilled {
    /// The batch.
    pub batch: Pubkey,
    /// The pack's place.
    pub index: u64,
    /// The pharmacy's organisation account.
    pub pharmacy: Pubkey,
    /// The staff key that signed.
    pub operator: Pubkey,
    /// The claim; the default key where there is none.
    pub claim: Pubkey,
    /// Base units that were taken.
    pub units: u32,
    /// Base units that are left.
    pub left: u32,
    /// Unix second.
    pub at: i64,
}

/// A dispense, or the last fill of a pack, was undone.
#[event]
pub struct DispenseUndone {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The pharmacy's organisation account.
    pub pharmacy: Pubkey,
    /// The claim; the default key where there is none.
    pub claim: Pubkey,
    /// Base units that were put back; 0 = all of it.
    pub units: u32,
}

/// The record of a dispense, or a lapsed reservation, was closed.
#[event]
pub struct DispenseClosed {
    /// The batch.
    pub batch: Pubkey,
    /// 0 pack, 1 case, 2 pallet, 3 batch.
    pub level: u8,
    /// From 0.
    pub index: u64,
}

/// What was dispensed has left the pharmacy.
#[event]
pub struct HandedOut {
    /// The batch.
    pub batch: Pubkey,
    /// 0 pack, 1 case, 2 pallet, 3 batch.
    pub level: u8,
    /// From 0.
    pub index: u64,
    /// The pharmacy's organisation account.
    pub pharmacy: Pubkey,
}

/// A hand-over was offered.
#[event]
pub struct ShipmentOffered {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The organisation that hands over.
    pub sender: Pubkey,
    /// The organisation that takes over.
    pub recipient: Pubkey,
    /// Whether ownership goes over too.
    pub is_sale: bool,
    /// Whether it is sent back by a customer.
    pub is_return: bool,
    /// SHA-256 of the documents.
    pub documents: [u8; 32],
    /// Last Unix second at which it can be accepted.
    pub accept_by: i64,
}

/// A hand-over was accepted.
#[event]
pub struct ShipmentAccepted {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The organisation that hands over.
    pub sender: Pubkey,
    /// The organisation that takes over.
    pub recipient: Pubkey,
    /// The organisation that owns it now.
    pub owner: Pubkey,
    /// Indexes, one level below, of what stays with the sender.
    pub refused: Vec<u64>,
}

/// A hand-over came to nothing.
#[event]
pub struct ShipmentEnded {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The organisation that hands over.
    pub sender: Pubkey,
    /// The organisation that takes over.
    pub recipient: Pubkey,
    /// Who ended it: the sender withdrew, the recipient rejected; the default key: it had lapsed.
    pub by: Pubkey,
}

/// What has become of something.
#[event]
pub struct StatusSet {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The organisation that acts.
    pub organization: Pubkey,
    /// What was done.
    pub action: StatusAction,
    /// The status's number before.
    pub old: u8,
    /// The status's number now.
    pub new: u8,
    /// SHA-256 of the document that says why.
    pub reason: [u8; 32],
}

/// A recall was issued, or said more of.
#[event]
pub struct RecallIssued {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// Whose it is.
    pub slot: RecallSlot,
    /// The recall.
    pub recall: RecallEntry,
}

/// A recall was lifted.
#[event]
pub struct RecallLifted {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// Whose it was.
    pub slot: RecallSlot,
    /// Who issued and lifted it.
    pub issuer: Pubkey,
    /// Its number at the place.
    pub number: u32,
    /// SHA-256 of the document that says why.
    pub reason: [u8; 32],
}

/// A holder acknowledged a recall.
#[event]
pub struct RecallAcknowledged {
    /// The record of the recalled place.
    pub node: Pubkey,
    /// The recall's number there.
    pub number: u32,
    /// The organisation that acts.
    pub organization: Pubkey,
    /// Packs that it has found with itself.
    pub packs: u64,
    /// Whether that was in time.
    pub is_in_time: bool,
}

/// A device watches over the temperature of something.
#[event]
pub struct DeviceRegistered {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The organisation that has it.
    pub organization: Pubkey,
    /// The key of the device.
    pub device: Pubkey,
    /// Unix second: a part of what the device signs.
    pub registered_at: i64,
}

/// The readings of something are outside its limits: for this reason since now, or it is set aside again for the reason that
/// was found before.
#[event]
pub struct ExcursionFound {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The organisation that has it.
    pub custodian: Pubkey,
    /// What the readings come to.
    pub sums: ReadingSums,
}

/// An excursion was assessed.
#[event]
pub struct ExcursionAssessed {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// The organisation that has assessed it.
    pub organization: Pubkey,
    /// Whether the goods are released; else they are condemned.
    pub is_released: bool,
    /// SHA-256 of the assessment.
    pub assessment: [u8; 32],
    /// What the readings had come to.
    pub sums: ReadingSums,
}

/// The watch over something has ended, or the record of one that had ended is closed.
#[event]
pub struct MonitoringEnded {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Place,
    /// What the readings came to.
    pub sums: ReadingSums,
}

/// How scans of a batch's packs are judged has been set.
#[event]
pub struct ScanPolicySet {
    /// The batch.
    pub batch: Pubkey,
    /// How, from now on.
    pub policy: ScanPolicy,
}

/// A pack was scanned.
#[event]
pub struct ScanReported {
    /// The batch.
    pub batch: Pubkey,
    /// The pack's place.
    pub index: u64,
    /// The partner that has reported it.
    pub organization: Pubkey,
    /// Where.
    pub cell: CellArg,
    /// Unix second.
    pub at: i64,
    /// Whether the pack can have come there in time, by what this and other organisations have reported before.
    pub is_plausible: bool,
    /// Whether it cannot by what another organisation has: a suspicion. An impossible journey by one's own reports is none.
    pub is_suspicion: bool,
    /// Suspicions so far.
    pub suspicions: u32,
    /// Whether it has become suspect.
    pub is_suspect: bool,
}

/// A batch was closed: its time is over. Its address stays taken.
#[event]
pub struct BatchClosed {
    /// The batch.
    pub batch: Pubkey,
    /// The product.
    pub product: Pubkey,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// ASCII, padded with zeros.
    pub lot: [u8; 20],
    /// Lamports that went back to who paid the rent.
    pub returned: u64,
}

/// A record that a closed batch had left was closed.
#[event]
pub struct OrphanClosed {
    /// The batch.
    pub batch: Pubkey,
    /// The record.
    pub record: Pubkey,
}

/// A bond was opened.
#[event]
pub struct BondOpened {
    /// The bond.
    pub bond: Pubkey,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// The mint that it pays in.
    pub mint: Pubkey,
    /// Number among the manufacturer's bonds in the mint.
    pub number: u16,
    /// The program whose claims it pays back.
    pub claims_program: Pubkey,
    /// What the mint's issuer can do, as bits.
    pub issuer_powers: u8,
}

/// Money was deposited in a bond.
#[event]
pub struct BondDeposited {
    /// The bond.
    pub bond: Pubkey,
    /// Whose money it was.
    pub funder: Pubkey,
    /// Cents.
    pub amount: u64,
    /// Cents that are there now.
    pub held: u64,
    /// Cents that it owes for recouped claims.
    pub owed: u64,
}

/// A bond covers a batch from now on, or covers more of it.
#[event]
pub struct BatchCovered {
    /// The batch.
    pub batch: Pubkey,
    /// The bond.
    pub bond: Pubkey,
    /// The most that it pays for a pack, in cents.
    pub cover: u64,
}

/// A withdrawal of a bond was announced.
#[event]
pub struct BondWithdrawalAnnounced {
    /// The bond.
    pub bond: Pubkey,
    /// The operator who signed.
    pub operator: Pubkey,
    /// Cents.
    pub amount: u64,
    /// The token account that they go to.
    pub destination: Pubkey,
    /// Unix second from which on.
    pub due_at: i64,
}

/// An announced withdrawal of a bond was cancelled.
#[event]
pub struct BondWithdrawalCancelled {
    /// The bond.
    pub bond: Pubkey,
    /// The operator who signed.
    pub operator: Pubkey,
    /// Cents that were announced.
    pub amount: u64,
}

/// A bond was withdrawn from.
#[event]
pub struct BondWithdrawn {
    /// The bond.
    pub bond: Pubkey,
    /// The operator who signed.
    pub operator: Pubkey,
    /// Cents.
    pub amount: u64,
    /// The token account that they went to.
    pub destination: Pubkey,
}

/// A bond has paid for a pack that was recalled, or owes it.
#[event]
pub struct PackRecouped {
    /// The batch.
    pub batch: Pubkey,
    /// The pack's place.
    pub index: u64,
    /// The claim that had paid for the pack.
    pub claim: Pubkey,
    /// The bond.
    pub bond: Pubkey,
    /// Cents that were paid just now.
    pub paid: u64,
    /// Cents that are still owed.
    pub lacking: u64,
}
