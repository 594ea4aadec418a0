use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::PlanCreated;
use crate::state::{Plan, Pool};

/// Arguments of `create_plan`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreatePlanArgs {
    /// Number among the pool's plans.
    pub number: u16,
}

/// Accounts of `create_plan`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CreatePlanArgs)]
pub struct CreatePlan<'info> {
    /// Pays the rent, which is never refunded: plans stay. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The plan to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + Plan::INIT_SPACE,
        seeds = [Plan::SEED, pool.key().as_ref(), &args.number.to_le_bytes()],
        bump,
    )]
    pub plan: Box<Account<'info, Plan>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl CreatePlan<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::PublishPlan,
            now,
        )
    }
}

/// See [`crate::claims::create_plan`].
pub fn create_plan(ctx: Context<CreatePlan>, args: CreatePlanArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let pool = ctx.accounts.pool.key();
    let plan = &mut ctx.accounts.plan;
    plan.set_inner(Plan::new(ctx.bumps.plan, args.number, pool));
    plan.invariant()?;

    galen_entry::emit!(ctx => PlanCreated {
        plan: ctx.accounts.plan.key(),
        pool,
    });
    Ok(())
}
