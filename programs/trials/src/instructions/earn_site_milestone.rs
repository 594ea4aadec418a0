use anchor_lang::prelude::*;

use crate::convert;
use crate::error::TrialsError;
use crate::events::SiteMilestoneMoved;
use crate::state::{Site, SitePlan, Trial};

/// Arguments of `earn_site_milestone`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EarnSiteMilestoneArgs {
    /// The milestone's number in the plan, from 0.
    pub milestone: u8,
}

/// Accounts of `earn_site_milestone`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct EarnSiteMilestone<'info> {
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(mut, has_one = trial @ TrialsError::SiteOfOtherTrial)]
    pub site: AccountLoader<'info, Site>,
    /// The site's plan.
    #[account(mut, has_one = site @ TrialsError::PlanOfOtherSite)]
    pub plan: AccountLoader<'info, SitePlan>,
}

/// See [`crate::trials::earn_site_milestone`].
pub fn earn_site_milestone(
    ctx: Context<EarnSiteMilestone>,
    args: EarnSiteMilestoneArgs,
) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?;
    let accounts = &*ctx.accounts;
    let earned = {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        let mut plan = accounts.plan.load_mut()?;
        let amount = plan.claim(args.milestone, site.enrolled, today)?;
        site.earn(amount)?;
        trial.accrue(amount.get())?;
        plan.invariant()?;
        site.invariant()?;
        trial.invariant()?;
        amount.get()
    };

    galen_entry::emit!(ctx => SiteMilestoneMoved {
        site: accounts.site.key(),
        milestone: args.milestone,
        by: Pubkey::default(),
        earned,
        digest: [0; 32],
    });
    Ok(())
}
