use anchor_lang::prelude::*;
use anchor_spl::token_interface::{
    transfer_checked, Mint, TokenAccount, TokenInterface, TransferChecked,
};

use crate::error::ClaimsError;
use crate::events::PoolFunded;
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

impl FundPool<'_> {
    fn validate(&self, args: &FundPoolArgs) -> Result<()> {
        require!(args.amount > 0, ClaimsError::FundingInvalid);
        Ok(())
    }
}

/// See [`crate::claims::fund_pool`].
pub fn fund_pool(ctx: Context<FundPool>, args: FundPoolArgs) -> Result<()> {
    ctx.accounts.validate(&args)?;
    let accounts = &mut *ctx.accounts;
    let units = accounts.pool.units(args.amount)?;
    let before = accounts.vault.amount;
    transfer_checked(
        CpiContext::new(
            accounts.token_program.key(),
            TransferChecked {
                from: accounts.source.to_account_info(),
                mint: accounts.mint.to_account_info(),
                to: accounts.vault.to_account_info(),
                authority: accounts.funder.to_account_info(),
            },
        ),
        units,
        accounts.pool.decimals,
    )?;
    accounts.vault.reload()?;
    // What counts is what arrived, not what was sent.
    require!(
        accounts.vault.amount.checked_sub(before) == Some(units),
        ClaimsError::FundingMismatch
    );
    accounts.pool.fund(args.amount)?;
    accounts.pool.close_round()?;
    accounts.pool.invariant(accounts.vault.amount)?;

    let accounts = &*ctx.accounts;
    emit_cpi!(PoolFunded {
        pool: accounts.pool.key(),
        funder: accounts.funder.key(),
        amount: args.amount,
        funded: accounts.pool.funded,
        unfunded: accounts.pool.unfunded,
    });
    Ok(())
}
