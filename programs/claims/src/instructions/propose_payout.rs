use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Organization};

use crate::error::ClaimsError;
use crate::events::PayoutProposed;
use crate::payment;
use crate::state::{Agreement, Pool};

/// Arguments of `propose_payout`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ProposePayoutArgs {
    /// Good for one moment only; the sequence number is the agreement's.
    pub admin: AdminArgs,
}

/// Accounts of `propose_payout`.
#[event_cpi]
#[derive(Accounts)]
pub struct ProposePayout<'info> {
    /// The authority of the provider's organisation.
    pub authority: Signer<'info>,
    /// The provider.
    #[account(has_one = authority @ ClaimsError::NotProviderAuthority)]
    pub provider: Box<Account<'info, Organization>>,
    /// The pool that pays.
    pub pool: Box<Account<'info, Pool>>,
    /// The agreement.
    #[account(
        mut,
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        has_one = provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// CHECK: the token account to be paid in 72 hours; read by hand, so that each fault has an error of its own.
    pub payout: UncheckedAccount<'info>,
}

impl ProposePayout<'_> {
    fn validate(&self) -> Result<()> {
        payment::check_new_payout(&self.payout, &self.pool, &self.pool.key())
    }
}

/// See [`crate::claims::propose_payout`].
pub fn propose_payout(ctx: Context<ProposePayout>, args: ProposePayoutArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate()?;
    let payout = ctx.accounts.payout.key();
    let authority = ctx.accounts.authority.key();
    let agreement = &mut ctx.accounts.agreement;
    agreement.authorize_provider(&args.admin, now)?;
    let effective_at = agreement.propose_payout(payout, authority, now)?;
    agreement.invariant()?;

    galen_entry::emit!(ctx => PayoutProposed {
        agreement: ctx.accounts.agreement.key(),
        payout,
        effective_at,
    });
    Ok(())
}
