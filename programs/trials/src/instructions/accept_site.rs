use anchor_lang::prelude::*;
use registry::state::Organization;

use crate::error::TrialsError;
use crate::events::SiteJoined;
use crate::payment;
use crate::state::{Site, Trial};

/// Accounts of `accept_site`.
#[event_cpi]
#[derive(Accounts)]
pub struct AcceptSite<'info> {
    /// The authority of the site's organisation.
    pub authority: Signer<'info>,
    /// The site's organisation.
    #[account(has_one = authority @ TrialsError::NotSiteAuthority)]
    pub organization: Box<Account<'info, Organization>>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        mut,
        has_one = trial @ TrialsError::SiteOfOtherTrial,
        has_one = organization @ TrialsError::SiteOfOtherOrganization,
    )]
    pub site: AccountLoader<'info, Site>,
    /// CHECK: the token account to be paid; read by hand, so that each fault has an error of its own.
    pub payout: UncheckedAccount<'info>,
}

impl AcceptSite<'_> {
    fn validate(&self) -> Result<()> {
        require!(
            self.organization.is_active(),
            TrialsError::OrganizationNotActive
        );
        Ok(())
    }
}

/// See [`crate::trials::accept_site`].
pub fn accept_site(ctx: Context<AcceptSite>) -> Result<()> {
    ctx.accounts.validate()?;
    let accounts = &*ctx.accounts;
    let owner = payment::check_new_payee(
        &accounts.payout,
        &*accounts.trial.load()?,
        &accounts.trial.key(),
    )?;
    {
        let mut site = accounts.site.load_mut()?;
        site.accept(accounts.payout.key(), owner)?;
        site.invariant()?;
    }

    galen_entry::emit!(ctx => SiteJoined {
        site: accounts.site.key(),
        trial: accounts.trial.key(),
        payout: accounts.payout.key(),
    });
    Ok(())
}
