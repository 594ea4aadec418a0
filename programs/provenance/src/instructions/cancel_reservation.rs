use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::DispenseClosed;
use crate::state::{Dispense, DispenseKind};

/// Accounts of `cancel_reservation`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelReservation<'info> {
    /// The pharmacy's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub pharmacy: Box<Account<'info, Organization>>,
    /// The reservation; closed.
    #[account(
        mut,
        close = payer,
        has_one = pharmacy @ ProvenanceError::ReservedForOther,
        has_one = payer @ ProvenanceError::WrongPayer,
    )]
    pub dispense: AccountLoader<'info, Dispense>,
    /// CHECK: gets the rent back; by the address that the reservation stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl CancelReservation<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        require!(
            self.dispense.load()?.kind() == DispenseKind::Reserved,
            ProvenanceError::NotReserved
        );
        authorize::staff(
            &self.pharmacy,
            &self.operator_record,
            &self.operator.key(),
            Permission::DispensePack,
            now,
        )
    }
}

/// See [`crate::provenance::cancel_reservation`].
pub fn cancel_reservation(ctx: Context<CancelReservation>) -> Result<()> {
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
