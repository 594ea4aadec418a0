use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::SiteMilestoneMoved;
use crate::state::{Site, SitePlan, Trial};

/// Arguments of `answer_site_milestone`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AnswerSiteMilestoneArgs {
    /// The milestone's number in the plan, from 0.
    pub milestone: u8,
    /// False: it is not done; the site can declare it again.
    pub confirm: bool,
    /// SHA-256 of the reason, which stays off the ledger.
    pub reason_digest: [u8; 32],
}

/// Accounts of `answer_site_milestone`.
#[event_cpi]
#[derive(Accounts)]
pub struct AnswerSiteMilestone<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(mut, has_one = trial @ TrialsError::SiteOfOtherTrial)]
    pub site: AccountLoader<'info, Site>,
    /// The site's plan.
    #[account(mut, has_one = site @ TrialsError::PlanOfOtherSite)]
    pub plan: AccountLoader<'info, SitePlan>,
}

impl AnswerSiteMilestone<'_> {
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

/// See [`crate::trials::answer_site_milestone`].
pub fn answer_site_milestone(
    ctx: Context<AnswerSiteMilestone>,
    args: AnswerSiteMilestoneArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let earned = {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        let mut plan = accounts.plan.load_mut()?;
        let earned = if args.confirm {
            let amount = plan.confirm(args.milestone)?;
            site.earn(amount)?;
            trial.accrue(amount.get())?;
            amount.get()
        } else {
            plan.refuse(args.milestone)?;
            0
        };
        plan.invariant()?;
        site.invariant()?;
        trial.invariant()?;
        earned
    };

    galen_entry::emit!(ctx => SiteMilestoneMoved {
        site: accounts.site.key(),
        milestone: args.milestone,
        by: accounts.operator.key(),
        earned,
        digest: args.reason_digest,
    });
    Ok(())
}
