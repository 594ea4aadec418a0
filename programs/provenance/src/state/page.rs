//! Pages: which packs were dispensed, a bit each.

use anchor_lang::prelude::*;
use galen_rules::merkle::EMPTY;

use crate::address::Seed;
use crate::constants::{ACCOUNT_VERSION, MAX_PAGE_HEIGHT, MIN_PAGE_HEIGHT};
use crate::error::ProvenanceError;

/// Header of a page; one bit for each place of its subtree follows. The page keeps the subtree's root, proved against the
/// batch's when it was opened, so that the proof of a pack ends there.
///
/// At `create_with_seed(batch, "p0" ‖ number in ten hexadecimal digits, program)`.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct BatchPage {
    /// The batch.
    pub batch: Pubkey,
    /// Root of the subtree of its packs.
    pub root: [u8; 32],
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// Which of the batch's pages it is, from 0.
    pub number: u64,
    /// Bits that are set.
    pub dispensed: u64,
    /// Height of the subtree.
    pub height: u8,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 22],
}

const _: () = assert!(std::mem::size_of::<BatchPage>() == 96 + 16 + 24);

impl BatchPage {
    /// Where the bits begin in the account, in bytes.
    pub const BITS_OFFSET: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of page `number`.
    pub fn seed(number: u64) -> Seed {
        Seed::page(number)
    }

    /// Address of page `number` of `batch`.
    pub fn address(batch: &Pubkey, number: u64) -> Pubkey {
        Self::seed(number).address(batch)
    }

    /// Size in bytes of a page of this height.
    ///
    /// # Errors
    /// `PageHeightInvalid`.
    pub fn account_size(height: u8) -> Result<usize> {
        require!(
            (MIN_PAGE_HEIGHT..=MAX_PAGE_HEIGHT).contains(&height),
            ProvenanceError::PageHeightInvalid
        );
        let bytes = 1_usize
            .checked_shl(u32::from(height.saturating_sub(MIN_PAGE_HEIGHT)))
            .unwrap_or_default();
        Ok(Self::BITS_OFFSET.saturating_add(bytes))
    }

    /// A page as it is opened.
    pub fn new(batch: Pubkey, root: [u8; 32], payer: Pubkey, number: u64, height: u8) -> Self {
        Self {
            batch,
            root,
            payer,
            number,
            dispensed: 0,
            height,
            version: ACCOUNT_VERSION,
            reserved: [0; 22],
        }
    }

    /// Refuses a page that a pack at `index` is not on.
    ///
    /// # Errors
    /// `WrongPage`.
    pub fn require_covers(&self, batch: &Pubkey, index: u64) -> Result<()> {
        require!(
            self.batch == *batch && index.checked_shr(u32::from(self.height)) == Some(self.number),
            ProvenanceError::WrongPage
        );
        Ok(())
    }

    /// Counts a bit in or out.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn count(&mut self, is_set: bool) -> Result<()> {
        let counted = if is_set {
            self.dispensed.checked_add(1)
        } else {
            self.dispensed.checked_sub(1)
        };
        self.dispensed = counted.ok_or(ProvenanceError::InvariantBroken)?;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let places = 1_u64
            .checked_shl(u32::from(self.height))
            .unwrap_or_default();
        require!(
            self.root != EMPTY && self.dispensed <= places,
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }

    /// The byte of the pack at `index` in the account's `data`, and the pack's bit in it.
    ///
    /// # Errors
    /// `WrongPage`.
    pub fn bit(data: &[u8], height: u8, index: u64) -> Result<bool> {
        let (byte, mask) = position(height, index)?;
        data.get(byte)
            .map(|bits| bits & mask != 0)
            .ok_or_else(|| ProvenanceError::WrongPage.into())
    }

    /// Sets or clears the bit of the pack at `index`.
    ///
    /// # Errors
    /// `WrongPage`.
    pub fn set_bit(data: &mut [u8], height: u8, index: u64, value: bool) -> Result<()> {
        let (byte, mask) = position(height, index)?;
        let bits = data.get_mut(byte).ok_or(ProvenanceError::WrongPage)?;
        if value {
            *bits |= mask;
        } else {
            *bits &= !mask;
        }
        Ok(())
    }

    /// How many bits are set among the 2^`of` places of the subtree at `index` of its height.
    ///
    /// # Errors
    /// `WrongPage` where the subtree does not lie on the page.
    pub fn count_in(data: &[u8], height: u8, of: u8, index: u64) -> Result<u64> {
        require!(of <= height, ProvenanceError::WrongPage);
        let first = index
            .checked_shl(u32::from(of))
            .ok_or(ProvenanceError::WrongPage)?;
        let places = 1_u64
            .checked_shl(u32::from(of))
            .ok_or(ProvenanceError::WrongPage)?;
        let (start, _) = position(height, first)?;
        if of < MIN_PAGE_HEIGHT {
            // A part of one byte.
            let mut count = 0_u64;
            for place in 0..places {
                let is_set = Self::bit(data, height, first.saturating_add(place))?;
                count = count.saturating_add(u64::from(is_set));
            }
            return Ok(count);
        }
        let bytes = places
            .checked_shr(u32::from(MIN_PAGE_HEIGHT))
            .and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or(ProvenanceError::WrongPage)?;
        let range = data
            .get(start..)
            .and_then(|rest| rest.get(..bytes))
            .ok_or(ProvenanceError::WrongPage)?;
        Ok(range.iter().fold(0_u64, |count, byte| {
            count.saturating_add(u64::from(byte.count_ones()))
        }))
    }
}

/// The byte in the account and the mask of the pack at `index`.
fn position(height: u8, index: u64) -> Result<(usize, u8)> {
    let places = 1_u64
        .checked_shl(u32::from(height))
        .ok_or(ProvenanceError::WrongPage)?;
    let within = index & places.saturating_sub(1);
    let byte = usize::try_from(within >> 3)
        .ok()
        .and_then(|byte| byte.checked_add(BatchPage::BITS_OFFSET))
        .ok_or(ProvenanceError::WrongPage)?;
    let bit = u32::try_from(within & 7).unwrap_or_default();
    let mask = 1_u8.checked_shl(bit).unwrap_or_default();
    Ok((byte, mask))
}
