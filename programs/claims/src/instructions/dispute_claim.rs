use anchor_lang::prelude::*;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::ClaimDisputed;
use crate::state::{Claim, Member};

/// Accounts of `dispute_claim`.
#[event_cpi]
#[derive(Accounts)]
pub struct DisputeClaim<'info> {
    /// The member's own key.
    pub authority: Signer<'info>,
    /// The claim's member.
    #[account(has_one = authority @ ClaimsError::NotMemberAuthority)]
    pub member: AccountLoader<'info, Member>,
    /// The claim.
    #[account(mut, has_one = member @ ClaimsError::ClaimOfOtherMember)]
    pub claim: Box<Account<'info, Claim>>,
}

/// See [`crate::claims::dispute_claim`].
pub fn dispute_claim(ctx: Context<DisputeClaim>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    let claim = &mut ctx.accounts.claim;
    claim.dispute(today)?;
    claim.invariant()?;

    let claim = &ctx.accounts.claim;
    galen_entry::emit!(ctx => ClaimDisputed {
        claim: claim.key(),
        pool: claim.pool,
        provider: claim.provider,
        member: claim.member,
    });
    Ok(())
}
