use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::HandedOut;
use crate::state::Dispense;

/// Accounts of `hand_out`.
#[event_cpi]
#[derive(Accounts)]
pub struct HandOut<'info> {
    /// The pharmacy's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub pharmacy: Box<Account<'info, Organization>>,
    /// The dispense.
    #[account(mut, has_one = pharmacy @ ProvenanceError::UndoOtherPremises)]
    pub dispense: AccountLoader<'info, Dispense>,
}

impl HandOut<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.pharmacy,
            &self.operator_record,
            &self.operator.key(),
            Permission::DispensePack,
            now,
        )
    }
}

/// See [`crate::provenance::hand_out`].
pub fn hand_out(ctx: Context<HandOut>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let (batch, level, index) = {
        let mut dispense = accounts.dispense.load_mut()?;
        dispense.hand_out()?;
        dispense.invariant()?;
        (dispense.batch, dispense.level, dispense.index)
    };
    galen_entry::emit!(ctx => HandedOut {
        batch,
        level,
        index,
        pharmacy: accounts.pharmacy.key(),
    });
    Ok(())
}
