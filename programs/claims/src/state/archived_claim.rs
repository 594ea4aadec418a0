//! What stays of a claim in its place: a commitment, so that the claim can be shown and never filed anew.

use anchor_lang::prelude::*;
use solana_sha256_hasher::hash;

use super::{Claim, ClaimStatus};
use crate::constants::ACCOUNT_VERSION;

/// A claim that was archived, at the address of the claim: nothing else can be created there.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct ArchivedClaim {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// What had become of it.
    pub status: ClaimStatus,
    /// The day on which it was archived, in days since 1970-01-01.
    pub archived_on: i32,
    /// SHA-256 of the claim's account data, as they were.
    pub commitment: [u8; 32],
    /// The identifier of the claim that stands in its place; zeros = none.
    pub replaced_by: [u8; 16],
    /// What a manufacturer's bond can be asked for, in cents: [`Claim::recoupable`].
    pub recoupable: u64,
}

const _: () = assert!(8 + ArchivedClaim::INIT_SPACE == 71);

impl ArchivedClaim {
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + Self::INIT_SPACE;

    /// What stays of `claim`, whose account data are `data`.
    pub fn of(claim: &Claim, data: &[u8], today: i32) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump: claim.bump,
            status: claim.status,
            archived_on: today,
            commitment: hash(data).to_bytes(),
            replaced_by: claim.course.replaced_by,
            recoupable: claim.recoupable(),
        }
    }
}
