use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};
use solana_sha256_hasher::hash;

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::ScheduleSealed;
use crate::state::{BenefitSchedule, Pool};

/// Arguments of `seal_schedule`: what the signer wants to seal, so that nobody can slip an entry in before.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SealScheduleArgs {
    /// Number of entries.
    pub count: u32,
    /// SHA-256 of the entries' bytes.
    pub digest: [u8; 32],
}

/// Accounts of `seal_schedule`.
#[event_cpi]
#[derive(Accounts)]
pub struct SealSchedule<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool whose plans may use the schedule.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The schedule.
    #[account(mut, has_one = pool @ ClaimsError::ScheduleOfOtherPool)]
    pub schedule: AccountLoader<'info, BenefitSchedule>,
}

impl SealSchedule<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::PublishPlan,
            now,
        )
    }

    fn digest(&self) -> Result<[u8; 32]> {
        let schedule = self.schedule.load()?;
        let info = self.schedule.to_account_info();
        let data = info.try_borrow_data()?;
        Ok(hash(schedule.entry_bytes(&data)?).to_bytes())
    }
}

/// See [`crate::claims::seal_schedule`].
pub fn seal_schedule(ctx: Context<SealSchedule>, args: SealScheduleArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let digest = ctx.accounts.digest()?;
    {
        let mut schedule = ctx.accounts.schedule.load_mut()?;
        schedule.seal(args.count, args.digest, digest)?;
        schedule.invariant()?;
    }

    galen_entry::emit!(ctx => ScheduleSealed {
        schedule: ctx.accounts.schedule.key(),
        pool: ctx.accounts.pool.key(),
        count: args.count,
        digest,
    });
    Ok(())
}
