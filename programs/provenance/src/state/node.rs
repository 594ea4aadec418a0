//! Nodes: who has what is at a place of the tree, what has become of it, and its recalls.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{
    after_release, mark, may_lift, next, Action, Doubt, Holding, Raised, Recall, RecallBy, Record,
    Restated, Status, ANYBODY,
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
    /// The organisation that has the say over the doubt about it; the default key where there is none.
    pub set_aside_by: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// Recalls: the manufacturer's, and the gravest of regulators'.
    pub recalls: [RecallEntry; 2],
    /// From 0.
    pub index: u64,
    /// Unix second of the last change of status; of what was released, that of the doubt; of what is kept for a claim, filled from or
    /// recalled by itself, that of what it lay in: since then it is where it is.
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
    /// Unix seconds, up to 2106-02-07, at which the doubt was raised: first, and again with somebody else.
    pub doubt_at: [u32; 2],
    /// With whom the goods were then: the first eight bytes of the custodian's key; all 255 where it reaches whoever has them; four of
    /// 255 and a Unix second where it reaches what was recorded since; zeros where it was not raised.
    pub doubt_with: [[u8; 8]; 2],
    /// The doubt that nobody has released, by its status's number: 5, 6 or 7; 0 = none. It outlives what the status says.
    pub doubt: u8,
    /// For later versions.
    pub reserved: [u8; 1],
    /// Whether what is set aside here was returned, and not verified before: it is returned still when it is released.
    pub was_returned: u8,
    /// Recalls of other regulators, in the place's [`RecallList`].
    pub more_recalls: u8,
}

const _: () = assert!(
    std::mem::size_of::<Node>()
        == 160 + 2 * RecallEntry::SIZE + 24 + 4 + (2 * 4 + 2 * 8 + 1) + 1 + 2
);

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
    /// Unix second of the last change; of what is in doubt with what it lies in, that at which the doubt was raised.
    pub at: i64,
    /// Whether it was returned before it was set aside.
    pub was_returned: bool,
}

/// How far a doubt reaches among the parts that are on record apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What is with whoever has the place.
    Custodian,
    /// That, and what was recorded since a Unix second, with whomever.
    LeftSince(i64),
    /// Whatever is apart, wherever it is.
    Everywhere,
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
            was_returned: self.was_returned != 0,
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

    /// As the rulebook has it.
    ///
    /// # Errors
    /// `InvariantBroken` for a status or a doubt that was never written.
    pub fn as_rule(&self) -> Result<Record> {
        Ok(Record {
            holding: self.custody()?.as_ref().map(Custody::as_rule),
            doubt: self.doubt()?,
            recall: self.recall(),
        })
    }

    /// The gravest recall in force here.
    pub fn recall(&self) -> Option<Recall> {
        self.recalls
            .iter()
            .filter_map(RecallEntry::as_rule)
            .reduce(Recall::graver)
    }

    /// The doubt about what is at the place that nobody has released.
    ///
    /// # Errors
    /// `InvariantBroken` for a doubt that was never written.
    pub fn doubt(&self) -> Result<Option<Doubt>> {
        if self.doubt == 0 {
            // A record of a time at which doubts were not kept.
            let status = self.status()?.filter(|status| status.is_set_aside());
            return Ok(
                status.map(|status| Doubt::new(status, &self.custodian.to_bytes(), self.status_at))
            );
        }
        let status = STATUSES
            .get(usize::from(self.doubt))
            .copied()
            .filter(|status| status.is_set_aside())
            .ok_or(ProvenanceError::InvariantBroken)?;
        let ([first, second], [at, again]) = (self.doubt_with, self.doubt_at);
        Ok(Some(Doubt {
            status,
            raised: [
                Raised { with: first, at },
                Raised {
                    with: second,
                    at: again,
                },
            ],
        }))
    }

    /// Whether no doubt is recorded here: asked of every record of every path, so it looks at two bytes and no more. Of a status that was
    /// never written nobody knows.
    fn is_beyond_doubt(&self) -> bool {
        let is_written = usize::from(self.status) < STATUSES.len();
        self.doubt == 0 && is_written && !SET_ASIDE.contains(&self.status)
    }

    /// Whether a doubt stays that the status does not tell any more.
    pub fn is_doubt_left(&self) -> bool {
        self.doubt != 0 && !SET_ASIDE.contains(&self.status)
    }

    fn keep_doubt(&mut self, doubt: &Doubt) {
        let [first, second] = doubt.raised;
        self.doubt = stored(doubt.status);
        self.doubt_with = [first.with, second.with];
        self.doubt_at = [first.at, second.at];
    }

    /// Releases the doubt that stayed when what is at the place was destroyed, stolen or taken out.
    pub fn release_doubt(&mut self) {
        self.doubt = 0;
        self.doubt_with = [[0; 8]; 2];
        self.doubt_at = [0; 2];
        self.set_aside_by = Pubkey::default();
    }

    /// Raises the doubt about what is set aside here once more: new findings reach what has been released by itself since.
    ///
    /// # Errors
    /// `InvariantBroken` for a doubt that was never written.
    pub fn raise_doubt(&mut self, reach: Reach, now: i64) -> Result<()> {
        if let Some(mut doubt) = self.doubt()? {
            let with = mark(&self.custodian.to_bytes());
            match reach {
                Reach::Custodian => doubt.raise(with, now),
                Reach::LeftSince(second) => doubt.raise_since(with, second, now),
                Reach::Everywhere => doubt.raise(ANYBODY, now),
            }
            self.keep_doubt(&doubt);
        }
        Ok(())
    }

    /// Raises the doubt about what is set aside here with whoever has it now, unless it was before.
    ///
    /// # Errors
    /// `InvariantBroken` for a doubt that was never written.
    pub fn raise_doubt_here(&mut self, reach: Reach, now: i64) -> Result<()> {
        let with = mark(&self.custodian.to_bytes());
        match self.doubt()? {
            Some(doubt) if !doubt.is_raised_with(with) => self.raise_doubt(reach, now),
            _ => Ok(()),
        }
    }

    /// Records custody here, whatever it was above. A pack of which units were taken never becomes a whole one again: where it
    /// would be received, released after a doubt or accepted back, it is partially dispensed. A doubt stays until what is set aside is
    /// received, whatever becomes of it and with whomever it is.
    ///
    /// # Errors
    /// `InvariantBroken` for a doubt that was never written.
    pub fn hold(&mut self, custody: &Custody, now: i64) -> Result<()> {
        let before = self.doubt()?;
        let was_set_aside = self.status()?.is_some_and(Status::is_set_aside);
        self.is_held = 1;
        self.custodian = custody.custodian;
        self.owner = custody.owner;
        self.was_returned = u8::from(custody.was_returned && custody.is_set_aside());
        self.status = stored(match custody.status {
            Status::Received if self.units_taken > 0 => Status::PartiallyDispensed,
            status => status,
        });
        match (before, custody.status) {
            (doubt, status) if status.is_set_aside() => {
                let doubt = doubt.map_or_else(
                    // What takes along the doubt about what it lies in raises none anew.
                    || Doubt::new(status, &custody.custodian.to_bytes(), custody.at),
                    |doubt| Doubt { status, ..doubt },
                );
                self.keep_doubt(&doubt);
                self.set_aside_by = custody.set_aside_by;
                self.status_at = now;
            }
            // Who had the say keeps it.
            (Some(doubt), status) if status.is_final() => {
                self.keep_doubt(&doubt);
                self.status_at = now;
            }
            _ => {
                self.release_doubt();
                // A doubt of its own that is released says nothing of one above it that came meanwhile.
                if !was_set_aside {
                    self.status_at = now;
                }
            }
        }
        Ok(())
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
        // One custodian at a time, and always one where custody is recorded; who has the say over a doubt is named as long as there
        // is one.
        let doubt = self.doubt()?;
        let held = match self.custody()? {
            None => self.custodian == Pubkey::default() && doubt.is_none(),
            Some(custody) => {
                custody.custodian != Pubkey::default()
                    && custody.owner != Pubkey::default()
                    && match doubt {
                        None => !custody.is_set_aside(),
                        Some(doubt) => custody.status == doubt.status || custody.status.is_final(),
                    }
            }
        };
        let held = held && doubt.is_some() == (self.set_aside_by != Pubkey::default());
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

    /// Whether it was returned and nobody has verified it since, set aside or not.
    fn is_unverified_return(&self) -> bool {
        self.status == Status::Returned || (self.was_returned && self.is_set_aside())
    }

    /// Sent back while it is set aside: released, it is to be verified all the same.
    pub fn returned(self) -> Self {
        Self {
            was_returned: self.is_set_aside(),
            ..self
        }
    }

    /// As the rulebook has it.
    pub fn as_rule(&self) -> Holding {
        Holding {
            custodian: self.custodian.to_bytes(),
            status: self.status,
            at: self.at,
        }
    }

    /// Lets a doubt about the place of `above`, which it lies below, reach it. Whose it is stays.
    ///
    /// # Errors
    /// `InvariantBroken` for a doubt that was never written.
    #[inline(always)]
    pub fn lie_below(&mut self, above: &Node) -> Result<()> {
        // In place: each copy of a custody is 60 units, and of four records most have no doubt.
        if above.is_beyond_doubt() {
            return Ok(());
        }
        self.be_doubted(above)
    }

    fn be_doubted(&mut self, above: &Node) -> Result<()> {
        if let Some(doubt) = above.doubt()? {
            if let Some(at) = doubt.reached_at(&self.as_rule()) {
                self.was_returned = self.is_unverified_return();
                self.status = doubt.status;
                self.set_aside_by = above.set_aside_by;
                self.at = at;
            }
        }
        Ok(())
    }

    /// The time of the record that releases it by itself: just after the doubt that is released, so that it hides no other one that
    /// came since.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn released_at(&self) -> Result<i64> {
        self.at
            .checked_add(1)
            .ok_or_else(|| ProvenanceError::InvariantBroken.into())
    }

    /// After an action of `by`.
    ///
    /// # Errors
    /// `StatusFinal`, `StatusOutOfOrder`.
    pub fn after(self, action: Action, by: Pubkey) -> Result<Self> {
        let was_returned = self.is_unverified_return();
        let status = match (action, next(self.status, action).map_err(convert::refusal)?) {
            (Action::Release, _) => after_release(was_returned),
            (_, status) => status,
        };
        let mut after = Self { status, ..self };
        after.was_returned = was_returned && after.is_set_aside();
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

/// The numbers of the statuses that are doubts.
const SET_ASIDE: std::ops::RangeInclusive<u8> = 5..=7;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_doubts_are_those_of_what_is_set_aside() {
        for status in STATUSES {
            assert_eq!(
                SET_ASIDE.contains(&stored(status)),
                status.is_set_aside(),
                "{status:?}"
            );
        }
    }
}
