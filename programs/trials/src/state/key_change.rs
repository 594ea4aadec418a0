//! An announced change of the key that consents for a participant.

use anchor_lang::prelude::*;

use super::KeyHolder;
use crate::constants::ACCOUNT_VERSION;
use crate::error::TrialsError;

/// A change that takes effect later, unless it is cancelled. Closed when it has been applied or cancelled; the rent goes to
/// who paid it.
///
/// # PDA Seeds
/// `["key_change", cohort, index (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index in it.
    pub index: u16,
    /// The new key.
    pub key: Pubkey,
    /// Who holds it.
    pub holder: KeyHolder,
    /// Announced by the ethics board over a guardian's head: the guardian cannot cancel it.
    pub overrules: bool,
    /// Who paid the rent.
    pub payer: Pubkey,
    /// First Unix second at which it can be applied.
    pub effective_at: i64,
}

const _: () = assert!(KeyChange::INIT_SPACE == 2 + 32 + 2 + 32 + 2 + 32 + 8);

impl KeyChange {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"key_change";

    /// Address of the change of participant `index` of `cohort`, and its bump.
    pub fn find_address(cohort: &Pubkey, index: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, cohort.as_ref(), &index.to_le_bytes()],
            &crate::ID,
        )
    }

    /// A change announced by `payer`, to be applied from `effective_at` on.
    pub fn new(
        bump: u8,
        (cohort, index): (Pubkey, u16),
        (key, holder): (Pubkey, KeyHolder),
        overrules: bool,
        payer: Pubkey,
        effective_at: i64,
    ) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            cohort,
            index,
            key,
            holder,
            overrules,
            payer,
            effective_at,
        }
    }

    /// Refuses a change whose time has not come.
    ///
    /// # Errors
    /// `KeyChangeTooEarly`.
    pub fn require_effective(&self, now: i64) -> Result<()> {
        require!(now >= self.effective_at, TrialsError::KeyChangeTooEarly);
        Ok(())
    }
}
