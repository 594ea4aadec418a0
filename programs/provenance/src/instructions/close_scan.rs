use anchor_lang::prelude::*;

use crate::error::ProvenanceError;
use crate::state::{Batch, Scan};

/// Accounts of `close_scan`. Nobody signs but whoever pays for the transaction: anybody may crank. No event: what was
/// reported is in the events of the reports.
#[derive(Accounts)]
pub struct CloseScan<'info> {
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The scans of a pack; closed.
    #[account(
        mut,
        close = payer,
        has_one = batch @ ProvenanceError::RecordOfOtherBatch,
        has_one = payer @ ProvenanceError::WrongPayer,
    )]
    pub scan: AccountLoader<'info, Scan>,
    /// CHECK: gets the rent back; by the address that the record stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::provenance::close_scan`].
pub fn close_scan(ctx: Context<CloseScan>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let batch = accounts.batch.load()?;
    // Suspicious ones stay as long as the batch's records.
    batch
        .require_released(now)
        .or_else(|_| accounts.scan.load()?.require_over(now))
}
