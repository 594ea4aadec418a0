//! A claim at its address, whole or archived: what a recoupment asks of it.

use anchor_lang::prelude::*;
use anchor_lang::Discriminator;

use super::{ArchivedClaim, Claim, ClaimStatus, Course};
use crate::error::ClaimsError;

/// What is known of a claim whether or not it was archived. Of an archived one its pool, provider and identifier are in its
/// address only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiledClaim {
    /// Bump of the address.
    pub bump: u8,
    /// What became of it.
    pub status: ClaimStatus,
    /// The identifier of the claim that stands in its place; zeros = none.
    pub replaced_by: [u8; 16],
    /// What a bond can be asked for, in cents: [`Claim::recoupable`].
    pub recoupable: u64,
    /// Whether an appeal waits for its decision.
    pub is_under_appeal: bool,
}

impl FiledClaim {
    /// The claim at `account`.
    ///
    /// # Errors
    /// `AccountOwnedByWrongProgram`, `AccountDiscriminatorMismatch`.
    pub fn of(account: &AccountInfo) -> Result<Self> {
        require_keys_eq!(
            *account.owner,
            crate::ID,
            ErrorCode::AccountOwnedByWrongProgram
        );
        let data = account.try_borrow_data()?;
        if data.starts_with(ArchivedClaim::DISCRIMINATOR) {
            let archived = ArchivedClaim::try_deserialize(&mut &data[..])?;
            return Ok(Self {
                bump: archived.bump,
                status: archived.status,
                replaced_by: archived.replaced_by,
                recoupable: archived.recoupable,
                is_under_appeal: false,
            });
        }
        let claim = Claim::try_deserialize(&mut &data[..])?;
        Ok(Self {
            bump: claim.bump,
            status: claim.status,
            replaced_by: claim.course.replaced_by,
            recoupable: claim.recoupable(),
            is_under_appeal: claim.course.has(Course::APPEAL_OPEN),
        })
    }

    /// Checks that it is the claim `claim_id` of `provider` to `pool`, by its address.
    ///
    /// # Errors
    /// `ClaimNotAtAddress`.
    pub fn check_address(
        &self,
        address: &Pubkey,
        pool: &Pubkey,
        provider: &Pubkey,
        claim_id: &[u8; 16],
    ) -> Result<()> {
        let seeds: &[&[u8]] = &[
            Claim::SEED,
            pool.as_ref(),
            provider.as_ref(),
            claim_id,
            &[self.bump],
        ];
        let derived = Pubkey::create_program_address(seeds, &crate::ID)
            .map_err(|_| ClaimsError::ClaimNotAtAddress)?;
        require_keys_eq!(derived, *address, ClaimsError::ClaimNotAtAddress);
        Ok(())
    }

    /// Checks that a bond can be asked for what it has paid. Returns that, in cents.
    ///
    /// # Errors
    /// `ClaimNotPaid`, `AppealStillOpen`, `ClaimOfSeveralLines`.
    pub fn check_recoupable(&self) -> Result<u64> {
        // What was reversed is owed by the provider; what is not paid yet has cost nobody anything.
        require!(self.status == ClaimStatus::Paid, ClaimsError::ClaimNotPaid);
        // What it pays may yet change, and a pack is recouped once.
        require!(!self.is_under_appeal, ClaimsError::AppealStillOpen);
        require!(self.recoupable > 0, ClaimsError::ClaimOfSeveralLines);
        Ok(self.recoupable)
    }
}
