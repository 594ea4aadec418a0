use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use galen_chain::mint_policy;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::PoolCreated;
use crate::state::Pool;

/// Arguments of `create_pool`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreatePoolArgs {
    /// Number among the insurer's pools in the mint.
    pub number: u16,
    /// The key of the insurer's eligibility desk; the default key = no tickets.
    pub ticket_key: Pubkey,
}

/// Accounts of `create_pool`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CreatePoolArgs)]
pub struct CreatePool<'info> {
    /// Pays the rent of pool and vault, which is never refunded: pools stay. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The mint to pay in.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The pool to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + Pool::INIT_SPACE,
        seeds = [Pool::SEED, insurer.key().as_ref(), mint.key().as_ref(), &args.number.to_le_bytes()],
        bump,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The pool's vault to be created.
    #[account(
        init,
        payer = operator,
        token::mint = mint,
        token::authority = pool,
        token::token_program = token_program,
        seeds = [Pool::VAULT_SEED, pool.key().as_ref()],
        bump,
    )]
    pub vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The program that owns the mint.
    #[account(constraint = token_program.key() == *mint.to_account_info().owner @ ClaimsError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl CreatePool<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManagePool,
            now,
        )
    }
}

/// See [`crate::claims::create_pool`].
pub fn create_pool(ctx: Context<CreatePool>, args: CreatePoolArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let issuer_powers = mint_policy::check(&accounts.mint.to_account_info(), &accounts.mint)
        .map_err(ClaimsError::from)?;

    let mut pool = Pool::new(
        ctx.bumps.pool,
        args.number,
        accounts.insurer.key(),
        accounts.mint.key(),
        accounts.token_program.key(),
        accounts.vault.key(),
        accounts.mint.decimals,
        issuer_powers,
    )?;
    pool.set_ticket_key(args.ticket_key);
    accounts.pool.set_inner(pool);
    accounts.pool.invariant(accounts.vault.amount)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PoolCreated {
        pool: accounts.pool.key(),
        insurer: accounts.insurer.key(),
        mint: accounts.mint.key(),
        issuer_powers,
    });
    Ok(())
}
