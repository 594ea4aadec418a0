//! What a claim has got back after a recall of the pack that it paid for.

use anchor_lang::prelude::*;

use crate::constants::ACCOUNT_VERSION;
use crate::error::ClaimsError;

/// That a claim has asked a manufacturer's bond for what it paid, once; what the bond owes and pays for the pack stands in the provenance
/// program's record, and here this claim's share of it, and what the pool has counted of that. A claim that stands in the place of
/// another that has asked has a share of its own: what it paid more, which may be nothing. Amounts are cents.
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
    /// The claim that the pack was dispensed for: this one, or the first of those in whose place it stands.
    pub original: Pubkey,
    /// What the bond owed for the pack before this claim asked: the shares of the claims in whose place it stands, which are paid first.
    pub before: u64,
    /// What the bond owes for this claim.
    pub due: u64,
    /// What the pool has counted of that as arrived.
    pub counted: u64,
    /// What the claim's treaty counts less for it, see `cede_claims`.
    pub netted: u64,
    /// What of `before` the bond had paid when it was last looked at. The records of the claims before count it into the pool.
    pub earlier: u64,
}

/// What a claim has asked for.
pub struct Asked {
    /// The claim.
    pub claim: Pubkey,
    /// The pool that paid.
    pub pool: Pubkey,
    /// The record in the provenance program.
    pub recoupment: Pubkey,
    /// The claim that the pack was dispensed for.
    pub original: Pubkey,
    /// What the bond owed for the pack before, in cents.
    pub before: u64,
    /// What it owes for the pack now, in cents.
    pub due: u64,
}

impl ClaimRecoupment {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"recoupment";

    /// Address of the record of `claim`, and its bump.
    pub fn find_address(claim: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, claim.as_ref()], &crate::ID)
    }

    /// The record of a claim that has just asked.
    ///
    /// # Errors
    /// `InvariantBroken`: what a bond owes never falls.
    pub fn new(bump: u8, asked: &Asked) -> Result<Self> {
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            claim: asked.claim,
            pool: asked.pool,
            recoupment: asked.recoupment,
            original: asked.original,
            before: asked.before,
            due: asked
                .due
                .checked_sub(asked.before)
                .ok_or(ClaimsError::InvariantBroken)?,
            counted: 0,
            netted: 0,
            earlier: 0,
        })
    }

    /// What of an award of `awarded` cents has come back, the shares of the claims in whose place this one stands included: those are
    /// paid before its own, for the same pack.
    pub fn came_back(&self, awarded: u64) -> u64 {
        self.earlier.saturating_add(self.counted).min(awarded)
    }

    /// Notes what the claim's treaty counts less for it. Returns what that was before.
    pub fn net(&mut self, cents: u64) -> u64 {
        std::mem::replace(&mut self.netted, cents)
    }

    /// What of `recouped` cents that the bond has paid for the pack is this claim's: what comes after the shares before it, up to its own.
    pub fn share_of(&self, recouped: u64) -> u64 {
        recouped.saturating_sub(self.before).min(self.due)
    }

    /// Counts what has arrived, `recouped` being what the bond has paid for the pack in all, and notes what of it is of the claims
    /// before. Returns how much of it is this claim's.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn count(&mut self, recouped: u64) -> Result<u64> {
        let share = self.share_of(recouped);
        let arrived = share
            .checked_sub(self.counted)
            .ok_or(ClaimsError::InvariantBroken)?;
        self.counted = share;
        self.earlier = recouped.min(self.before);
        Ok(arrived)
    }

    /// What of its share has not been counted yet.
    pub fn lacking(&self) -> u64 {
        self.due.saturating_sub(self.counted)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            (self.due > 0 || self.before > 0)
                && self.counted <= self.due
                && self.earlier <= self.before
                && (self.counted == 0 || self.earlier == self.before)
                && self.netted <= self.earlier.saturating_add(self.counted),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(before: u64, due: u64) -> Asked {
        Asked {
            claim: Pubkey::new_from_array([1; 32]),
            pool: Pubkey::new_from_array([2; 32]),
            recoupment: Pubkey::new_from_array([3; 32]),
            original: Pubkey::new_from_array([4; 32]),
            before,
            due,
        }
    }

    #[test]
    fn each_cent_is_of_one_claim() {
        let mut records = [(0, 1_000), (1_000, 1_500), (1_500, 3_000)]
            .map(|(before, due)| ClaimRecoupment::new(255, &asked(before, due)).unwrap());
        let mut counted = 0;
        for recouped in [0, 1, 999, 1_000, 1_001, 1_499, 1_500, 1_501, 2_999, 3_000] {
            for record in &mut records {
                counted += record.count(recouped).unwrap();
                record.invariant().unwrap();
                // Whichever claim stands at last, what has come back of the pack has come back of it.
                let all = record.before + record.due;
                assert_eq!(record.came_back(u64::MAX), recouped.min(all));
                assert_eq!(record.came_back(700), recouped.min(all).min(700));
            }
            assert_eq!(counted, recouped);
        }
        assert_eq!(records.map(|record| record.counted), [1_000, 500, 1_500]);
    }

    #[test]
    fn what_is_owed_does_not_fall() {
        let broken = Err(ClaimsError::InvariantBroken.into());
        assert_eq!(ClaimRecoupment::new(255, &asked(2, 1)), broken);
        let mut record = ClaimRecoupment::new(255, &asked(0, 10)).unwrap();
        assert_eq!(record.count(10).unwrap(), 10);
        assert_eq!(record.count(9), Err(ClaimsError::InvariantBroken.into()));
        // Nothing more is asked for, and what was paid before is known of.
        let mut same = ClaimRecoupment::new(255, &asked(10, 10)).unwrap();
        same.invariant().unwrap();
        assert_eq!((same.count(4).unwrap(), same.came_back(8)), (0, 4));
        assert_eq!((same.count(10).unwrap(), same.came_back(8)), (0, 8));
        same.invariant().unwrap();
        let none = ClaimRecoupment::new(255, &asked(0, 0)).unwrap();
        assert_eq!(none.invariant(), Err(ClaimsError::InvariantBroken.into()));
    }
}
