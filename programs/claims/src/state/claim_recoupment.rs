//! What a claim has got back after a recall of the pack that it paid for.

use anchor_lang::prelude::*;

use crate::constants::ACCOUNT_VERSION;
use crate::error::ClaimsError;

/// That a claim has asked a manufacturer's bond for what it paid, once; what the bond owes and pays stands in the provenance
/// program's record, and here what the pool has counted of it. Amounts are cents.
///
/// # PDA Seeds
/// `["recoupment", claim]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct ClaimRecoupment {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The claim.
    pub claim: Pubkey,
    /// The pool that paid.
    pub pool: Pubkey,
    /// The record in the provenance program.
    pub recoupment: Pubkey,
    /// What the bond owes in all.
    pub due: u64,
    /// What the pool has counted of that as arrived.
    pub counted: u64,
}

impl ClaimRecoupment {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"recoupment";

    /// Address of the record of `claim`, and its bump.
    pub fn find_address(claim: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, claim.as_ref()], &crate::ID)
    }

    /// The record of a claim of `pool` that has just asked; `recoupment` is the provenance program's record.
    pub fn new(bump: u8, claim: Pubkey, pool: Pubkey, recoupment: Pubkey, due: u64) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            claim,
            pool,
            recoupment,
            due,
            counted: 0,
        }
    }

    /// Counts what has arrived, `recouped` being what the bond has paid in all. Returns how much that is.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn count(&mut self, recouped: u64) -> Result<u64> {
        let arrived = recouped
            .checked_sub(self.counted)
            .ok_or(ClaimsError::InvariantBroken)?;
        self.counted = recouped;
        Ok(arrived)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.due > 0 && self.counted <= self.due,
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
