use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::state::{AdherenceEntry, Schedule, Trial};

/// Arguments of `require_adherence`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RequireAdherenceArgs {
    /// What the bonus needs beside attendance.
    pub adherence: AdherenceEntry,
}

/// Accounts of `require_adherence`. No event: sealing is what counts.
#[derive(Accounts)]
pub struct RequireAdherence<'info> {
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

impl RequireAdherence<'_> {
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

/// See [`crate::trials::require_adherence`].
pub fn require_adherence(ctx: Context<RequireAdherence>, args: RequireAdherenceArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let mut schedule = ctx.accounts.schedule.load_mut()?;
    schedule.require_adherence(args.adherence)?;
    schedule.invariant()
}
