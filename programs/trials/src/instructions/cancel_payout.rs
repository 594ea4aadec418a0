use anchor_lang::prelude::*;
use registry::state::Organization;

use crate::error::TrialsError;
use crate::events::PayoutChangeCancelled;
use crate::state::{PayoutChange, Site};

/// Accounts of `cancel_payout`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelPayout<'info> {
    /// The authority of the site's organisation, or the owner of the token account that is paid now.
    pub signer: Signer<'info>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The site.
    #[account(has_one = organization @ TrialsError::SiteOfOtherOrganization)]
    pub site: AccountLoader<'info, Site>,
    /// The announced change; closed.
    #[account(
        mut,
        close = payer,
        has_one = site @ TrialsError::ChangeOfOtherSite,
        has_one = payer @ TrialsError::WrongPayer,
    )]
    pub change: Box<Account<'info, PayoutChange>>,
    /// CHECK: gets the rent back; by the address that the change stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl CancelPayout<'_> {
    /// Checks who signs. Who could announce the change may no longer be who should be paid: the owner of the present account
    /// can stop it too.
    fn validate(&self) -> Result<()> {
        let signer = self.signer.key();
        require!(
            signer == self.organization.authority || signer == self.site.load()?.payout_owner,
            TrialsError::NotPayoutOwner
        );
        Ok(())
    }
}

/// See [`crate::trials::cancel_payout`].
pub fn cancel_payout(ctx: Context<CancelPayout>) -> Result<()> {
    ctx.accounts.validate()?;
    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PayoutChangeCancelled {
        site: accounts.site.key(),
        payout: accounts.change.payout,
    });
    Ok(())
}
