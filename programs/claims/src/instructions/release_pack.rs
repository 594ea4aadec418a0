use anchor_lang::prelude::*;
use anchor_lang::Discriminator;

use crate::error::ClaimsError;
use crate::events::PackReleased;
use crate::state::{ArchivedClaim, Claim, ClaimStatus, PackCommitment};

/// Accounts of `release_pack`.
#[event_cpi]
#[derive(Accounts)]
pub struct ReleasePack<'info> {
    /// Who paid for the commitment; left out once the member's consent is over or the claim is archived: anybody may crank then.
    pub releaser: Option<Signer<'info>>,
    /// CHECK: the claim, by its address in the commitment: one that waits for the pack, or what stays of one that was archived.
    #[account(mut)]
    pub claim: UncheckedAccount<'info>,
    /// The commitment; closed.
    #[account(
        mut,
        close = payer,
        has_one = claim @ ClaimsError::PackOfOtherClaim,
        has_one = payer @ ClaimsError::NotPackPayer,
    )]
    pub pack: Box<Account<'info, PackCommitment>>,
    /// CHECK: gets the rent back; by the address that the commitment stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl ReleasePack<'_> {
    /// Makes the claim a draft again, where it waits for the pack.
    fn release_claim(&self, now: i64) -> Result<()> {
        let mut data = self.claim.try_borrow_mut_data()?;
        if data.starts_with(ArchivedClaim::DISCRIMINATOR) {
            return Ok(());
        }
        let mut claim = Claim::try_deserialize(&mut &data[..])?;
        require!(
            claim.status == ClaimStatus::AwaitsDispense,
            ClaimsError::PackStillNeeded
        );
        let releaser = self.releaser.as_ref().map(|releaser| releaser.key());
        self.pack.check_releasable(releaser.as_ref(), now)?;
        claim.stop_awaiting_dispense()?;
        claim.invariant()?;
        claim.try_serialize(&mut &mut data[..])
    }
}

/// See [`crate::claims::release_pack`].
pub fn release_pack(ctx: Context<ReleasePack>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.release_claim(now)?;

    galen_entry::emit!(ctx => PackReleased {
        claim: ctx.accounts.pack.claim,
        commitment: ctx.accounts.pack.commitment,
    });
    Ok(())
}
