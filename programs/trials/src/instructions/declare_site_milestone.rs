use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::TrialsError;
use crate::events::SiteMilestoneMoved;
use crate::state::{Site, SitePlan};
use crate::{authorize, convert};

/// Arguments of `declare_site_milestone`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct DeclareSiteMilestoneArgs {
    /// The milestone's number in the plan, from 0.
    pub milestone: u8,
    /// SHA-256 of what shows it, which stays off the ledger.
    pub evidence_digest: [u8; 32],
}

/// Accounts of `declare_site_milestone`.
#[event_cpi]
#[derive(Accounts)]
pub struct DeclareSiteMilestone<'info> {
    /// The site's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The site.
    #[account(has_one = organization @ TrialsError::SiteOfOtherOrganization)]
    pub site: AccountLoader<'info, Site>,
    /// The site's plan.
    #[account(mut, has_one = site @ TrialsError::PlanOfOtherSite)]
    pub plan: AccountLoader<'info, SitePlan>,
}

impl DeclareSiteMilestone<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        self.site.load()?.require_accepted()?;
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::AttestVisit,
            now,
        )
    }
}

/// See [`crate::trials::declare_site_milestone`].
pub fn declare_site_milestone(
    ctx: Context<DeclareSiteMilestone>,
    args: DeclareSiteMilestoneArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut plan = accounts.plan.load_mut()?;
        plan.declare(args.milestone, today)?;
        plan.invariant()?;
    }

    galen_entry::emit!(ctx => SiteMilestoneMoved {
        site: accounts.site.key(),
        milestone: args.milestone,
        by: accounts.operator.key(),
        earned: 0,
        digest: args.evidence_digest,
    });
    Ok(())
}
