use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::TrialsError;
use crate::events::DataLocked;
use crate::state::{DataLog, Trial};
use crate::{authorize, convert};

/// Arguments of `lock_data`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct LockDataArgs {
    /// Root of the log that the signer means, so that nobody can slip a batch in before.
    pub root: [u8; 32],
}

/// Accounts of `lock_data`.
#[event_cpi]
#[derive(Accounts)]
pub struct LockData<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's commitments.
    #[account(mut, has_one = trial @ TrialsError::LogOfOtherTrial)]
    pub log: AccountLoader<'info, DataLog>,
}

impl LockData<'_> {
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

/// See [`crate::trials::lock_data`].
pub fn lock_data(ctx: Context<LockData>, args: LockDataArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    let leaves = {
        let trial = accounts.trial.load()?;
        require!(
            convert::day(trial.ended_on).is_some(),
            TrialsError::DataStillComing
        );
        let mut log = accounts.log.load_mut()?;
        require!(log.root == args.root, TrialsError::LogRootMismatch);
        log.lock(today)?;
        log.invariant()?;
        log.leaves
    };

    galen_entry::emit!(ctx => DataLocked {
        trial: accounts.trial.key(),
        root: args.root,
        leaves,
        locked_on: today.days(),
    });
    Ok(())
}
