use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::CohortOpened;
use crate::state::{Cohort, Site, Trial};

/// Accounts of `open_cohort`.
#[event_cpi]
#[derive(Accounts)]
pub struct OpenCohort<'info> {
    /// The site's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        has_one = trial @ TrialsError::SiteOfOtherTrial,
        has_one = organization @ TrialsError::SiteOfOtherOrganization,
    )]
    pub site: AccountLoader<'info, Site>,
    /// The account to become the cohort: all zeros, owned by this program, created by the client in the same transaction
    /// (`create_account_with_seed`), with room for a whole number of participants.
    #[account(zero)]
    pub cohort: AccountLoader<'info, Cohort>,
}

impl OpenCohort<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        self.trial.load()?.require_running()?;
        self.site.load()?.require_accepted()?;
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolParticipant,
            now,
        )
    }
}

/// See [`crate::trials::open_cohort`].
pub fn open_cohort(ctx: Context<OpenCohort>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let capacity = Cohort::capacity_of(accounts.cohort.to_account_info().data_len())?;
    let opened = Cohort::new(
        accounts.trial.key(),
        accounts.site.key(),
        accounts.operator.key(),
        capacity,
    );
    opened.invariant()?;
    *accounts.cohort.load_init()? = opened;

    galen_entry::emit!(ctx => CohortOpened {
        cohort: accounts.cohort.key(),
        trial: accounts.trial.key(),
        site: accounts.site.key(),
        capacity,
    });
    Ok(())
}
