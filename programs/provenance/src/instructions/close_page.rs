use anchor_lang::prelude::*;

use crate::error::ProvenanceError;
use crate::events::PageClosed;
use crate::state::{Batch, BatchPage};

/// Accounts of `close_page`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ClosePage<'info> {
    /// The batch.
    #[account(mut)]
    pub batch: AccountLoader<'info, Batch>,
    /// The page; closed.
    #[account(
        mut,
        close = payer,
        has_one = batch @ ProvenanceError::RecordOfOtherBatch,
        has_one = payer @ ProvenanceError::WrongPayer,
    )]
    pub page: AccountLoader<'info, BatchPage>,
    /// CHECK: gets the rent back; by the address that the page stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::provenance::close_page`].
pub fn close_page(ctx: Context<ClosePage>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    {
        let mut batch = accounts.batch.load_mut()?;
        batch.require_released(now)?;
        batch.count_page_out()?;
        batch.invariant()?;
    }
    let (number, dispensed) = {
        let page = accounts.page.load()?;
        (page.number, page.dispensed)
    };

    galen_entry::emit!(ctx => PageClosed {
        page: accounts.page.key(),
        batch: accounts.batch.key(),
        number,
        dispensed,
    });
    Ok(())
}
