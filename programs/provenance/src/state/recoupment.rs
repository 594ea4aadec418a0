//! Recoupments: what a bond pays back of a pack that was recalled after it was paid for.

use anchor_lang::prelude::*;
use galen_rules::merkle::{Level, Subtree};

use crate::address::Seed;
use crate::constants::ACCOUNT_VERSION;
use crate::error::ProvenanceError;

/// What a bond owes and has paid of what a claim, and what stands in its place, paid for a pack: one for each pack, so that a pack costs its manufacturer no more
/// than its cover, whatever claims say. Amounts are cents.
///
/// At `create_with_seed(batch, "q" ‖ "0" ‖ index in ten hexadecimal digits, program)`.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Recoupment {
    /// The batch.
    pub batch: Pubkey,
    /// The bond.
    pub bond: Pubkey,
    /// The claim.
    pub claim: Pubkey,
    /// The token account that is paid: the one that the claim has named.
    pub payee: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// The pack's place.
    pub index: u64,
    /// Unix second at which it was first asked for.
    pub at: i64,
    /// What the bond owes in all.
    pub due: u64,
    /// What it has paid of that.
    pub recouped: u64,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 31],
}

const _: () = assert!(std::mem::size_of::<Recoupment>() == 160 + 32 + 32);

/// What is recouped, and from whom.
pub struct Recouping {
    /// The batch.
    pub batch: Pubkey,
    /// The bond.
    pub bond: Pubkey,
    /// The claim.
    pub claim: Pubkey,
    /// The token account to be paid.
    pub payee: Pubkey,
    /// Who pays the rent.
    pub payer: Pubkey,
    /// The pack's place.
    pub index: u64,
}

impl Recoupment {
    /// What seeds of recoupments begin with.
    pub const TAG: u8 = b'q';
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of the recoupment of a pack.
    pub fn seed(place: Subtree) -> Seed {
        Seed::at(Self::TAG, place)
    }

    /// Address of the recoupment of a pack of `batch`.
    pub fn address(batch: &Pubkey, place: Subtree) -> Pubkey {
        Self::seed(place).address(batch)
    }

    /// Begins the record of a pack in an account of zeros; what is owed is still to be said: [`Self::raise`].
    pub fn begin(&mut self, recouping: &Recouping, now: i64) {
        self.batch = recouping.batch;
        self.bond = recouping.bond;
        self.claim = recouping.claim;
        self.payee = recouping.payee;
        self.payer = recouping.payer;
        self.index = recouping.index;
        self.at = now;
        self.version = ACCOUNT_VERSION;
    }

    /// Whether it is of this place.
    pub fn is_at(&self, batch: &Pubkey, place: Subtree) -> bool {
        self.batch == *batch && place.level == Level::Pack && self.index == place.index
    }

    /// Says that the bond owes `due` cents in all from now on. What was paid of it stays. Returns how much more that is.
    ///
    /// # Errors
    /// `InvariantBroken`: what is owed never falls.
    pub fn raise(&mut self, due: u64) -> Result<u64> {
        let more = due
            .checked_sub(self.due)
            .ok_or(ProvenanceError::InvariantBroken)?;
        self.due = due;
        Ok(more)
    }

    /// Cents that are still owed.
    pub fn lacking(&self) -> u64 {
        self.due.saturating_sub(self.recouped)
    }

    /// Counts `cents` as paid.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn pay(&mut self, cents: u64) -> Result<()> {
        self.recouped = self
            .recouped
            .checked_add(cents)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.due > 0
                && self.recouped <= self.due
                && self.bond != Pubkey::default()
                && self.claim != Pubkey::default(),
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}
