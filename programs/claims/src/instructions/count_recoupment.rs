use anchor_lang::prelude::*;
use provenance::state::Recoupment;

use crate::error::ClaimsError;
use crate::events::ClaimRecouped;
use crate::payment;
use crate::state::{ClaimRecoupment, Pool};

/// Accounts of `count_recoupment`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CountRecoupment<'info> {
    /// The pool that paid, and has got the money.
    #[account(mut, has_one = vault @ ClaimsError::WrongVault)]
    pub pool: Box<Account<'info, Pool>>,
    /// The claim's record.
    #[account(
        mut,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = recoupment @ ClaimsError::RecoupmentOfOtherClaim,
    )]
    pub record: Box<Account<'info, ClaimRecoupment>>,
    /// The provenance program's record of what the bond has paid into the vault.
    pub recoupment: AccountLoader<'info, Recoupment>,
    /// CHECK: the pool's vault, by its address in the pool.
    pub vault: UncheckedAccount<'info>,
}

/// See [`crate::claims::count_recoupment`].
pub fn count_recoupment(ctx: Context<CountRecoupment>) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    let recoupment = *accounts.recoupment.load()?;
    // A record that was closed with its batch may have been made anew for another claim of the pack.
    require_keys_eq!(
        recoupment.claim,
        accounts.record.claim,
        ClaimsError::RecoupmentOfOtherClaim
    );
    let arrived = accounts.record.count(recoupment.recouped)?;
    require!(arrived > 0, ClaimsError::NothingArrived);
    accounts.record.invariant()?;
    accounts.pool.take_cover(arrived)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimRecouped {
        claim: accounts.record.claim,
        pool: accounts.pool.key(),
        bond: recoupment.bond,
        arrived,
        lacking: recoupment.lacking(),
    });
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)
}
