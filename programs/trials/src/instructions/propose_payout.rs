use anchor_lang::prelude::*;
use registry::state::Organization;

use crate::error::TrialsError;
use crate::events::PayoutChangeAnnounced;
use crate::payment;
use crate::state::{PayoutChange, Site, Trial};

/// Accounts of `propose_payout`.
#[event_cpi]
#[derive(Accounts)]
pub struct ProposePayout<'info> {
    /// The authority of the site's organisation. Pays the rent, which comes back when the change is applied or cancelled.
    #[account(mut)]
    pub authority: Signer<'info>,
    /// The site's organisation.
    #[account(has_one = authority @ TrialsError::NotSiteAuthority)]
    pub organization: Box<Account<'info, Organization>>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        has_one = trial @ TrialsError::SiteOfOtherTrial,
        has_one = organization @ TrialsError::SiteOfOtherOrganization,
    )]
    pub site: AccountLoader<'info, Site>,
    /// CHECK: the new token account; read by hand, so that each fault has an error of its own.
    pub payout: UncheckedAccount<'info>,
    /// The change to be announced.
    #[account(
        init,
        payer = authority,
        space = 8 + PayoutChange::INIT_SPACE,
        seeds = [PayoutChange::SEED, site.key().as_ref()],
        bump,
    )]
    pub change: Box<Account<'info, PayoutChange>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl ProposePayout<'_> {
    fn validate(&self) -> Result<()> {
        require!(
            self.organization.is_active(),
            TrialsError::OrganizationNotActive
        );
        self.site.load()?.require_accepted()
    }
}

/// See [`crate::trials::propose_payout`].
pub fn propose_payout(ctx: Context<ProposePayout>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate()?;
    let accounts = &mut *ctx.accounts;
    let owner = payment::check_new_payee(
        &accounts.payout,
        &*accounts.trial.load()?,
        &accounts.trial.key(),
    )?;
    accounts.change.set_inner(PayoutChange::new(
        ctx.bumps.change,
        accounts.site.key(),
        (accounts.payout.key(), owner),
        accounts.authority.key(),
        now,
    )?);

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PayoutChangeAnnounced {
        site: accounts.site.key(),
        payout: accounts.payout.key(),
        effective_at: accounts.change.effective_at,
    });
    Ok(())
}
