use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::events::HistoryGrown;
use crate::room;
use crate::state::{History, HistoryPages};

/// Accounts of `grow_history`.
#[event_cpi]
#[derive(Accounts)]
pub struct GrowHistory<'info> {
    /// Pays the rent of what is added, which is never refunded: histories stay. Anybody.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The history.
    #[account(mut)]
    pub history: AccountLoader<'info, History>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

/// See [`crate::claims::grow_history`].
pub fn grow_history(ctx: Context<GrowHistory>) -> Result<()> {
    let accounts = &*ctx.accounts;
    let (account, payer): (&AccountInfo, &AccountInfo) =
        (accounts.history.as_ref(), accounts.payer.as_ref());
    let member = accounts.history.load()?.member;
    let size = HistoryPages::of(&mut account.try_borrow_mut_data()?)?.size_with_another()?;
    room::grow(account, size, payer)?;
    let capacity = {
        let mut data = account.try_borrow_mut_data()?;
        let pages = HistoryPages::of(&mut data)?;
        pages.invariant()?;
        u16::try_from(pages.capacity()).map_err(|_| ClaimsError::InvariantBroken)?
    };

    galen_entry::emit!(ctx => HistoryGrown {
        history: accounts.history.key(),
        member,
        capacity,
    });
    Ok(())
}
