use anchor_lang::prelude::*;
use registry::state::Config;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::AppealClosed;
use crate::state::{Appeal, Claim};

/// Accounts of `lapse_appeal`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct LapseAppeal<'info> {
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The claim.
    #[account(mut)]
    pub claim: Box<Account<'info, Claim>>,
    /// The appeal.
    #[account(mut, has_one = claim @ ClaimsError::AppealOfOtherClaim)]
    pub appeal: Box<Account<'info, Appeal>>,
}

/// See [`crate::claims::lapse_appeal`].
pub fn lapse_appeal(ctx: Context<LapseAppeal>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let today = convert::day_of(now)?.days();
    let accounts = &mut *ctx.accounts;
    accounts.appeal.lapse(&accounts.config.pause, now)?;
    let by_member = accounts.appeal.by_member;
    accounts.claim.close_appeal(by_member, None, today);
    accounts.appeal.invariant()?;
    accounts.claim.invariant()?;

    galen_entry::emit!(ctx => AppealClosed::of(
        &ctx.accounts.appeal,
        ctx.accounts.appeal.key()
    ));
    Ok(())
}
