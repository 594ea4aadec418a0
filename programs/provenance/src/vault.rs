//! The vault of a bond: what comes in, what goes out, and to where.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{
    transfer_checked, Mint, TokenAccount, TokenInterface, TransferChecked,
};
use galen_chain::token_account;

use crate::error::ProvenanceError;
use crate::state::Bond;

/// The balance of a bond's vault, in the mint's smallest units. Only for the account whose address is the bond's `vault`,
/// which this program created as a token account.
///
/// # Errors
/// `WrongVault`.
pub fn amount(vault: &AccountInfo) -> Result<u64> {
    token_account::amount(vault).ok_or_else(|| ProvenanceError::WrongVault.into())
}

/// Checks that money of the bond can go to `payee` now.
///
/// # Errors
/// `PayeeIsVault`, `PayeeClosed`, `PayeeInvalid`, `PayeeFrozen`, `PayeeAsksForMemo`.
pub fn check_payee(payee: &AccountInfo, bond: &Bond) -> Result<()> {
    require_keys_neq!(payee.key(), bond.vault, ProvenanceError::PayeeIsVault);
    token_account::check_payee(payee, &bond.token_program, &bond.mint)
        .map_err(|refusal| ProvenanceError::from(refusal).into())
}

/// What a deposit touches.
pub struct Deposit<'a, 'info> {
    /// Whose money it is.
    pub funder: &'a Signer<'info>,
    /// Where it comes from.
    pub source: &'a InterfaceAccount<'info, TokenAccount>,
    /// The bond's mint.
    pub mint: &'a InterfaceAccount<'info, Mint>,
    /// The program that owns the mint.
    pub token_program: &'a Interface<'info, TokenInterface>,
}

/// Moves `cents` into the vault.
///
/// # Errors
/// `DepositInvalid`, `AmountOverflow`, `DepositMismatch`, and the token program's.
pub fn deposit<'info>(
    bond: &Bond,
    deposit: &Deposit<'_, 'info>,
    vault: &mut InterfaceAccount<'info, TokenAccount>,
    cents: u64,
) -> Result<()> {
    require!(cents > 0, ProvenanceError::DepositInvalid);
    let units = bond.units(cents)?;
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
        bond.decimals,
    )?;
    vault.reload()?;
    // What counts is what arrived, not what was sent.
    require!(
        vault.amount.checked_sub(before) == Some(units),
        ProvenanceError::DepositMismatch
    );
    Ok(())
}

/// The accounts that a payment out of the vault touches.
pub struct Till<'a, 'info> {
    /// The bond's vault.
    pub vault: &'a AccountInfo<'info>,
    /// The token account to be paid.
    pub payee: &'a AccountInfo<'info>,
    /// The bond's mint.
    pub mint: &'a AccountInfo<'info>,
    /// The bond's account, which signs.
    pub bond: &'a AccountInfo<'info>,
}

/// Moves `cents` out of the vault. The bond's ledger has been written before.
///
/// # Errors
/// `AmountOverflow`, `PaymentMismatch`, and the token program's.
pub fn pay(bond: &Bond, till: &Till, cents: u64) -> Result<()> {
    let number = bond.number.to_le_bytes();
    let seeds: &[&[u8]] = &[
        Bond::SEED,
        bond.manufacturer.as_ref(),
        bond.mint.as_ref(),
        &number,
        &[bond.bump],
    ];
    let units = bond.units(cents)?;
    let before = amount(till.vault)?;
    transfer_checked(
        CpiContext::new_with_signer(
            bond.token_program,
            TransferChecked {
                from: till.vault.clone(),
                mint: till.mint.clone(),
                to: till.payee.clone(),
                authority: till.bond.clone(),
            },
            &[seeds],
        ),
        units,
        bond.decimals,
    )?;
    let after = amount(till.vault)?;
    require!(
        before.checked_sub(after) == Some(units),
        ProvenanceError::PaymentMismatch
    );
    Ok(())
}
