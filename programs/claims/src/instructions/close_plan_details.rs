use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::PlanDetailsClosed;
use crate::state::{Plan, PlanDetails, PlanVersion, Pool};

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
    /// The version that they are for, where it was published without them; none where it is not published.
    #[account(has_one = plan @ ClaimsError::PlanVersionOfOtherPlan)]
    pub plan_version: Option<Box<Account<'info, PlanVersion>>>,
    /// The details, sealed or not, on which no version stands.
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
        let number = self.details.load()?.number;
        let is_free = match &self.plan_version {
            None => number >= self.plan.next_version(),
            Some(version) => version.number == number && !version.has_details(),
        };
        require!(is_free, ClaimsError::DetailsPublished);
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
