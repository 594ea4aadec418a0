use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::PlanDetailsOpened;
use crate::state::{Plan, PlanDetails, Pool};

/// Accounts of `open_plan_details`.
#[event_cpi]
#[derive(Accounts)]
pub struct OpenPlanDetails<'info> {
    /// Pays the rent. The insurer's operator: appends the entries, and gets the rent back should they never be published.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The plan whose next version is to have the details.
    #[account(has_one = pool @ ClaimsError::PlanOfOtherPool)]
    pub plan: Box<Account<'info, Plan>>,
    /// The details to be created.
    #[account(
        init,
        payer = operator,
        space = PlanDetails::ENTRIES_OFFSET,
        seeds = [PlanDetails::SEED, plan.key().as_ref(), &plan.next_version().to_le_bytes()],
        bump,
    )]
    pub details: AccountLoader<'info, PlanDetails>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OpenPlanDetails<'_> {
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

/// See [`crate::claims::open_plan_details`].
pub fn open_plan_details(ctx: Context<OpenPlanDetails>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let number = accounts.plan.next_version();
    let opened = PlanDetails::new(
        ctx.bumps.details,
        accounts.plan.key(),
        number,
        accounts.operator.key(),
    );
    opened.invariant()?;
    *accounts.details.load_init()? = opened;

    galen_entry::emit!(ctx => PlanDetailsOpened {
        details: accounts.details.key(),
        plan: accounts.plan.key(),
        number,
    });
    Ok(())
}
