use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::events::EntryReleased;
use crate::state::{Claim, ClaimStatus, DuplicateEntry};

/// Accounts of `release_entry`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ReleaseEntry<'info> {
    /// The claim that no longer stands.
    pub claim: Box<Account<'info, Claim>>,
    /// The entry.
    #[account(mut, has_one = payer @ ClaimsError::NotEntryPayer)]
    pub entry: Account<'info, DuplicateEntry>,
    /// CHECK: who paid the entry's rent, by the address in it.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl ReleaseEntry<'_> {
    fn validate(&self) -> Result<()> {
        require!(
            matches!(
                self.claim.status,
                ClaimStatus::Denied | ClaimStatus::Reversed
            ),
            ClaimsError::ClaimStillStands
        );
        Ok(())
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
    ctx.accounts.validate()?;
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
