use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, OrganizationKind, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::TreatyOffered;
use crate::state::{Pool, Treaty, TreatyTerms};

/// Arguments of `offer_treaty`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct OfferTreatyArgs {
    /// Number among the pool's treaties.
    pub number: u16,
    /// What is to be covered.
    pub terms: TreatyTerms,
}

/// Accounts of `offer_treaty`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OfferTreatyArgs)]
pub struct OfferTreaty<'info> {
    /// Pays the rent, which is never refunded: treaties stay. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The reinsurer: another insurer.
    pub reinsurer: Box<Account<'info, Organization>>,
    /// The treaty to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + Treaty::INIT_SPACE,
        seeds = [Treaty::SEED, pool.key().as_ref(), &args.number.to_le_bytes()],
        bump,
    )]
    pub treaty: Box<Account<'info, Treaty>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OfferTreaty<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManagePool,
            now,
        )?;
        require!(
            self.reinsurer.kind == OrganizationKind::Insurer,
            ClaimsError::NotAnInsurer
        );
        require_keys_neq!(
            self.reinsurer.key(),
            self.insurer.key(),
            ClaimsError::ReinsurerIsInsurer
        );
        Ok(())
    }
}

/// See [`crate::claims::offer_treaty`].
pub fn offer_treaty(ctx: Context<OfferTreaty>, args: OfferTreatyArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let treaty = Treaty::offer(
        ctx.bumps.treaty,
        args.number,
        accounts.pool.key(),
        accounts.reinsurer.key(),
        args.terms,
    )?;
    accounts.treaty.set_inner(treaty);
    accounts.treaty.invariant(0, accounts.pool.unit_per_cent)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => TreatyOffered {
        treaty: accounts.treaty.key(),
        pool: accounts.pool.key(),
        reinsurer: accounts.reinsurer.key(),
        terms: args.terms,
    });
    Ok(())
}
