use anchor_lang::prelude::*;

use crate::error::ProvenanceError;
use crate::events::DispenseClosed;
use crate::state::Dispense;

/// Accounts of `close_dispense`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseDispense<'info> {
    /// The dispense, or the reservation that has lapsed; closed.
    #[account(mut, close = payer, has_one = payer @ ProvenanceError::WrongPayer)]
    pub dispense: AccountLoader<'info, Dispense>,
    /// CHECK: gets the rent back; by the address that the dispense stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::provenance::close_dispense`].
pub fn close_dispense(ctx: Context<CloseDispense>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let (batch, level, index) = {
        let dispense = accounts.dispense.load()?;
        dispense.require_over(now)?;
        (dispense.batch, dispense.level, dispense.index)
    };
    galen_entry::emit!(ctx => DispenseClosed {
        batch,
        level,
        index,
    });
    Ok(())
}
