use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::state::{Schedule, Trial};

/// Arguments of `open_schedule`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OpenScheduleArgs {
    /// Number of the schedule, from 1 without gaps.
    pub number: u16,
    /// For attending every milestone that counts, in cents.
    pub bonus: u64,
    /// The most that one participant's expenses are reimbursed, in cents.
    pub reimbursements: u64,
}

/// Accounts of `open_schedule`. No event: sealing is what counts.
#[derive(Accounts)]
#[instruction(args: OpenScheduleArgs)]
pub struct OpenSchedule<'info> {
    /// The sponsor's operator. Pays the rent, which is never refunded: schedules stay. Appends the milestones.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The schedule that the new one succeeds, sealed; participants under it can pass to the new one. None: the new one succeeds
    /// none, and only who consents for the first time comes under it.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub predecessor: Option<AccountLoader<'info, Schedule>>,
    /// The schedule to be created.
    #[account(
        init,
        payer = operator,
        space = Schedule::SIZE,
        seeds = [Schedule::SEED, trial.key().as_ref(), &args.number.to_le_bytes()],
        bump,
    )]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OpenSchedule<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::sponsor_staff(
            &self.sponsor,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageTrial,
            now,
        )
    }
}

/// See [`crate::trials::open_schedule`].
pub fn open_schedule(ctx: Context<OpenSchedule>, args: OpenScheduleArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let mut trial = accounts.trial.load_mut()?;
    trial.open_schedule(args.number)?;
    let mut schedule = accounts.schedule.load_init()?;
    schedule.begin(
        ctx.bumps.schedule,
        accounts.trial.key(),
        accounts.operator.key(),
        args.number,
        args.bonus,
        args.reimbursements,
    );
    if let Some(predecessor) = &accounts.predecessor {
        schedule.succeed(&*predecessor.load()?)?;
    }
    schedule.invariant()?;
    trial.invariant()
}
