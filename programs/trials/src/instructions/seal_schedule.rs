use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};
use solana_sha256_hasher::hash;

use crate::error::TrialsError;
use crate::events::ScheduleSealed;
use crate::state::{Schedule, Trial};
use crate::{authorize, convert};

/// Arguments of `seal_schedule`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SealScheduleArgs {
    /// Number of milestones.
    pub count: u8,
    /// SHA-256 of the milestones' bytes: what the signer means, so that nobody can slip another one in before.
    pub digest: [u8; 32],
}

/// Accounts of `seal_schedule`.
#[event_cpi]
#[derive(Accounts)]
pub struct SealSchedule<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The schedule.
    #[account(mut, has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
}

impl SealSchedule<'_> {
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

/// See [`crate::trials::seal_schedule`].
pub fn seal_schedule(ctx: Context<SealSchedule>, args: SealScheduleArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let caps = accounts.trial.load()?.caps()?;
    let (number, per_participant) = {
        let mut schedule = accounts.schedule.load_mut()?;
        let digest = hash(bytemuck::cast_slice(schedule.in_use())).to_bytes();
        let summary = schedule.seal(args.count, args.digest, digest)?;
        caps.admit(&summary).map_err(convert::exceeded)?;
        schedule.invariant()?;
        (schedule.number, schedule.per_participant)
    };

    galen_entry::emit!(ctx => ScheduleSealed {
        schedule: accounts.schedule.key(),
        trial: accounts.trial.key(),
        number,
        count: args.count,
        digest: args.digest,
        per_participant,
    });
    Ok(())
}
