//! Token accounts: which can be paid, and the one transfer that pays.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{transfer_checked, TokenAccount, TransferChecked};
use galen_chain::token_account;

use crate::error::ClaimsError;
use crate::state::Pool;

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
    let units = pool.units(cents)?;
    let before = vault_amount(till.vault)?;
    let number = pool.number.to_le_bytes();
    let seeds: &[&[u8]] = &[
        Pool::SEED,
        pool.insurer.as_ref(),
        pool.mint.as_ref(),
        &number,
        &[pool.bump],
    ];
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
