//! An announced change of a participant's payee.

use anchor_lang::prelude::*;

use crate::constants::{ACCOUNT_VERSION, PAYEE_DELAY_SECONDS};
use crate::error::TrialsError;

/// A change that takes effect in 72 hours, unless it is cancelled. Closed when it has been applied or cancelled; the rent
/// goes to who paid it.
///
/// # PDA Seeds
/// `["payee_change", cohort, index (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct PayeeChange {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index in it.
    pub index: u16,
    /// The new token account.
    pub payee: Pubkey,
    /// Its owner when it was announced.
    pub payee_owner: Pubkey,
    /// Who paid the rent.
    pub payer: Pubkey,
    /// First Unix second at which it can be applied.
    pub effective_at: i64,
}

const _: () = assert!(PayeeChange::INIT_SPACE == 2 + 32 + 2 + 3 * 32 + 8);

impl PayeeChange {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"payee_change";

    /// Address of the change of participant `index` of `cohort`, and its bump.
    pub fn find_address(cohort: &Pubkey, index: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, cohort.as_ref(), &index.to_le_bytes()],
            &crate::ID,
        )
    }

    /// A change announced at `now`.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn new(
        bump: u8,
        cohort: Pubkey,
        index: u16,
        payee: Pubkey,
        payee_owner: Pubkey,
        payer: Pubkey,
        now: i64,
    ) -> Result<Self> {
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            cohort,
            index,
            payee,
            payee_owner,
            payer,
            effective_at: now
                .checked_add(PAYEE_DELAY_SECONDS)
                .ok_or(TrialsError::AmountOverflow)?,
        })
    }

    /// Refuses a change whose time has not come.
    ///
    /// # Errors
    /// `PayeeChangeTooEarly`.
    pub fn require_effective(&self, now: i64) -> Result<()> {
        require!(now >= self.effective_at, TrialsError::PayeeChangeTooEarly);
        Ok(())
    }
}
