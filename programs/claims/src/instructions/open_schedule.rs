use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::ScheduleOpened;
use crate::state::{BenefitSchedule, Pool};

/// Arguments of `open_schedule`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OpenScheduleArgs {
    /// The insurer's number for the schedule.
    pub number: u16,
}

/// Accounts of `open_schedule`.
#[event_cpi]
#[derive(Accounts)]
pub struct OpenSchedule<'info> {
    /// The insurer's operator. Appends the entries; gets the rent back should the schedule never be sealed.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool whose plans may use the schedule.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The account to become the schedule: all zeros, owned by this program, created by the client in the same
    /// transaction (`create_account_with_seed`), with room for a whole number of entries.
    #[account(zero)]
    pub schedule: AccountLoader<'info, BenefitSchedule>,
}

impl OpenSchedule<'_> {
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

/// See [`crate::claims::open_schedule`].
pub fn open_schedule(ctx: Context<OpenSchedule>, args: OpenScheduleArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let pool = ctx.accounts.pool.key();
    let schedule = &ctx.accounts.schedule;
    let capacity = BenefitSchedule::capacity_of(schedule.to_account_info().data_len())?;
    let opened = BenefitSchedule::new(pool, ctx.accounts.operator.key(), args.number, capacity);
    opened.invariant()?;
    *schedule.load_init()? = opened;

    galen_entry::emit!(ctx => ScheduleOpened {
        schedule: ctx.accounts.schedule.key(),
        pool,
        capacity,
    });
    Ok(())
}
