use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::BondWithdrawalCancelled;
use crate::state::Bond;

/// Arguments of `cancel_bond_withdrawal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CancelBondWithdrawalArgs {
    /// Good for one moment only; the sequence number is the bond's.
    pub admin: AdminArgs,
}

/// Accounts of `cancel_bond_withdrawal`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelBondWithdrawal<'info> {
    /// The manufacturer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The bond.
    #[account(mut, has_one = manufacturer @ ProvenanceError::BondOfOther)]
    pub bond: Box<Account<'info, Bond>>,
}

impl CancelBondWithdrawal<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )
    }
}

/// See [`crate::provenance::cancel_bond_withdrawal`].
pub fn cancel_bond_withdrawal(
    ctx: Context<CancelBondWithdrawal>,
    args: CancelBondWithdrawalArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let bond = &mut ctx.accounts.bond;
    bond.authorize(&args.admin, now)?;
    let amount = bond.cancel_withdrawal()?;

    galen_entry::emit!(ctx => BondWithdrawalCancelled {
        bond: ctx.accounts.bond.key(),
        operator: ctx.accounts.operator.key(),
        amount,
    });
    ctx.accounts.bond.invariant()
}
