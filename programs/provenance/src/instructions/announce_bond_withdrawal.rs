use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::error::ProvenanceError;
use crate::events::BondWithdrawalAnnounced;
use crate::state::Bond;
use crate::{authorize, vault};

/// Arguments of `announce_bond_withdrawal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AnnounceBondWithdrawalArgs {
    /// Good for one moment only; the sequence number is the bond's.
    pub admin: AdminArgs,
    /// How much, in cents.
    pub amount: u64,
}

/// Accounts of `announce_bond_withdrawal`.
#[event_cpi]
#[derive(Accounts)]
pub struct AnnounceBondWithdrawal<'info> {
    /// The manufacturer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The bond.
    #[account(mut, has_one = manufacturer @ ProvenanceError::BondOfOther)]
    pub bond: Box<Account<'info, Bond>>,
    /// CHECK: the token account that the money will go to; looked into below.
    pub destination: UncheckedAccount<'info>,
}

impl AnnounceBondWithdrawal<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )?;
        vault::check_payee(&self.destination, &self.bond)
    }
}

/// See [`crate::provenance::announce_bond_withdrawal`].
pub fn announce_bond_withdrawal(
    ctx: Context<AnnounceBondWithdrawal>,
    args: AnnounceBondWithdrawalArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let destination = ctx.accounts.destination.key();
    let bond = &mut ctx.accounts.bond;
    bond.authorize(&args.admin, now)?;
    let due_at = bond.announce_withdrawal(args.amount, destination, now)?;

    galen_entry::emit!(ctx => BondWithdrawalAnnounced {
        bond: ctx.accounts.bond.key(),
        operator: ctx.accounts.operator.key(),
        amount: args.amount,
        destination,
        due_at,
    });
    ctx.accounts.bond.invariant()
}
