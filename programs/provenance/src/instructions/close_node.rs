use anchor_lang::prelude::*;

use crate::error::ProvenanceError;
use crate::events::NodeClosed;
use crate::state::{Batch, Node};

/// Accounts of `close_node`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseNode<'info> {
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The record of a place; closed.
    #[account(
        mut,
        close = payer,
        has_one = batch @ ProvenanceError::RecordOfOtherBatch,
        has_one = payer @ ProvenanceError::WrongPayer,
    )]
    pub node: AccountLoader<'info, Node>,
    /// CHECK: gets the rent back; by the address that the record stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::provenance::close_node`].
pub fn close_node(ctx: Context<CloseNode>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    {
        let batch = accounts.batch.load()?;
        batch.require_released(now)?;
        require!(batch.pages == 0, ProvenanceError::PagesAreOpen);
    }
    let (level, index) = {
        let node = accounts.node.load()?;
        (node.level, node.index)
    };

    galen_entry::emit!(ctx => NodeClosed {
        batch: accounts.batch.key(),
        level,
        index,
    });
    Ok(())
}
