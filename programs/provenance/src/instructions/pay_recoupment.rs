use anchor_lang::prelude::*;

use crate::error::ProvenanceError;
use crate::events::PackRecouped;
use crate::state::{Bond, Recoupment};
use crate::vault::{self, Till};

/// Accounts of `pay_recoupment`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct PayRecoupment<'info> {
    /// What the bond owes.
    #[account(
        mut,
        has_one = bond @ ProvenanceError::NotCovered,
        has_one = payee @ ProvenanceError::WrongPayee,
    )]
    pub recoupment: AccountLoader<'info, Recoupment>,
    /// The bond.
    #[account(
        mut,
        has_one = vault @ ProvenanceError::WrongVault,
        has_one = mint @ ProvenanceError::WrongMint,
        has_one = token_program @ ProvenanceError::WrongTokenProgram,
    )]
    pub bond: Box<Account<'info, Bond>>,
    /// CHECK: the bond's vault, by its address in the bond.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the token account that the claim has named, by its address; looked into before it is paid.
    #[account(mut)]
    pub payee: UncheckedAccount<'info>,
    /// CHECK: the bond's mint, by its address in the bond.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the bond's token program, by its address in the bond.
    pub token_program: UncheckedAccount<'info>,
}

/// Pays what there is of what the bond owes for a pack. Returns how much that is, in cents.
///
/// # Errors
/// `InvariantBroken`, and those of [`vault::pay`].
pub(crate) fn pay(bond: &mut Bond, recoupment: &mut Recoupment, till: &Till) -> Result<u64> {
    let cents = bond.pay_owed(recoupment.lacking())?;
    recoupment.pay(cents)?;
    recoupment.invariant()?;
    if cents > 0 {
        vault::pay(bond, till, cents)?;
    }
    Ok(cents)
}

/// See [`crate::provenance::pay_recoupment`].
pub fn pay_recoupment(ctx: Context<PayRecoupment>) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    vault::check_payee(&accounts.payee, &accounts.bond)?;
    let bond_info = accounts.bond.to_account_info();
    let till = Till {
        vault: &accounts.vault,
        payee: &accounts.payee,
        mint: &accounts.mint,
        bond: &bond_info,
    };
    let (paid, recoupment) = {
        let mut recoupment = accounts.recoupment.load_mut()?;
        require!(recoupment.lacking() > 0, ProvenanceError::NothingOwed);
        let paid = pay(&mut accounts.bond, &mut recoupment, &till)?;
        require!(paid > 0, ProvenanceError::BondEmpty);
        (paid, *recoupment)
    };

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PackRecouped {
        batch: recoupment.batch,
        index: recoupment.index,
        claim: recoupment.claim,
        bond: recoupment.bond,
        paid,
        lacking: recoupment.lacking(),
    });
    accounts
        .bond
        .invariant_with(vault::amount(&accounts.vault)?)
}
