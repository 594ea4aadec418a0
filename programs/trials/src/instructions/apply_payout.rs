use anchor_lang::prelude::*;

use crate::error::TrialsError;
use crate::events::PayoutChanged;
use crate::state::{PayoutChange, Site};

/// Accounts of `apply_payout`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ApplyPayout<'info> {
    /// The site.
    #[account(mut)]
    pub site: AccountLoader<'info, Site>,
    /// The announced change; closed.
    #[account(
        mut,
        close = payer,
        has_one = site @ TrialsError::ChangeOfOtherSite,
        has_one = payer @ TrialsError::WrongPayer,
    )]
    pub change: Box<Account<'info, PayoutChange>>,
    /// CHECK: gets the rent back; by the address that the change stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::trials::apply_payout`].
pub fn apply_payout(ctx: Context<ApplyPayout>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let change = &accounts.change;
    change.require_effective(now)?;
    let old = {
        let mut site = accounts.site.load_mut()?;
        let old = site.payout;
        site.set_payout(change.payout, change.payout_owner);
        site.invariant()?;
        old
    };

    galen_entry::emit!(ctx => PayoutChanged {
        site: accounts.site.key(),
        old,
        new: change.payout,
    });
    Ok(())
}
