use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::BondWithdrawn;
use crate::state::Bond;
use crate::vault::{self, Till};

/// Accounts of `withdraw_bond`.
#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawBond<'info> {
    /// The manufacturer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The bond.
    #[account(
        mut,
        has_one = manufacturer @ ProvenanceError::BondOfOther,
        has_one = vault @ ProvenanceError::WrongVault,
        has_one = mint @ ProvenanceError::WrongMint,
        has_one = token_program @ ProvenanceError::WrongTokenProgram,
    )]
    pub bond: Box<Account<'info, Bond>>,
    /// CHECK: the bond's vault, by its address in the bond.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the token account that was announced, by its address; looked into before it is paid.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: the bond's mint, by its address in the bond.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the bond's token program, by its address in the bond.
    pub token_program: UncheckedAccount<'info>,
}

impl WithdrawBond<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )?;
        require!(
            !self.config.is_paused(now),
            ProvenanceError::WithdrawalsPaused
        );
        require!(
            self.bond.withdrawal == 0 || self.destination.key() == self.bond.withdrawal_to,
            ProvenanceError::WrongDestination
        );
        Ok(())
    }
}

/// See [`crate::provenance::withdraw_bond`].
pub fn withdraw_bond(ctx: Context<WithdrawBond>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let amount = accounts.bond.withdraw(now)?;
    vault::check_payee(&accounts.destination, &accounts.bond)?;
    let bond_info = accounts.bond.to_account_info();
    let till = Till {
        vault: &accounts.vault,
        payee: &accounts.destination,
        mint: &accounts.mint,
        bond: &bond_info,
    };
    vault::pay(&accounts.bond, &till, amount)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => BondWithdrawn {
        bond: accounts.bond.key(),
        operator: accounts.operator.key(),
        amount,
        destination: accounts.destination.key(),
    });
    accounts
        .bond
        .invariant_with(vault::amount(&accounts.vault)?)
}
