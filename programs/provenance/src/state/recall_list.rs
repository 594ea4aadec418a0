//! Recalls of a place by more regulators than its record has room for.

use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;

use crate::address::Seed;
use crate::constants::ACCOUNT_VERSION;
use crate::convert;
use crate::error::ProvenanceError;
use crate::state::RecallEntry;

/// The regulators' recalls of a place but for the gravest, which stands in the place's record, so that no check needs more than that. The
/// record counts those that are here: none can be left out. Made with the second regulator's recall; closed when the batch is.
///
/// At `create_with_seed(batch, "l" ‖ level (0 to 3) ‖ index in ten hexadecimal digits, program)`.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct RecallList {
    /// The batch.
    pub batch: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// From 0.
    pub index: u64,
    /// 0 pack, 1 case, 2 pallet, 3 batch.
    pub level: u8,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 30],
    /// Those in force first, each of another regulator; zeros after them.
    pub recalls: [RecallEntry; 31],
}

/// Regulators that recall a place beside the first: there are some thirty in the European Economic Area.
pub const MORE_REGULATORS: usize = 31;

const _: () =
    assert!(std::mem::size_of::<RecallList>() == 64 + 8 + 2 + 30 + 31 * RecallEntry::SIZE);
const _: () = assert!(MORE_REGULATORS == 31);

impl RecallList {
    /// What seeds of lists begin with.
    pub const TAG: u8 = b'l';
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of the list of a place.
    pub fn seed(place: Subtree) -> Seed {
        Seed::at(Self::TAG, place)
    }

    /// Address of the list of a place of `batch`.
    pub fn address(batch: &Pubkey, place: Subtree) -> Pubkey {
        Self::seed(place).address(batch)
    }

    /// Begins the list of a place in an account of zeros.
    pub fn begin(&mut self, batch: Pubkey, place: Subtree, payer: Pubkey) {
        self.batch = batch;
        self.level = convert::level_number(place.level);
        self.index = place.index;
        self.payer = payer;
        self.version = ACCOUNT_VERSION;
    }

    /// Whether it is the list of this place.
    pub fn is_at(&self, batch: &Pubkey, level: u8, index: u64) -> bool {
        self.batch == *batch && self.level == level && self.index == index
    }

    /// Those in force.
    pub fn in_force(&self) -> impl Iterator<Item = &RecallEntry> {
        self.recalls.iter().filter(|recall| recall.is_in_force())
    }

    /// Keeps these, and no others.
    ///
    /// # Errors
    /// `TooManyRecalls`.
    pub fn keep(&mut self, recalls: &[RecallEntry]) -> Result<()> {
        require!(
            recalls.len() <= MORE_REGULATORS,
            ProvenanceError::TooManyRecalls
        );
        let none = RecallEntry::default();
        let kept = recalls.iter().chain(std::iter::repeat(&none));
        for (entry, recall) in self.recalls.iter_mut().zip(kept) {
            *entry = *recall;
        }
        Ok(())
    }
}
