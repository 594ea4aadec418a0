use anchor_lang::prelude::*;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::ClaimEscalated;
use crate::state::{Claim, PlanVersion};

/// Accounts of `escalate_claim`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct EscalateClaim<'info> {
    /// The plan version under which the claim was submitted.
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The claim.
    #[account(mut, has_one = plan_version @ ClaimsError::ClaimOfOtherPlanVersion)]
    pub claim: Box<Account<'info, Claim>>,
}

/// See [`crate::claims::escalate_claim`].
pub fn escalate_claim(ctx: Context<EscalateClaim>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    let accounts = &mut *ctx.accounts;
    let received = convert::day_of(accounts.claim.received_at)?.days();
    accounts
        .claim
        .escalate(&accounts.plan_version.clocks, received, today)?;
    accounts.claim.invariant()?;

    let claim = &ctx.accounts.claim;
    galen_entry::emit!(ctx => ClaimEscalated {
        claim: claim.key(),
        pool: claim.pool,
        provider: claim.provider,
        received_at: claim.received_at,
    });
    Ok(())
}
