use anchor_lang::prelude::*;
use galen_chain::rent;

use crate::address::view;
use crate::error::ProvenanceError;
use crate::events::BatchClosed;
use crate::state::{Batch, Bond, ClosedBatch};

/// Accounts of `close_batch`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseBatch<'info> {
    /// CHECK: the batch; only its grave stays. Read by hand: a loader would write a batch's discriminator back at the end.
    #[account(mut)]
    pub batch: UncheckedAccount<'info>,
    /// CHECK: gets the rent back; by the address that the batch stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
    /// The bond that covers the batch, which counts it out; left out where none does.
    #[account(mut)]
    pub bond: Option<Box<Account<'info, Bond>>>,
}

impl CloseBatch<'_> {
    /// Checks that its time is over. Returns the batch as it was.
    fn validate(&self, now: i64) -> Result<Batch> {
        require!(!ClosedBatch::is(&self.batch), ProvenanceError::BatchClosed);
        require_keys_eq!(
            *self.batch.owner,
            crate::ID,
            ErrorCode::AccountOwnedByWrongProgram
        );
        let batch = *view::<Batch>(&self.batch.try_borrow_data()?)?;
        batch.require_closable(now)?;
        require_keys_eq!(self.payer.key(), batch.payer, ProvenanceError::WrongPayer);
        Ok(batch)
    }

    /// Counts the batch out of the bond that covers it.
    fn uncover(&mut self, batch: &Batch) -> Result<()> {
        if !batch.is_covered() {
            return Ok(());
        }
        let bond = self.bond.as_mut().ok_or(ProvenanceError::BondMissing)?;
        require_keys_eq!(bond.key(), batch.bond, ProvenanceError::CoveredByOtherBond);
        bond.count_batch_out()?;
        bond.invariant()
    }

    /// Leaves the grave, and gives back what it does not need of the rent. Returns how much that is, in lamports.
    fn bury(&self) -> Result<u64> {
        self.batch.resize(ClosedBatch::SIZE)?;
        let mut grave: &mut [u8] = &mut self.batch.try_borrow_mut_data()?;
        ClosedBatch::new().try_serialize(&mut grave)?;
        let kept = rent::minimum_balance(ClosedBatch::SIZE)?;
        let returned = self.batch.lamports().saturating_sub(kept);
        self.batch.sub_lamports(returned)?;
        self.payer.add_lamports(returned)?;
        Ok(returned)
    }
}

/// See [`crate::provenance::close_batch`].
pub fn close_batch(ctx: Context<CloseBatch>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let batch = ctx.accounts.validate(now)?;
    ctx.accounts.uncover(&batch)?;
    let returned = ctx.accounts.bury()?;

    galen_entry::emit!(ctx => BatchClosed {
        batch: ctx.accounts.batch.key(),
        product: batch.product,
        manufacturer: batch.manufacturer,
        lot: batch.lot,
        returned,
    });
    Ok(())
}
