use anchor_lang::prelude::*;

use crate::error::ProvenanceError;
use crate::events::DispenseClosed;
use crate::state::{Batch, Dispense, DispenseKind};

/// Accounts of `close_dispense`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseDispense<'info> {
    /// The batch, where the dispense is for a claim; else it may be left out.
    pub batch: Option<AccountLoader<'info, Batch>>,
    /// The dispense, or the reservation that has lapsed; closed.
    #[account(mut, close = payer, has_one = payer @ ProvenanceError::WrongPayer)]
    pub dispense: AccountLoader<'info, Dispense>,
    /// CHECK: gets the rent back; by the address that the dispense stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl CloseDispense<'_> {
    /// A dispense for a claim out of a batch that a bond covers is kept as long as the batch: after a recall it shows what the
    /// claim has paid for.
    fn validate(&self, now: i64) -> Result<()> {
        let dispense = self.dispense.load()?;
        dispense.require_over(now)?;
        if dispense.kind() == DispenseKind::Reserved || dispense.claim == Pubkey::default() {
            return Ok(());
        }
        let batch = self.batch.as_ref().ok_or(ProvenanceError::BatchMissing)?;
        require_keys_eq!(
            batch.key(),
            dispense.batch,
            ProvenanceError::RecordOfOtherBatch
        );
        let batch = batch.load()?;
        if batch.is_covered() {
            batch.require_released(now)?;
        }
        Ok(())
    }
}

/// See [`crate::provenance::close_dispense`].
pub fn close_dispense(ctx: Context<CloseDispense>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let (batch, level, index) = {
        let dispense = accounts.dispense.load()?;
        (dispense.batch, dispense.level, dispense.index)
    };
    galen_entry::emit!(ctx => DispenseClosed {
        batch,
        level,
        index,
    });
    Ok(())
}
