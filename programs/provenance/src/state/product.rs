//! Products: what a GTIN names, and who makes it.

use anchor_lang::prelude::*;
use galen_rules::gs1::has_check_digit;

use crate::constants::ACCOUNT_VERSION;
use crate::error::ProvenanceError;

/// A product. One for each GTIN: whoever reads a code finds the one maker. Never closed.
///
/// # PDA Seeds
/// `["product", GTIN (14 digits)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Product {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// 14 digits.
    pub gtin: [u8; 14],
    /// Unix second of the registration.
    pub registered_at: i64,
    /// For later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(Product::INIT_SPACE == 2 + 32 + 14 + 8 + 64);

impl Product {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"product";

    /// Address of the product with this GTIN, and its bump.
    pub fn find_address(gtin: &[u8; 14]) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, gtin], &crate::ID)
    }

    /// A product of `manufacturer`.
    ///
    /// # Errors
    /// `GtinInvalid`.
    pub fn new(bump: u8, manufacturer: Pubkey, gtin: [u8; 14], now: i64) -> Result<Self> {
        require!(has_check_digit(&gtin), ProvenanceError::GtinInvalid);
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            manufacturer,
            gtin,
            registered_at: now,
            reserved: [0; 64],
        })
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            has_check_digit(&self.gtin) && self.manufacturer != Pubkey::default(),
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}
