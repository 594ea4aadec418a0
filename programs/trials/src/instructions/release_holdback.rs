use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::constants::HOLDBACK_DAYS;
use crate::error::TrialsError;
use crate::events::HoldbackReleased;
use crate::state::{Site, Trial};
use crate::{authorize, convert};

/// Accounts of `release_holdback`.
#[event_cpi]
#[derive(Accounts)]
pub struct ReleaseHoldback<'info> {
    /// The sponsor's operator; anybody 90 days after the end of the trial.
    pub signer: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The sponsor.
    pub sponsor: Option<Box<Account<'info, Organization>>>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        mut,
        has_one = trial @ TrialsError::SiteOfOtherTrial,
    )]
    pub site: AccountLoader<'info, Site>,
}

impl ReleaseHoldback<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        let trial = self.trial.load()?;
        if let (Some(record), Some(sponsor)) = (&self.operator_record, &self.sponsor) {
            require_keys_eq!(
                sponsor.key(),
                trial.sponsor,
                TrialsError::TrialOfOtherSponsor
            );
            return authorize::staff(
                sponsor,
                record,
                self.signer.key,
                Permission::ManageTrial,
                now,
            );
        }
        let today = convert::day_of(now)?;
        require!(
            convert::day(trial.ended_on)
                .is_some_and(|end| today.days_since(end) >= i32::from(HOLDBACK_DAYS)),
            TrialsError::TrialRunning
        );
        Ok(())
    }
}

/// See [`crate::trials::release_holdback`].
pub fn release_holdback(ctx: Context<ReleaseHoldback>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let amount = {
        let mut site = accounts.site.load_mut()?;
        let amount = site.release_holdback()?;
        site.invariant()?;
        amount
    };

    galen_entry::emit!(ctx => HoldbackReleased {
        site: accounts.site.key(),
        trial: accounts.trial.key(),
        amount,
    });
    Ok(())
}
