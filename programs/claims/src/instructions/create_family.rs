use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::FamilyCreated;
use crate::state::{Family, Plan, Pool};

/// Arguments of `create_family`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CreateFamilyArgs {
    /// Commitment to who the family is, salted with 32 random bytes that stay off the ledger.
    pub commitment: [u8; 32],
}

/// Accounts of `create_family`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CreateFamilyArgs)]
pub struct CreateFamily<'info> {
    /// Pays the rent, which is never refunded: accumulators stay. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The plan.
    #[account(has_one = pool @ ClaimsError::PlanOfOtherPool)]
    pub plan: Box<Account<'info, Plan>>,
    /// The family to be created.
    #[account(
        init,
        payer = operator,
        space = Family::SIZE,
        seeds = [Family::SEED, pool.key().as_ref(), args.commitment.as_ref()],
        bump,
    )]
    pub family: AccountLoader<'info, Family>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl CreateFamily<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolMember,
            now,
        )
    }
}

/// See [`crate::claims::create_family`].
pub fn create_family(ctx: Context<CreateFamily>, args: CreateFamilyArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let family = Family::new(
        ctx.bumps.family,
        accounts.pool.key(),
        accounts.plan.key(),
        args.commitment,
    )?;
    family.invariant()?;
    *accounts.family.load_init()? = family;

    galen_entry::emit!(ctx => FamilyCreated {
        family: accounts.family.key(),
        pool: accounts.pool.key(),
        plan: accounts.plan.key(),
    });
    Ok(())
}
