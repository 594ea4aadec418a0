use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::Withdrawn;
use crate::payment::{self, Till};
use crate::state::Pool;

/// Accounts of `withdraw`.
#[event_cpi]
#[derive(Accounts)]
pub struct Withdraw<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The pool.
    #[account(
        mut,
        has_one = insurer @ ClaimsError::PoolOfOtherInsurer,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// CHECK: the pool's vault, by its address in the pool.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the token account that was announced, by its address; looked into before it is paid.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: the pool's mint, by its address in the pool.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the pool's token program, by its address in the pool.
    pub token_program: UncheckedAccount<'info>,
}

impl Withdraw<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )?;
        require!(!self.config.is_paused(now), ClaimsError::WithdrawalsPaused);
        require!(
            self.pool.withdrawal == 0 || self.destination.key() == self.pool.withdrawal_to,
            ClaimsError::WrongDestination
        );
        Ok(())
    }
}

/// See [`crate::claims::withdraw`].
pub fn withdraw(ctx: Context<Withdraw>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let amount = accounts.pool.withdraw(now)?;
    payment::check_payout(&accounts.destination, &accounts.pool)?;
    let pool_info = accounts.pool.to_account_info();
    payment::transfer(
        &accounts.pool,
        &Till {
            vault: &accounts.vault,
            payout: &accounts.destination,
            mint: &accounts.mint,
            pool: &pool_info,
        },
        amount,
    )?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => Withdrawn {
        pool: accounts.pool.key(),
        operator: accounts.operator.key(),
        amount,
        destination: accounts.destination.key(),
    });
    Ok(())
}
