use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::TrialsError;
use crate::events::PlanCommitted;
use crate::state::{DataLog, PlanTerms, Trial};
use crate::{authorize, convert};

/// Arguments of `commit_plan`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CommitPlanArgs {
    /// What the sponsor binds itself to.
    pub terms: PlanTerms,
}

/// Accounts of `commit_plan`.
#[event_cpi]
#[derive(Accounts)]
pub struct CommitPlan<'info> {
    /// The sponsor's operator. Pays the rent, which is never refunded: commitments stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's commitments, to be created.
    #[account(
        init,
        payer = operator,
        space = DataLog::SIZE,
        seeds = [DataLog::SEED, trial.key().as_ref()],
        bump,
    )]
    pub log: AccountLoader<'info, DataLog>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl CommitPlan<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        self.trial.load()?.require_running()?;
        authorize::sponsor_staff(
            &self.sponsor,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageTrial,
            now,
        )
    }
}

/// See [`crate::trials::commit_plan`].
pub fn commit_plan(ctx: Context<CommitPlan>, args: CommitPlanArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut trial = accounts.trial.load_mut()?;
        // Who has seen data could choose the plan by them: the first participant comes after it (`count_participant`), so a
        // trial that has no log has no participants either.
        trial.note_plan();
        let mut log = accounts.log.load_init()?;
        log.begin(ctx.bumps.log, accounts.trial.key(), &args.terms, today)?;
        trial.reserve(args.terms.bond)?;
        log.invariant()?;
        trial.invariant()?;
    }

    galen_entry::emit!(ctx => PlanCommitted {
        trial: accounts.trial.key(),
        terms: args.terms,
    });
    Ok(())
}
