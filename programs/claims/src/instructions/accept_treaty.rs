use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::TreatyAccepted;
use crate::payment;
use crate::state::{Pool, Treaty};

/// Arguments of `accept_treaty`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AcceptTreatyArgs {
    /// Good for one moment only; the sequence number is the treaty's.
    pub admin: AdminArgs,
}

/// Accounts of `accept_treaty`.
#[event_cpi]
#[derive(Accounts)]
pub struct AcceptTreaty<'info> {
    /// Pays the rent of the layer's vault, which is never refunded. The reinsurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the reinsurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The reinsurer.
    pub reinsurer: Box<Account<'info, Organization>>,
    /// The pool.
    #[account(
        mut,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// CHECK: the pool's vault, by its address in the pool; read.
    pub vault: UncheckedAccount<'info>,
    /// The treaty.
    #[account(
        mut,
        has_one = pool @ ClaimsError::TreatyOfOtherPool,
        has_one = reinsurer @ ClaimsError::TreatyOfOtherReinsurer,
    )]
    pub treaty: Box<Account<'info, Treaty>>,
    /// The layer's vault to be created.
    #[account(
        init,
        payer = operator,
        token::mint = mint,
        token::authority = treaty,
        token::token_program = token_program,
        seeds = [Treaty::VAULT_SEED, treaty.key().as_ref()],
        bump,
    )]
    pub layer_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The pool's mint.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl AcceptTreaty<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.reinsurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManagePool,
            now,
        )
    }
}

/// See [`crate::claims::accept_treaty`].
pub fn accept_treaty(ctx: Context<AcceptTreaty>, args: AcceptTreatyArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    accounts.treaty.authorize(&args.admin, now)?;
    accounts.treaty.accept(accounts.layer_vault.key())?;
    let terms = accounts.treaty.terms;
    accounts.pool.reinsure(terms.from, terms.to)?;
    accounts
        .treaty
        .invariant(accounts.layer_vault.amount, accounts.pool.unit_per_cent)?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => TreatyAccepted {
        treaty: accounts.treaty.key(),
        pool: accounts.pool.key(),
        reinsurer: accounts.reinsurer.key(),
        operator: accounts.operator.key(),
    });
    Ok(())
}
