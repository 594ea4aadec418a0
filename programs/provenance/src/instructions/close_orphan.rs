use anchor_lang::prelude::*;

use crate::address::{self, view};
use crate::error::ProvenanceError;
use crate::events::OrphanClosed;
use crate::state::{ClosedBatch, Dispense, Monitor, Node, RecallList, Recoupment, Scan, Shipment};

/// Accounts of `close_orphan`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseOrphan<'info> {
    /// CHECK: the grave of the batch; looked into below.
    pub batch: UncheckedAccount<'info>,
    /// CHECK: what was recorded of the batch: the record of a place, a list of recalls, a dispense, a shipment, a monitor, scans or a
    /// recoupment; closed.
    #[account(mut)]
    pub record: UncheckedAccount<'info>,
    /// CHECK: gets the rent back; by the address that the record stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl CloseOrphan<'_> {
    /// Checks that the batch is closed and the record is of it. Returns who paid the record's rent.
    fn validate(&self) -> Result<Pubkey> {
        require!(
            ClosedBatch::is(&self.batch),
            ProvenanceError::BatchStillOpen
        );
        require_keys_eq!(*self.record.owner, crate::ID, ProvenanceError::WrongRecord);
        let data = self.record.try_borrow_data()?;
        let (batch, payer) = whose(&data).ok_or(ProvenanceError::WrongRecord)?;
        require!(
            !view::<Recoupment>(&data).is_ok_and(|record| record.lacking() > 0),
            ProvenanceError::RecoupmentOwed
        );
        require_keys_eq!(batch, self.batch.key(), ProvenanceError::RecordOfOtherBatch);
        Ok(payer)
    }
}

/// The batch that a record is of, and who paid its rent; none for what is no such record.
fn whose(data: &[u8]) -> Option<(Pubkey, Pubkey)> {
    let node = view::<Node>(data).map(|record| (record.batch, record.payer));
    node.or_else(|_| view::<Dispense>(data).map(|record| (record.batch, record.payer)))
        .or_else(|_| view::<Shipment>(data).map(|record| (record.batch, record.payer)))
        .or_else(|_| view::<Monitor>(data).map(|record| (record.batch, record.payer)))
        .or_else(|_| view::<RecallList>(data).map(|record| (record.batch, record.payer)))
        .or_else(|_| view::<Recoupment>(data).map(|record| (record.batch, record.payer)))
        .or_else(|_| view::<Scan>(data).map(|record| (record.batch, record.payer)))
        .ok()
}

/// See [`crate::provenance::close_orphan`].
pub fn close_orphan(ctx: Context<CloseOrphan>) -> Result<()> {
    let accounts = &*ctx.accounts;
    let payer = accounts.validate()?;
    galen_entry::emit!(ctx => OrphanClosed {
        batch: accounts.batch.key(),
        record: accounts.record.key(),
    });
    address::close(&accounts.record, &accounts.payer, &payer)
}
