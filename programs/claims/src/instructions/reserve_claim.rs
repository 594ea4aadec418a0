use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::events::ClaimReserved;
use crate::payment;
use crate::state::{Claim, Pool};

/// Accounts of `reserve_claim`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ReserveClaim<'info> {
    /// The pool that pays.
    #[account(mut, has_one = vault @ ClaimsError::WrongVault)]
    pub pool: Box<Account<'info, Pool>>,
    /// The claim.
    #[account(mut, has_one = pool @ ClaimsError::ClaimOfOtherPool)]
    pub claim: Box<Account<'info, Claim>>,
    /// CHECK: the pool's vault, by its address in the pool.
    pub vault: UncheckedAccount<'info>,
}

/// See [`crate::claims::reserve_claim`].
pub fn reserve_claim(ctx: Context<ReserveClaim>) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    accounts.claim.reserve_money()?;
    let amount = accounts.claim.due();
    accounts.pool.set_aside_queued(amount)?;
    accounts.claim.invariant()?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    emit_cpi!(ClaimReserved {
        claim: accounts.claim.key(),
        pool: accounts.pool.key(),
        amount,
    });
    Ok(())
}
