use anchor_lang::prelude::*;

use crate::convert;
use crate::error::TrialsError;
use crate::events::RecordsClosed;
use crate::state::{Schedule, Trial};

/// Accounts of `close_schedule`.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseSchedule<'info> {
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The schedule; closed.
    #[account(
        mut,
        close = opener,
        has_one = trial @ TrialsError::ScheduleOfOtherTrial,
        has_one = opener @ TrialsError::NotScheduleOpener,
    )]
    pub schedule: AccountLoader<'info, Schedule>,
    /// Who opened it; gets the rent back.
    #[account(mut)]
    pub opener: Signer<'info>,
}

/// See [`crate::trials::close_schedule`].
pub fn close_schedule(ctx: Context<CloseSchedule>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?;
    let accounts = &*ctx.accounts;
    {
        let trial = accounts.trial.load()?;
        // A schedule that was never sealed applies to nobody.
        if accounts.schedule.load()?.is_sealed() {
            trial.require_retained(today)?;
            // Settlement reads the schedule.
            require!(trial.reserved == 0, TrialsError::MoneyOwed);
        }
    }

    galen_entry::emit!(ctx => RecordsClosed {
        trial: accounts.trial.key(),
        account: accounts.schedule.key(),
    });
    Ok(())
}
