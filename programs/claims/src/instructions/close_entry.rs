use anchor_lang::prelude::*;

use crate::convert;
use crate::error::ClaimsError;
use crate::state::DuplicateEntry;

/// Accounts of `close_entry`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[derive(Accounts)]
pub struct CloseEntry<'info> {
    /// The entry, whose time is over.
    #[account(mut, close = payer, has_one = payer @ ClaimsError::NotEntryPayer)]
    pub entry: Account<'info, DuplicateEntry>,
    /// CHECK: who paid the entry's rent, by the address in it.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::claims::close_entry`].
pub fn close_entry(ctx: Context<CloseEntry>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    require!(
        ctx.accounts.entry.is_over(today),
        ClaimsError::EntryStillKept
    );
    Ok(())
}
