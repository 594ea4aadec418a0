use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::error::ClaimsError;
use crate::events::PoolFunded;
use crate::payment::{self, Deposit};
use crate::state::Pool;

/// Arguments of `fund_pool`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct FundPoolArgs {
    /// How much, in cents.
    pub amount: u64,
}

/// Accounts of `fund_pool`.
#[event_cpi]
#[derive(Accounts)]
pub struct FundPool<'info> {
    /// Whose money it is. Anybody may fund.
    pub funder: Signer<'info>,
    /// The token account that the money comes from.
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The pool.
    #[account(
        mut,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The pool's vault.
    #[account(mut)]
    pub vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The pool's mint.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// See [`crate::claims::fund_pool`].
pub fn fund_pool(ctx: Context<FundPool>, args: FundPoolArgs) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    payment::deposit(
        &accounts.pool,
        &Deposit {
            funder: &accounts.funder,
            source: &accounts.source,
            mint: &accounts.mint,
            token_program: &accounts.token_program,
        },
        &mut accounts.vault,
        args.amount,
    )?;
    accounts.pool.fund(args.amount)?;
    accounts.pool.close_round()?;
    accounts.pool.invariant(accounts.vault.amount)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PoolFunded {
        pool: accounts.pool.key(),
        funder: accounts.funder.key(),
        amount: args.amount,
        funded: accounts.pool.funded,
        unfunded: accounts.pool.unfunded,
    });
    Ok(())
}
