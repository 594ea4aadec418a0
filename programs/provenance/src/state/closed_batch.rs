//! What is left of a batch once its time is over.

use anchor_lang::prelude::*;

use crate::constants::ACCOUNT_VERSION;

/// The grave of a batch, at the batch's address: so that nobody registers the lot a second time, over records that are
/// still there, and packs of it dispense anew.
///
/// # PDA Seeds
/// Those of the batch.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct ClosedBatch {
    /// Layout of this account.
    pub version: u8,
}

impl ClosedBatch {
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + Self::INIT_SPACE;

    /// What is written where the batch was.
    pub fn new() -> Self {
        Self {
            version: ACCOUNT_VERSION,
        }
    }

    /// Whether `info` is the grave of a batch.
    pub fn is(info: &AccountInfo) -> bool {
        *info.owner == crate::ID
            && info
                .try_borrow_data()
                .is_ok_and(|data| data.starts_with(Self::DISCRIMINATOR))
    }
}

impl Default for ClosedBatch {
    fn default() -> Self {
        Self::new()
    }
}
