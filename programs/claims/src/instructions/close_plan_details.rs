use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::PlanDetailsClosed;
use crate::state::{Plan, PlanDetails, Pool};

/// Accounts of `close_plan_details`.
#[event_cpi]
#[derive(Accounts)]
pub struct ClosePlanDetails<'info> {
    /// The insurer's operator.
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
    /// The details, sealed or not, of a version that is not published.
    #[account(
        mut,
        close = opener,
        has_one = plan @ ClaimsError::DetailsOfOtherVersion,
        has_one = opener @ ClaimsError::NotDetailsOpener,
    )]
    pub details: AccountLoader<'info, PlanDetails>,
    /// CHECK: who opened the details gets their rent; only lamports are added.
    #[account(mut)]
    pub opener: UncheckedAccount<'info>,
}

impl ClosePlanDetails<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::PublishPlan,
            now,
        )?;
        require!(
            self.details.load()?.number >= self.plan.next_version(),
            ClaimsError::DetailsPublished
        );
        Ok(())
    }
}

/// See [`crate::claims::close_plan_details`].
pub fn close_plan_details(ctx: Context<ClosePlanDetails>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let number = ctx.accounts.details.load()?.number;

    galen_entry::emit!(ctx => PlanDetailsClosed {
        details: ctx.accounts.details.key(),
        plan: ctx.accounts.plan.key(),
        number,
    });
    Ok(())
}
