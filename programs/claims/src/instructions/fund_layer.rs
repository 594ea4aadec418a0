use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::error::ClaimsError;
use crate::events::LayerFunded;
use crate::payment::{self, Deposit};
use crate::state::{Pool, Treaty};

/// Arguments of `fund_layer`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct FundLayerArgs {
    /// How much, in cents.
    pub amount: u64,
}

/// Accounts of `fund_layer`.
#[event_cpi]
#[derive(Accounts)]
pub struct FundLayer<'info> {
    /// Whose money it is. Anybody may fund.
    pub funder: Signer<'info>,
    /// The token account that the money comes from.
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The pool.
    #[account(
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The treaty, in force.
    #[account(
        mut,
        has_one = pool @ ClaimsError::TreatyOfOtherPool,
        constraint = treaty.vault == layer_vault.key() @ ClaimsError::WrongLayerVault,
    )]
    pub treaty: Box<Account<'info, Treaty>>,
    /// The layer's vault.
    #[account(mut)]
    pub layer_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The pool's mint.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// See [`crate::claims::fund_layer`].
pub fn fund_layer(ctx: Context<FundLayer>, args: FundLayerArgs) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    payment::deposit(
        &accounts.pool,
        &Deposit {
            funder: &accounts.funder,
            source: &accounts.source,
            mint: &accounts.mint,
            token_program: &accounts.token_program,
        },
        &mut accounts.layer_vault,
        args.amount,
    )?;
    accounts.treaty.fund(args.amount)?;
    accounts
        .treaty
        .invariant(accounts.layer_vault.amount, accounts.pool.unit_per_cent)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => LayerFunded {
        treaty: accounts.treaty.key(),
        funder: accounts.funder.key(),
        amount: args.amount,
        funded: accounts.treaty.funded,
    });
    Ok(())
}
