use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::LayerWithdrawn;
use crate::payment::{self, Till};
use crate::state::{Pool, Treaty};
use crate::{authorize, convert};

/// Accounts of `withdraw_from_layer`.
#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawFromLayer<'info> {
    /// The reinsurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the reinsurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The reinsurer.
    pub reinsurer: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The pool.
    #[account(
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The treaty.
    #[account(
        mut,
        has_one = pool @ ClaimsError::TreatyOfOtherPool,
        has_one = reinsurer @ ClaimsError::TreatyOfOtherReinsurer,
        constraint = treaty.vault == layer_vault.key() @ ClaimsError::WrongLayerVault,
    )]
    pub treaty: Box<Account<'info, Treaty>>,
    /// CHECK: the layer's vault, by its address in the treaty.
    #[account(mut)]
    pub layer_vault: UncheckedAccount<'info>,
    /// CHECK: the token account that was announced, by its address; looked into before it is paid.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: the pool's mint, by its address in the pool.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the pool's token program, by its address in the pool.
    pub token_program: UncheckedAccount<'info>,
}

impl WithdrawFromLayer<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.reinsurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )?;
        require!(!self.config.is_paused(now), ClaimsError::WithdrawalsPaused);
        require!(
            self.treaty.withdrawal == 0 || self.destination.key() == self.treaty.withdrawal_to,
            ClaimsError::WrongDestination
        );
        Ok(())
    }
}

/// See [`crate::claims::withdraw_from_layer`].
pub fn withdraw_from_layer(ctx: Context<WithdrawFromLayer>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let amount = accounts
        .treaty
        .withdraw(now, convert::day_of(now)?.days())?;
    payment::check_payout(&accounts.destination, &accounts.pool)?;
    let treaty_info = accounts.treaty.to_account_info();
    payment::transfer_from_layer(
        &accounts.treaty,
        &accounts.pool,
        &Till {
            vault: &accounts.layer_vault,
            payout: &accounts.destination,
            mint: &accounts.mint,
            pool: &treaty_info,
        },
        amount,
    )?;
    accounts.treaty.invariant(
        payment::vault_amount(&accounts.layer_vault)?,
        accounts.pool.unit_per_cent,
    )?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => LayerWithdrawn {
        treaty: accounts.treaty.key(),
        operator: accounts.operator.key(),
        amount,
        destination: accounts.destination.key(),
    });
    Ok(())
}
