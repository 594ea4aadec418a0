//! Nodes: who has what is at a place of the tree, what has become of it, and its recalls.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{
    may_lift, next, Action, Holding, Recall, RecallBy, Restated, Status,
};

use crate::address::Seed;
use crate::constants::{ACCOUNT_VERSION, MAX_RESPONSE_SECONDS};
use crate::convert::{self, ClassArg, DepthArg};
use crate::error::ProvenanceError;
use crate::state::{Batch, RecallList};

/// The record of a place. Absent, nothing is recorded at the place and those above it decide. The batch's own place always
/// has one.
///
/// At `create_with_seed(batch, "n" ‖ level (0 to 3) ‖ index in ten hexadecimal digits, program)`.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Node {
    /// The batch.
    pub batch: Pubkey,
    /// The organisation that has it; the default key where custody is not recorded here.
    pub custodian: Pubkey,
    /// The organisation that owns it: not always who has it.
    pub owner: Pubkey,
    /// The organisation that set it aside; the default key where it is not.
    pub set_aside_by: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// Recalls: the manufacturer's, and the gravest of regulators'.
    pub recalls: [RecallEntry; 2],
    /// From 0.
    pub index: u64,
    /// Unix second of the last change of status.
    pub status_at: i64,
    /// Recalls issued here since the beginning.
    pub recall_count: u32,
    /// Base units taken out of an opened pack.
    pub units_taken: u32,
    /// 0 pack, 1 case, 2 pallet, 3 batch.
    pub level: u8,
    /// The status's number; meaningless where custody is not recorded here.
    pub status: u8,
    /// Whether custody is recorded here.
    pub is_held: u8,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 27],
    /// Recalls of other regulators, in the place's [`RecallList`].
    pub more_recalls: u8,
}

const _: () = assert!(std::mem::size_of::<Node>() == 160 + 2 * RecallEntry::SIZE + 24 + 4 + 27 + 1);

/// A recall: 88 bytes of a place's record.
#[derive(
    AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
#[repr(C)]
pub struct RecallEntry {
    /// The organisation that issued it.
    pub issuer: Pubkey,
    /// SHA-256 of the notice.
    pub notice: [u8; 32],
    /// Unix second.
    pub issued_at: i64,
    /// Last Unix second at which an acknowledgement is in time.
    pub respond_by: i64,
    /// Number of the recall at this place, from 1.
    pub number: u32,
    /// 1 to 3, 4 = not set yet; 0 = none in force.
    pub class: u8,
    /// 0 wholesaler, 1 retailer, 2 consumer.
    pub depth: u8,
    /// Zeros.
    pub padding: [u8; 2],
}

impl RecallEntry {
    /// Its size in bytes.
    pub const SIZE: usize = std::mem::size_of::<Self>();

    /// Whether it is in force.
    pub fn is_in_force(&self) -> bool {
        self.class != 0
    }

    /// As the rulebook has it; none where it is not in force.
    pub fn as_rule(&self) -> Option<Recall> {
        convert::recall_class(self.class).map(|class| Recall {
            class,
            depth: convert::recall_depth(self.depth),
            issuer: self.issuer.to_bytes(),
        })
    }

    /// What becomes of it, in force, where its issuer says `terms`.
    ///
    /// # Errors
    /// `RecallInForce`, `NotRecalled`.
    fn restated(&self, slot: RecallSlot, terms: &RecallTerms) -> Result<Restated> {
        let said = Self {
            class: terms.class.number(),
            depth: terms.depth.number(),
            ..*self
        };
        let (before, after) = self
            .as_rule()
            .zip(said.as_rule())
            .ok_or(ProvenanceError::NotRecalled)?;
        before
            .restated(after, self.notice == terms.notice, slot.as_rule())
            .ok_or_else(|| ProvenanceError::RecallInForce.into())
    }
}

/// Whose recall it is: a place's record has room for one of each.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecallSlot {
    /// The manufacturer's.
    Manufacturer,
    /// A regulator's: the gravest of theirs, where several recall the place.
    Regulator,
}

impl RecallSlot {
    /// As the rulebook has it.
    pub const fn as_rule(self) -> RecallBy {
        match self {
            Self::Manufacturer => RecallBy::Manufacturer,
            Self::Regulator => RecallBy::Regulator,
        }
    }

    /// Its place in `recalls`.
    pub const fn place(self) -> usize {
        match self {
            Self::Manufacturer => 0,
            Self::Regulator => 1,
        }
    }
}

/// Who has something, and what has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Custody {
    /// The organisation that has it.
    pub custodian: Pubkey,
    /// The organisation that owns it.
    pub owner: Pubkey,
    /// The organisation that set it aside; the default key where it is not.
    pub set_aside_by: Pubkey,
    /// What has become of it.
    pub status: Status,
    /// Unix second of the last change.
    pub at: i64,
}

impl Node {
    /// What seeds of places' records begin with.
    pub const TAG: u8 = b'n';
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of a place's record.
    pub fn seed(place: Subtree) -> Seed {
        Seed::at(Self::TAG, place)
    }

    /// Address of the record of a place of `batch`.
    pub fn address(batch: &Pubkey, place: Subtree) -> Pubkey {
        Self::seed(place).address(batch)
    }

    /// Begins the record of a place in an account of zeros.
    pub fn begin(&mut self, batch: Pubkey, place: Subtree, payer: Pubkey) {
        self.batch = batch;
        self.level = convert::level_number(place.level);
        self.index = place.index;
        self.payer = payer;
        self.version = ACCOUNT_VERSION;
    }

    /// Whether it is the record of this place.
    pub fn is_at(&self, batch: &Pubkey, place: Subtree) -> bool {
        self.batch == *batch
            && self.level == convert::level_number(place.level)
            && self.index == place.index
    }

    /// Who has what is at the place; none where that is not recorded here.
    ///
    /// # Errors
    /// `InvariantBroken` for a status that was never written.
    pub fn custody(&self) -> Result<Option<Custody>> {
        Ok(self.status()?.map(|status| Custody {
            custodian: self.custodian,
            owner: self.owner,
            set_aside_by: self.set_aside_by,
            status,
            at: self.status_at,
        }))
    }

    /// What has become of what is at the place; none where custody is not recorded here.
    ///
    /// # Errors
    /// `InvariantBroken` for a status that was never written.
    pub fn status(&self) -> Result<Option<Status>> {
        if self.is_held == 0 {
            return Ok(None);
        }
        let status = STATUSES
            .get(usize::from(self.status))
            .copied()
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(Some(status))
    }

    /// The gravest recall in force here.
    pub fn recall(&self) -> Option<Recall> {
        self.recalls
            .iter()
            .filter_map(RecallEntry::as_rule)
            .reduce(Recall::graver)
    }

    /// Records custody here, whatever it was above. A pack of which units were taken never becomes a whole one again: where it
    /// would be received, released after a doubt or accepted back, it is partially dispensed.
    pub fn hold(&mut self, custody: &Custody, now: i64) {
        self.is_held = 1;
        self.custodian = custody.custodian;
        self.owner = custody.owner;
        self.set_aside_by = custody.set_aside_by;
        self.status = stored(match custody.status {
            Status::Received if self.units_taken > 0 => Status::PartiallyDispensed,
            status => status,
        });
        self.status_at = now;
    }

    /// Packs that there can be at the place: as many as it has room for, and no more than the batch has.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn most_packs(&self, batch: &Batch) -> Result<u64> {
        let level = convert::level_of(self.level).ok_or(ProvenanceError::InvariantBroken)?;
        let room = 1_u64
            .checked_shl(u32::from(batch.layout()?.height(level)))
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(room.min(batch.quantity))
    }

    /// The recall in a slot.
    pub fn recall_in(&self, slot: RecallSlot) -> RecallEntry {
        self.recalls.get(slot.place()).copied().unwrap_or_default()
    }

    /// Whether a recall of `issuer`, issued or lifted, concerns the list of further ones: where another regulator's is in force.
    pub fn needs_list(&self, slot: RecallSlot, issuer: &Pubkey) -> bool {
        let entry = self.recall_in(slot);
        slot == RecallSlot::Regulator
            && (self.more_recalls > 0 || (entry.is_in_force() && entry.issuer != *issuer))
    }

    /// Issues a recall, or says more of one that the same organisation has issued: of the same notice and depth it keeps its number,
    /// its time and its deadline, so that who has acknowledged it has done so, and who is late stays late. One that says more by another
    /// notice or depth is another recall, which takes the place of the one before.
    ///
    /// # Errors
    /// `ResponseTimeInvalid`, `RecallInForce`, `TooManyRecalls`, `RecordMissing` without the list where it is needed, `InvariantBroken`.
    pub fn issue_recall(
        &mut self,
        slot: RecallSlot,
        issuer: Pubkey,
        terms: &RecallTerms,
        list: Option<&mut RecallList>,
        now: i64,
    ) -> Result<RecallEntry> {
        require!(
            (1..=MAX_RESPONSE_SECONDS).contains(&terms.respond_within),
            ProvenanceError::ResponseTimeInvalid
        );
        let mut recalls = self.in_force(slot, list.as_deref())?;
        let own = recalls.iter_mut().find(|entry| entry.issuer == issuer);
        let restated = match &own {
            None => Restated::Wider,
            Some(entry) => entry.restated(slot, terms)?,
        };
        let new = RecallEntry {
            issuer,
            notice: terms.notice,
            issued_at: now,
            respond_by: now
                .checked_add(terms.respond_within)
                .ok_or(ProvenanceError::ResponseTimeInvalid)?,
            number: self
                .recall_count
                .checked_add(1)
                .ok_or(ProvenanceError::InvariantBroken)?,
            class: terms.class.number(),
            depth: terms.depth.number(),
            padding: [0; 2],
        };
        let issued = match (restated, &own) {
            (Restated::Same, Some(entry)) => RecallEntry {
                class: new.class,
                ..**entry
            },
            _ => {
                self.recall_count = new.number;
                new
            }
        };
        match own {
            Some(entry) => *entry = issued,
            None => recalls.push(issued),
        }
        self.keep_recalls(slot, recalls, list)?;
        Ok(issued)
    }

    /// Lifts a recall. Returns it as it was.
    ///
    /// # Errors
    /// `NotRecalled`, `RecallOfOther`, `RecordMissing` without the list where it is needed.
    pub fn lift_recall(
        &mut self,
        slot: RecallSlot,
        by: &Pubkey,
        list: Option<&mut RecallList>,
    ) -> Result<RecallEntry> {
        let mut recalls = self.in_force(slot, list.as_deref())?;
        require!(!recalls.is_empty(), ProvenanceError::NotRecalled);
        let own = recalls
            .iter()
            .position(|entry| {
                entry
                    .as_rule()
                    .is_some_and(|recall| may_lift(&recall, &by.to_bytes()))
            })
            .ok_or(ProvenanceError::RecallOfOther)?;
        let lifted = recalls.remove(own);
        self.keep_recalls(slot, recalls, list)?;
        Ok(lifted)
    }

    /// The recalls in force of manufacturer or regulators, the gravest first.
    ///
    /// # Errors
    /// `RecordMissing`, `InvariantBroken` where the list has not got those that were counted.
    fn in_force(&self, slot: RecallSlot, list: Option<&RecallList>) -> Result<Vec<RecallEntry>> {
        let mut recalls = Vec::new();
        recalls.extend(Some(self.recall_in(slot)).filter(RecallEntry::is_in_force));
        if slot == RecallSlot::Regulator && self.more_recalls > 0 {
            let list = list.ok_or(ProvenanceError::RecordMissing)?;
            let before = recalls.len();
            recalls.extend(list.in_force());
            require!(
                recalls.len().checked_sub(before) == Some(usize::from(self.more_recalls)),
                ProvenanceError::InvariantBroken
            );
        }
        Ok(recalls)
    }

    /// Keeps the gravest of these here, which is all that a check looks at, and the others in the list.
    fn keep_recalls(
        &mut self,
        slot: RecallSlot,
        mut recalls: Vec<RecallEntry>,
        list: Option<&mut RecallList>,
    ) -> Result<()> {
        let gravest = recalls
            .iter()
            .filter_map(RecallEntry::as_rule)
            .reduce(Recall::graver);
        let place = recalls
            .iter()
            .position(|entry| gravest.is_some() && entry.as_rule() == gravest);
        let gravest = place.map(|place| recalls.remove(place));
        let entry = self
            .recalls
            .get_mut(slot.place())
            .ok_or(ProvenanceError::InvariantBroken)?;
        match gravest {
            Some(gravest) => *entry = gravest,
            // What was last in force stays to be read.
            None => entry.class = 0,
        }
        if slot == RecallSlot::Regulator {
            self.more_recalls =
                u8::try_from(recalls.len()).map_err(|_| ProvenanceError::TooManyRecalls)?;
            match list {
                Some(list) => list.keep(&recalls)?,
                None => require!(recalls.is_empty(), ProvenanceError::RecordMissing),
            }
        }
        Ok(())
    }

    /// Takes base units out of an opened pack.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn take_units(&mut self, units: u32) -> Result<()> {
        self.units_taken = self
            .units_taken
            .checked_add(units)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(())
    }

    /// Puts back what the last fill took. Returns what others have taken.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn put_back_units(&mut self, units: u32) -> Result<u32> {
        self.units_taken = self
            .units_taken
            .checked_sub(units)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(self.units_taken)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        // One custodian at a time, and always one where custody is recorded; who set aside is named as long as it is.
        let held = match self.custody()? {
            None => self.custodian == Pubkey::default() && self.set_aside_by == Pubkey::default(),
            Some(custody) => {
                custody.custodian != Pubkey::default()
                    && custody.owner != Pubkey::default()
                    && custody.is_set_aside() == (custody.set_aside_by != Pubkey::default())
            }
        };
        let recalled = self
            .recalls
            .iter()
            .all(|entry| !entry.is_in_force() || entry.issuer != Pubkey::default());
        // The gravest stands here, so there is none in the list without it.
        let counted = self.more_recalls == 0 || self.recall_in(RecallSlot::Regulator).is_in_force();
        require!(
            held && recalled && counted,
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}

/// What the issuer says of a recall.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecallTerms {
    /// How dangerous; unset until the regulator has said.
    pub class: ClassArg,
    /// How far down the chain.
    pub depth: DepthArg,
    /// SHA-256 of the notice.
    pub notice: [u8; 32],
    /// Seconds within which holders are to acknowledge it.
    pub respond_within: i64,
}

impl Custody {
    /// Whether it is set aside: released only by who did that, or a regulator.
    pub fn is_set_aside(&self) -> bool {
        self.status.is_set_aside()
    }

    /// As the rulebook has it.
    pub fn as_rule(&self) -> Holding {
        Holding {
            custodian: self.custodian.to_bytes(),
            status: self.status,
            at: self.at,
        }
    }

    /// What it comes to below the place of `above`: itself, but where a doubt about that reaches it. Whose it is stays.
    ///
    /// # Errors
    /// `InvariantBroken` for a status that was never written.
    pub fn below(self, above: &Node) -> Result<Self> {
        if !above.status()?.is_some_and(Status::is_set_aside) {
            return Ok(self);
        }
        Ok(match above.custody()? {
            Some(doubt) if self.as_rule().is_in_doubt_with(&doubt.as_rule()) => Self {
                owner: self.owner,
                ..doubt
            },
            _ => self,
        })
    }

    /// After an action of `by`.
    ///
    /// # Errors
    /// `StatusFinal`, `StatusOutOfOrder`.
    pub fn after(self, action: Action, by: Pubkey) -> Result<Self> {
        let status = next(self.status, action).map_err(convert::refusal)?;
        let mut after = Self { status, ..self };
        after.set_aside_by = match (after.is_set_aside(), self.is_set_aside()) {
            // Who set it aside first has the say, else a second quarantine by somebody else would undo the first.
            (true, true) => self.set_aside_by,
            (true, false) => by,
            (false, _) => Pubkey::default(),
        };
        Ok(after)
    }

    /// Set aside by `by`, who from now on has the say, whoever had it.
    pub fn set_aside_by(mut self, by: Pubkey) -> Self {
        if self.is_set_aside() {
            self.set_aside_by = by;
        }
        self
    }
}

/// The statuses in the order of the numbers under which they are stored, which never change.
const STATUSES: [Status; 14] = [
    Status::Commissioned,
    Status::Packed,
    Status::InTransit,
    Status::Received,
    Status::Returned,
    Status::Quarantined,
    Status::Suspect,
    Status::Illegitimate,
    Status::PartiallyDispensed,
    Status::Dispensed,
    Status::Destroyed,
    Status::Stolen,
    Status::Exported,
    Status::Decommissioned,
];

/// The number under which a status is stored: its place in [`STATUSES`].
pub fn stored(status: Status) -> u8 {
    STATUSES
        .iter()
        .position(|one| *one == status)
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(u8::MAX)
}
