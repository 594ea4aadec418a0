use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Organization};

use crate::error::ClaimsError;
use crate::events::{AgreementAccepted, PayoutProposed};
use crate::state::{Agreement, Pool};
use crate::{authorize, payment};

/// Arguments of `accept_agreement`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AcceptAgreementArgs {
    /// Good for one moment only; the sequence number is the agreement's, so that nothing is accepted but the offer that was read.
    pub admin: AdminArgs,
}

/// Accounts of `accept_agreement`.
#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAgreement<'info> {
    /// The authority of the provider's organisation.
    pub authority: Signer<'info>,
    /// The provider.
    #[account(has_one = authority @ ClaimsError::NotProviderAuthority)]
    pub provider: Box<Account<'info, Organization>>,
    /// The pool that will pay.
    pub pool: Box<Account<'info, Pool>>,
    /// The agreement.
    #[account(
        mut,
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        has_one = provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// CHECK: the token account to be paid, in 72 hours where another was paid before the agreement ended; read by hand, so that each fault has an error of its own.
    pub payout: UncheckedAccount<'info>,
}

impl AcceptAgreement<'_> {
    fn validate(&self) -> Result<()> {
        require!(
            self.provider.is_active(),
            ClaimsError::OrganizationNotActive
        );
        authorize::provider(&self.provider)?;
        payment::check_new_payout(&self.payout, &self.pool, &self.pool.key())
    }
}

/// See [`crate::claims::accept_agreement`].
pub fn accept_agreement(ctx: Context<AcceptAgreement>, args: AcceptAgreementArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate()?;
    let payout = ctx.accounts.payout.key();
    let authority = ctx.accounts.authority.key();
    let agreement = &mut ctx.accounts.agreement;
    agreement.authorize(&args.admin, now)?;
    let effective_at = agreement.accept(payout, authority, now)?;
    agreement.invariant()?;

    galen_entry::emit!(ctx => AgreementAccepted {
        agreement: ctx.accounts.agreement.key(),
        payout,
    });
    if effective_at != 0 {
        galen_entry::emit!(ctx => PayoutProposed {
            agreement: ctx.accounts.agreement.key(),
            payout,
            effective_at,
        });
    }
    Ok(())
}
