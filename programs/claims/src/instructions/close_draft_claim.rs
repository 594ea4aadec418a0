use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::events::DraftClaimClosed;
use crate::state::Claim;

/// Accounts of `close_draft_claim`.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseDraftClaim<'info> {
    /// Who opened the claim, and gets the rent back.
    #[account(mut)]
    pub opener: Signer<'info>,
    /// The draft.
    #[account(mut, close = opener, has_one = opener @ ClaimsError::NotClaimOpener)]
    pub claim: Box<Account<'info, Claim>>,
}

impl CloseDraftClaim<'_> {
    fn validate(&self) -> Result<()> {
        self.claim.check_draft()
    }
}

/// See [`crate::claims::close_draft_claim`].
pub fn close_draft_claim(ctx: Context<CloseDraftClaim>) -> Result<()> {
    ctx.accounts.validate()?;

    galen_entry::emit!(ctx => DraftClaimClosed {
        claim: ctx.accounts.claim.key(),
        pool: ctx.accounts.claim.pool,
        provider: ctx.accounts.claim.provider,
    });
    Ok(())
}
