//! Dispenses: who gave a pack out, and when; and packs kept for a claim.

use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{Dispensed, UNDO_DAYS};

use crate::address::Seed;
use crate::constants::ACCOUNT_VERSION;
use crate::convert;
use crate::error::ProvenanceError;

/// That a pack, or all of a case or pallet, was dispensed, or last filled from: kept until it can no longer be undone. Of a pack the bit in its
/// page stays after that; of a case or pallet the status of its place.
///
/// At `create_with_seed(batch, "d" ‖ level (0 to 3) ‖ index in ten hexadecimal digits, program)`.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Dispense {
    /// The batch.
    pub batch: Pubkey,
    /// The pharmacy's organisation account: the premises.
    pub pharmacy: Pubkey,
    /// The staff key that signed.
    pub operator: Pubkey,
    /// The claim that it is for; the default key where it is for none.
    pub claim: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// From 0.
    pub index: u64,
    /// Unix second.
    pub at: i64,
    /// Last Unix second at which it is kept for the claim; 0 once it is dispensed.
    pub reserved_until: i64,
    /// 0 pack, 1 case, 2 pallet.
    pub level: u8,
    /// The kind's number.
    pub kind: u8,
    /// Whether it has left the pharmacy with somebody.
    pub is_handed_out: u8,
    /// Layout of this account.
    pub version: u8,
    /// Base units of the last fill; 0 = all that was in it.
    pub units: u32,
    /// For later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(std::mem::size_of::<Dispense>() == 160 + 24 + 8 + 32);

/// What a record says.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispenseKind {
    /// It was dispensed.
    Dispensed,
    /// It is kept for a claim.
    Reserved,
}

/// What is dispensed, for whom, by whom.
pub struct Dispensing {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Subtree,
    /// The pharmacy's organisation account.
    pub pharmacy: Pubkey,
    /// The staff key.
    pub operator: Pubkey,
    /// The claim; the default key where there is none.
    pub claim: Pubkey,
    /// Who pays the rent.
    pub payer: Pubkey,
}

impl Dispense {
    /// What seeds of dispenses begin with.
    pub const TAG: u8 = b'd';
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of the dispense of a place.
    pub fn seed(place: Subtree) -> Seed {
        Seed::at(Self::TAG, place)
    }

    /// Address of the dispense of a place of `batch`.
    pub fn address(batch: &Pubkey, place: Subtree) -> Pubkey {
        Self::seed(place).address(batch)
    }

    /// Begins a record in an account of zeros.
    pub fn begin(&mut self, dispensing: &Dispensing, is_handed_out: bool, now: i64) {
        self.batch = dispensing.batch;
        self.pharmacy = dispensing.pharmacy;
        self.operator = dispensing.operator;
        self.claim = dispensing.claim;
        self.payer = dispensing.payer;
        self.level = convert::level_number(dispensing.place.level);
        self.index = dispensing.place.index;
        self.at = now;
        self.is_handed_out = u8::from(is_handed_out);
        self.version = ACCOUNT_VERSION;
    }

    /// Keeps a pack for the claim until `until`.
    pub fn reserve(&mut self, until: i64) {
        self.kind = RESERVED;
        self.reserved_until = until;
    }

    /// What it says.
    pub fn kind(&self) -> DispenseKind {
        if self.kind == RESERVED {
            DispenseKind::Reserved
        } else {
            DispenseKind::Dispensed
        }
    }

    /// Whether it still keeps the pack for a claim.
    pub fn is_reservation_in_force(&self, now: i64) -> bool {
        self.kind == RESERVED && now <= self.reserved_until
    }

    /// Checks that it keeps the pack now.
    ///
    /// # Errors
    /// `AlreadyDispensed`, `ReservationLapsed`.
    pub fn require_in_force(&self, now: i64) -> Result<()> {
        require!(self.kind == RESERVED, ProvenanceError::AlreadyDispensed);
        require!(
            self.is_reservation_in_force(now),
            ProvenanceError::ReservationLapsed
        );
        Ok(())
    }

    /// Turns the reservation into a dispense.
    ///
    /// # Errors
    /// `ReservedForOther` where it is for another claim or at another pharmacy.
    pub fn fulfil(&mut self, dispensing: &Dispensing, is_handed_out: bool, now: i64) -> Result<()> {
        require!(
            self.claim == dispensing.claim && self.pharmacy == dispensing.pharmacy,
            ProvenanceError::ReservedForOther
        );
        self.kind = DISPENSED;
        self.reserved_until = 0;
        self.operator = dispensing.operator;
        self.at = now;
        self.is_handed_out = u8::from(is_handed_out);
        Ok(())
    }

    /// A dispense in place of a reservation that has lapsed. Who paid the rent stays.
    pub fn overwrite(&mut self, dispensing: &Dispensing, is_handed_out: bool, now: i64) {
        let payer = self.payer;
        self.begin(dispensing, is_handed_out, now);
        self.payer = payer;
        self.kind = DISPENSED;
        self.reserved_until = 0;
    }

    /// A fill, in place of a reservation or the fill before it. Who paid the rent stays.
    pub fn fill(&mut self, dispensing: &Dispensing, units: u32, is_new: bool, now: i64) {
        if is_new {
            self.begin(dispensing, false, now);
        } else {
            self.overwrite(dispensing, false, now);
        }
        self.units = units;
    }

    /// Whether it is of this place.
    pub fn is_at(&self, batch: &Pubkey, place: Subtree) -> bool {
        self.batch == *batch
            && self.level == convert::level_number(place.level)
            && self.index == place.index
    }

    /// As the rulebook has it.
    ///
    /// # Errors
    /// `NotDispensed`, `DateInvalid`.
    pub fn as_rule(&self) -> Result<Dispensed> {
        require!(self.kind == DISPENSED, ProvenanceError::NotDispensed);
        Ok(Dispensed {
            premises: self.pharmacy.to_bytes(),
            on: convert::day_of(self.at)?,
            is_handed_out: self.is_handed_out != 0,
        })
    }

    /// Notes that it has left the pharmacy with somebody.
    ///
    /// # Errors
    /// `NotDispensed`, `AlreadyHandedOut`.
    pub fn hand_out(&mut self) -> Result<()> {
        require!(self.kind == DISPENSED, ProvenanceError::NotDispensed);
        require!(self.is_handed_out == 0, ProvenanceError::AlreadyHandedOut);
        self.is_handed_out = 1;
        Ok(())
    }

    /// Refuses to close a dispense that may still be undone, or a reservation that is in force.
    ///
    /// # Errors
    /// `StillUndoable`, `StillReserved`.
    pub fn require_over(&self, now: i64) -> Result<()> {
        if self.kind == RESERVED {
            require!(now > self.reserved_until, ProvenanceError::StillReserved);
            return Ok(());
        }
        let days = convert::day_of(now)?.days_since(convert::day_of(self.at)?);
        require!(days > UNDO_DAYS, ProvenanceError::StillUndoable);
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let reserved = self.kind == RESERVED;
        require!(
            self.pharmacy != Pubkey::default()
                && self.kind <= RESERVED
                && reserved == (self.reserved_until != 0)
                && !(reserved && self.is_handed_out != 0),
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}

const DISPENSED: u8 = 0;
const RESERVED: u8 = 1;
