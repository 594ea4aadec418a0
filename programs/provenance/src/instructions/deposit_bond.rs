use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::error::ProvenanceError;
use crate::events::BondDeposited;
use crate::state::Bond;
use crate::vault::{self, Deposit};

/// Arguments of `deposit_bond`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct DepositBondArgs {
    /// How much, in cents.
    pub amount: u64,
}

/// Accounts of `deposit_bond`.
#[event_cpi]
#[derive(Accounts)]
pub struct DepositBond<'info> {
    /// Whose money it is. Anybody may deposit; what is deposited is the manufacturer's to withdraw.
    pub funder: Signer<'info>,
    /// The token account that the money comes from.
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The bond.
    #[account(
        mut,
        has_one = vault @ ProvenanceError::WrongVault,
        has_one = mint @ ProvenanceError::WrongMint,
        has_one = token_program @ ProvenanceError::WrongTokenProgram,
    )]
    pub bond: Box<Account<'info, Bond>>,
    /// The bond's vault.
    #[account(mut)]
    pub vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The bond's mint.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// See [`crate::provenance::deposit_bond`].
pub fn deposit_bond(ctx: Context<DepositBond>, args: DepositBondArgs) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    vault::deposit(
        &accounts.bond,
        &Deposit {
            funder: &accounts.funder,
            source: &accounts.source,
            mint: &accounts.mint,
            token_program: &accounts.token_program,
        },
        &mut accounts.vault,
        args.amount,
    )?;
    accounts.bond.deposit(args.amount)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => BondDeposited {
        bond: accounts.bond.key(),
        funder: accounts.funder.key(),
        amount: args.amount,
        held: accounts.bond.held()?,
        owed: accounts.bond.owed,
    });
    accounts.bond.invariant_with(accounts.vault.amount)
}
