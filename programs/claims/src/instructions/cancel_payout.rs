use anchor_lang::prelude::*;
use registry::state::Organization;

use crate::error::ClaimsError;
use crate::events::PayoutCancelled;
use crate::state::Agreement;

/// Accounts of `cancel_payout`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelPayout<'info> {
    /// The authority of the provider's organisation, or the key that set the payout account now in force: a thief who
    /// takes the authority over does not thereby keep the old key from cancelling.
    pub authority: Signer<'info>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The agreement.
    #[account(mut, has_one = provider @ ClaimsError::AgreementOfOtherProvider)]
    pub agreement: Box<Account<'info, Agreement>>,
}

impl CancelPayout<'_> {
    fn validate(&self) -> Result<()> {
        let signer = self.authority.key();
        require!(
            signer == self.provider.authority || signer == self.agreement.payout_authority,
            ClaimsError::NotPayoutAuthority
        );
        Ok(())
    }
}

/// See [`crate::claims::cancel_payout`].
pub fn cancel_payout(ctx: Context<CancelPayout>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate()?;
    let agreement = &mut ctx.accounts.agreement;
    let payout = agreement.cancel_payout(now)?;
    agreement.invariant()?;

    galen_entry::emit!(ctx => PayoutCancelled {
        agreement: ctx.accounts.agreement.key(),
        payout,
    });
    Ok(())
}
