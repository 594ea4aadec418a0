use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::TrialsError;
use crate::events::ResultsCommitted;
use crate::state::{DataLog, Trial};
use crate::{authorize, convert};

/// Arguments of `commit_results`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CommitResultsArgs {
    /// SHA-256 of the results.
    pub digest: [u8; 32],
}

/// Accounts of `commit_results`.
#[event_cpi]
#[derive(Accounts)]
pub struct CommitResults<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's commitments.
    #[account(mut, has_one = trial @ TrialsError::LogOfOtherTrial)]
    pub log: AccountLoader<'info, DataLog>,
}

impl CommitResults<'_> {
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

/// See [`crate::trials::commit_results`].
pub fn commit_results(ctx: Context<CommitResults>, args: CommitResultsArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    let (due, released) = {
        let mut trial = accounts.trial.load_mut()?;
        let mut log = accounts.log.load_mut()?;
        let due = log.results_due(&trial);
        let released = log.commit_results(args.digest, today, due)?;
        trial.release(released)?;
        log.invariant()?;
        trial.invariant()?;
        (due, released)
    };

    galen_entry::emit!(ctx => ResultsCommitted {
        trial: accounts.trial.key(),
        digest: args.digest,
        late: due.is_some_and(|due| today > due),
        released,
    });
    Ok(())
}
