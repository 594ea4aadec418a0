//! Token accounts: which can be paid, and the one transfer that pays.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{
    transfer_checked, Mint, TokenAccount, TokenInterface, TransferChecked,
};
use galen_chain::token_account;

use crate::error::ClaimsError;
use crate::state::{Pool, Treaty};

/// The accounts that a payment touches.
pub struct Till<'a, 'info> {
    /// The pool's vault.
    pub vault: &'a AccountInfo<'info>,
    /// The token account to be paid.
    pub payout: &'a AccountInfo<'info>,
    /// The pool's mint.
    pub mint: &'a AccountInfo<'info>,
    /// The pool's account, which signs.
    pub pool: &'a AccountInfo<'info>,
}

/// The balance of a pool's vault, in the mint's smallest units. Only for the account whose address is the pool's
/// `vault`, which this program created as a token account.
///
/// # Errors
/// `WrongVault`.
pub fn vault_amount(vault: &AccountInfo) -> Result<u64> {
    token_account::amount(vault).ok_or_else(|| ClaimsError::WrongVault.into())
}

/// Checks that `payout` can become a payout account of `pool`.
///
/// # Errors
/// `PayoutIsVault`, `PayoutInvalid`, `PayoutFrozen`, `PayoutAsksForMemo`.
pub fn check_new_payout(payout: &AccountInfo, pool: &Pool, pool_key: &Pubkey) -> Result<()> {
    require_keys_neq!(payout.key(), pool.vault, ClaimsError::PayoutIsVault);
    require_keys_eq!(
        *payout.owner,
        pool.token_program,
        ClaimsError::PayoutInvalid
    );
    let account = TokenAccount::try_deserialize(&mut &payout.try_borrow_data()?[..])
        .map_err(|_| ClaimsError::PayoutInvalid)?;
    require_keys_neq!(account.owner, *pool_key, ClaimsError::PayoutIsVault);
    check_payout(payout, pool)
}

/// Checks that `payout`, the one in force under an agreement, can be paid now: its owner may have closed it since, or
/// the mint's issuer frozen it.
///
/// # Errors
/// `PayoutClosed`, `PayoutInvalid`, `PayoutFrozen`, `PayoutAsksForMemo`.
pub fn check_payout(payout: &AccountInfo, pool: &Pool) -> Result<()> {
    token_account::check_payee(payout, &pool.token_program, &pool.mint)
        .map_err(|refusal| ClaimsError::from(refusal).into())
}

/// Moves `cents` from the vault to the payout account. The pool's ledger has been written before.
///
/// # Errors
/// `AmountOverflow`, `PaymentMismatch`, and the token program's.
pub fn transfer(pool: &Pool, till: &Till, cents: u64) -> Result<()> {
    let number = pool.number.to_le_bytes();
    let seeds: &[&[u8]] = &[
        Pool::SEED,
        pool.insurer.as_ref(),
        pool.mint.as_ref(),
        &number,
        &[pool.bump],
    ];
    transfer_signed(pool, till, cents, seeds)
}

/// Moves `cents` from a treaty's layer: `till` has its vault, and the treaty's account where the pool's is otherwise. The
/// treaty's ledger has been written before.
///
/// # Errors
/// `AmountOverflow`, `PaymentMismatch`, and the token program's.
pub fn transfer_from_layer(treaty: &Treaty, pool: &Pool, till: &Till, cents: u64) -> Result<()> {
    let number = treaty.number.to_le_bytes();
    let seeds: &[&[u8]] = &[Treaty::SEED, treaty.pool.as_ref(), &number, &[treaty.bump]];
    transfer_signed(pool, till, cents, seeds)
}

#[inline(always)]
fn transfer_signed(pool: &Pool, till: &Till, cents: u64, seeds: &[&[u8]]) -> Result<()> {
    let units = pool.units(cents)?;
    let before = vault_amount(till.vault)?;
    transfer_checked(
        CpiContext::new_with_signer(
            pool.token_program,
            TransferChecked {
                from: till.vault.clone(),
                mint: till.mint.clone(),
                to: till.payout.clone(),
                authority: till.pool.clone(),
            },
            &[seeds],
        ),
        units,
        pool.decimals,
    )?;
    let after = vault_amount(till.vault)?;
    require!(
        before.checked_sub(after) == Some(units),
        ClaimsError::PaymentMismatch
    );
    Ok(())
}

/// What a payment into a vault touches.
pub struct Deposit<'a, 'info> {
    /// Whose money it is.
    pub funder: &'a Signer<'info>,
    /// Where it comes from.
    pub source: &'a InterfaceAccount<'info, TokenAccount>,
    /// The pool's mint.
    pub mint: &'a InterfaceAccount<'info, Mint>,
    /// The program that owns the mint.
    pub token_program: &'a Interface<'info, TokenInterface>,
}

/// Moves `cents` of the pool's mint into `vault`.
///
/// # Errors
/// `FundingInvalid`, `AmountOverflow`, `FundingMismatch`, and the token program's.
pub fn deposit<'info>(
    pool: &Pool,
    deposit: &Deposit<'_, 'info>,
    vault: &mut InterfaceAccount<'info, TokenAccount>,
    cents: u64,
) -> Result<()> {
    require!(cents > 0, ClaimsError::FundingInvalid);
    let units = pool.units(cents)?;
    let before = vault.amount;
    transfer_checked(
        CpiContext::new(
            deposit.token_program.key(),
            TransferChecked {
                from: deposit.source.to_account_info(),
                mint: deposit.mint.to_account_info(),
                to: vault.to_account_info(),
                authority: deposit.funder.to_account_info(),
            },
        ),
        units,
        pool.decimals,
    )?;
    vault.reload()?;
    // What counts is what arrived, not what was sent.
    require!(
        vault.amount.checked_sub(before) == Some(units),
        ClaimsError::FundingMismatch
    );
    Ok(())
}
