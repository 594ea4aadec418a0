use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use galen_chain::mint_policy;
use registry::state::{Operator, Organization, Permission};

use crate::error::ProvenanceError;
use crate::events::BondOpened;
use crate::state::bond::{Bond, BondOrigin};
use crate::{authorize, vault};

/// Arguments of `open_bond`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct OpenBondArgs {
    /// Number among the manufacturer's bonds in the mint.
    pub number: u16,
    /// The program whose claims it pays back.
    pub claims_program: Pubkey,
}

/// Accounts of `open_bond`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenBondArgs)]
pub struct OpenBond<'info> {
    /// The manufacturer's operator. Pays the rent of bond and vault, which is never refunded: bonds stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The mint to pay in.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The bond to be opened.
    #[account(
        init,
        payer = operator,
        space = 8 + Bond::INIT_SPACE,
        seeds = [Bond::SEED, manufacturer.key().as_ref(), mint.key().as_ref(), &args.number.to_le_bytes()],
        bump,
    )]
    pub bond: Box<Account<'info, Bond>>,
    /// The bond's vault to be created.
    #[account(
        init,
        payer = operator,
        token::mint = mint,
        token::authority = bond,
        token::token_program = token_program,
        seeds = [Bond::VAULT_SEED, bond.key().as_ref()],
        bump,
    )]
    pub vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The program that owns the mint.
    #[account(constraint = token_program.key() == *mint.to_account_info().owner @ ProvenanceError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OpenBond<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::manufacturer(&self.manufacturer)?;
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )
    }
}

/// See [`crate::provenance::open_bond`].
pub fn open_bond(ctx: Context<OpenBond>, args: OpenBondArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let issuer_powers = mint_policy::check(&accounts.mint.to_account_info(), &accounts.mint)
        .map_err(ProvenanceError::from)?;
    let bond = Bond::new(BondOrigin {
        bump: ctx.bumps.bond,
        number: args.number,
        manufacturer: accounts.manufacturer.key(),
        mint: accounts.mint.key(),
        token_program: accounts.token_program.key(),
        vault: accounts.vault.key(),
        claims_program: args.claims_program,
        decimals: accounts.mint.decimals,
        issuer_powers,
    })?;
    accounts.bond.set_inner(bond);

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => BondOpened {
        bond: accounts.bond.key(),
        manufacturer: accounts.manufacturer.key(),
        mint: accounts.mint.key(),
        number: args.number,
        claims_program: args.claims_program,
        issuer_powers,
    });
    accounts
        .bond
        .invariant_with(vault::amount(&accounts.vault.to_account_info())?)
}
