use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::SiteOffered;
use crate::state::{Site, SiteTerms, Trial};

/// Arguments of `add_site`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AddSiteArgs {
    /// What is offered.
    pub terms: SiteTerms,
}

/// Accounts of `add_site`.
#[event_cpi]
#[derive(Accounts)]
pub struct AddSite<'info> {
    /// The sponsor's operator. Pays the rent, which is never refunded: sites stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The site to be created.
    #[account(
        init,
        payer = operator,
        space = Site::SIZE,
        seeds = [Site::SEED, trial.key().as_ref(), organization.key().as_ref()],
        bump,
    )]
    pub site: AccountLoader<'info, Site>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl AddSite<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::site(&self.organization)?;
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

/// See [`crate::trials::add_site`].
pub fn add_site(ctx: Context<AddSite>, args: AddSiteArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut site = accounts.site.load_init()?;
        site.begin(
            ctx.bumps.site,
            accounts.trial.key(),
            accounts.organization.key(),
            args.terms,
        )?;
        site.invariant()?;
    }

    galen_entry::emit!(ctx => SiteOffered {
        site: accounts.site.key(),
        trial: accounts.trial.key(),
        organization: accounts.organization.key(),
        terms: args.terms,
    });
    Ok(())
}
