use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::ScheduleClosed;
use crate::state::{BenefitSchedule, Pool};

/// Accounts of `close_schedule`.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseSchedule<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool whose plans might have used the schedule.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The schedule, not sealed.
    #[account(
        mut,
        close = opener,
        has_one = pool @ ClaimsError::ScheduleOfOtherPool,
        has_one = opener @ ClaimsError::NotScheduleOpener,
    )]
    pub schedule: AccountLoader<'info, BenefitSchedule>,
    /// CHECK: who opened the schedule gets its rent; only lamports are added.
    #[account(mut)]
    pub opener: UncheckedAccount<'info>,
}

impl CloseSchedule<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::PublishPlan,
            now,
        )?;
        require!(
            !self.schedule.load()?.is_sealed(),
            ClaimsError::ScheduleSealed
        );
        Ok(())
    }
}

/// See [`crate::claims::close_schedule`].
pub fn close_schedule(ctx: Context<CloseSchedule>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;

    galen_entry::emit!(ctx => ScheduleClosed {
        schedule: ctx.accounts.schedule.key(),
        pool: ctx.accounts.pool.key(),
    });
    Ok(())
}
