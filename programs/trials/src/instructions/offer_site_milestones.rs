use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::SiteMilestonesOffered;
use crate::state::{Site, SiteMilestoneTerms, SitePlan, Trial};

/// Arguments of `offer_site_milestones`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OfferSiteMilestonesArgs {
    /// The milestones, at most 16.
    pub milestones: Vec<SiteMilestoneTerms>,
}

/// Accounts of `offer_site_milestones`.
#[event_cpi]
#[derive(Accounts)]
pub struct OfferSiteMilestones<'info> {
    /// The sponsor's operator. Pays the rent, which is never refunded: what a site was promised stays.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(has_one = trial @ TrialsError::SiteOfOtherTrial)]
    pub site: AccountLoader<'info, Site>,
    /// The plan to be created.
    #[account(
        init,
        payer = operator,
        space = SitePlan::SIZE,
        seeds = [SitePlan::SEED, site.key().as_ref()],
        bump,
    )]
    pub plan: AccountLoader<'info, SitePlan>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OfferSiteMilestones<'_> {
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

/// See [`crate::trials::offer_site_milestones`].
pub fn offer_site_milestones(
    ctx: Context<OfferSiteMilestones>,
    args: OfferSiteMilestonesArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let reserved = {
        let mut trial = accounts.trial.load_mut()?;
        let mut plan = accounts.plan.load_init()?;
        let reserved = plan.begin(
            ctx.bumps.plan,
            accounts.trial.key(),
            accounts.site.key(),
            &args.milestones,
        )?;
        trial.reserve(reserved)?;
        plan.invariant()?;
        trial.invariant()?;
        reserved
    };

    galen_entry::emit!(ctx => SiteMilestonesOffered {
        site: accounts.site.key(),
        trial: accounts.trial.key(),
        milestones: args.milestones,
        reserved,
    });
    Ok(())
}
