use anchor_lang::prelude::*;

use crate::constants::HOLDBACK_DAYS;
use crate::convert;
use crate::error::TrialsError;
use crate::events::SiteMilestonesLapsed;
use crate::state::{Site, SitePlan, Trial};

/// Accounts of `lapse_site_milestones`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct LapseSiteMilestones<'info> {
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(has_one = trial @ TrialsError::SiteOfOtherTrial)]
    pub site: AccountLoader<'info, Site>,
    /// The site's plan.
    #[account(mut, has_one = site @ TrialsError::PlanOfOtherSite)]
    pub plan: AccountLoader<'info, SitePlan>,
}

/// See [`crate::trials::lapse_site_milestones`].
pub fn lapse_site_milestones(ctx: Context<LapseSiteMilestones>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?;
    let accounts = &*ctx.accounts;
    let released = {
        let mut trial = accounts.trial.load_mut()?;
        require!(
            convert::day(trial.ended_on)
                .is_some_and(|end| today.days_since(end) >= i32::from(HOLDBACK_DAYS)),
            TrialsError::TrialRunning
        );
        let mut plan = accounts.plan.load_mut()?;
        let released = plan.lapse(accounts.site.load()?.enrolled, today)?;
        trial.release(released)?;
        plan.invariant()?;
        trial.invariant()?;
        released
    };

    galen_entry::emit!(ctx => SiteMilestonesLapsed {
        site: accounts.site.key(),
        trial: accounts.trial.key(),
        released,
    });
    Ok(())
}
