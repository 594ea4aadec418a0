//! An announced change of the token account that a site is paid to.

use anchor_lang::prelude::*;

use crate::constants::{ACCOUNT_VERSION, PAYEE_DELAY_SECONDS};
use crate::error::TrialsError;

/// A change that takes effect in 72 hours, unless it is cancelled. Closed when it has been applied or cancelled; the rent
/// goes to who paid it.
///
/// # PDA Seeds
/// `["payout_change", site]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct PayoutChange {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The site.
    pub site: Pubkey,
    /// The new token account.
    pub payout: Pubkey,
    /// Its owner when it was announced.
    pub payout_owner: Pubkey,
    /// Who paid the rent.
    pub payer: Pubkey,
    /// First Unix second at which it can be applied.
    pub effective_at: i64,
}

const _: () = assert!(PayoutChange::INIT_SPACE == 2 + 4 * 32 + 8);

impl PayoutChange {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"payout_change";

    /// Address of the change of `site`, and its bump.
    pub fn find_address(site: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, site.as_ref()], &crate::ID)
    }

    /// A change announced at `now`.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn new(
        bump: u8,
        site: Pubkey,
        (payout, payout_owner): (Pubkey, Pubkey),
        payer: Pubkey,
        now: i64,
    ) -> Result<Self> {
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            site,
            payout,
            payout_owner,
            payer,
            effective_at: now
                .checked_add(PAYEE_DELAY_SECONDS)
                .ok_or(TrialsError::AmountOverflow)?,
        })
    }

    /// Refuses a change whose time has not come.
    ///
    /// # Errors
    /// `PayoutChangeTooEarly`.
    pub fn require_effective(&self, now: i64) -> Result<()> {
        require!(now >= self.effective_at, TrialsError::PayoutChangeTooEarly);
        Ok(())
    }
}
