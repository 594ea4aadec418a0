use anchor_lang::prelude::*;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::EntryReleased;
use crate::state::{Claim, DuplicateEntry, PlanVersion};

/// Accounts of `release_entry`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ReleaseEntry<'info> {
    /// The plan version under which the claim was submitted.
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The claim that no longer stands.
    #[account(has_one = plan_version @ ClaimsError::ClaimOfOtherPlanVersion)]
    pub claim: Box<Account<'info, Claim>>,
    /// The entry.
    #[account(mut, has_one = payer @ ClaimsError::NotEntryPayer)]
    pub entry: Account<'info, DuplicateEntry>,
    /// CHECK: who paid the entry's rent, by the address in it.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl ReleaseEntry<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        let PlanVersion { clocks, checks, .. } = &**self.plan_version;
        let today = convert::day_of(now)?.days();
        self.claim.check_releasable(clocks, checks, today)
    }

    /// The claim in this one's place; none where there is none.
    fn replacement(&self) -> Option<Pubkey> {
        let claim = &self.claim;
        let id = claim.course.replaced_by;
        (id != [0; 16]).then(|| Claim::find_address(&claim.pool, &claim.provider, &id).0)
    }
}

/// See [`crate::claims::release_entry`].
pub fn release_entry(ctx: Context<ReleaseEntry>) -> Result<()> {
    ctx.accounts.validate(Clock::get()?.unix_timestamp)?;
    let accounts = &mut *ctx.accounts;
    let claim = accounts.claim.key();
    let replacement = accounts.replacement();
    accounts.entry.release(&claim, replacement)?;
    let is_closed = accounts.entry.holders.is_empty();
    if is_closed {
        accounts.entry.close(accounts.payer.to_account_info())?;
    } else {
        accounts.entry.invariant()?;
    }

    galen_entry::emit!(ctx => EntryReleased {
        entry: ctx.accounts.entry.key(),
        claim,
        replacement: replacement.unwrap_or_default(),
        is_closed,
    });
    Ok(())
}
