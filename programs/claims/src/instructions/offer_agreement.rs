use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::AgreementOffered;
use crate::state::{Agreement, AgreementTerms, Pool};

/// Arguments of `offer_agreement`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OfferAgreementArgs {
    /// What is offered.
    pub terms: AgreementTerms,
}

/// Accounts of `offer_agreement`.
#[event_cpi]
#[derive(Accounts)]
pub struct OfferAgreement<'info> {
    /// Pays the rent, which is never refunded: agreements stay. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that would pay.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The provider or pharmacy.
    pub provider: Box<Account<'info, Organization>>,
    /// The agreement to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + Agreement::INIT_SPACE,
        seeds = [Agreement::SEED, pool.key().as_ref(), provider.key().as_ref()],
        bump,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OfferAgreement<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageAgreement,
            now,
        )?;
        authorize::provider(&self.provider)
    }
}

/// See [`crate::claims::offer_agreement`].
pub fn offer_agreement(ctx: Context<OfferAgreement>, args: OfferAgreementArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let (pool, provider) = (accounts.pool.key(), accounts.provider.key());
    accounts.agreement.set_inner(Agreement::new(
        ctx.bumps.agreement,
        pool,
        provider,
        args.terms,
    ));
    accounts.agreement.invariant()?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => AgreementOffered {
        agreement: accounts.agreement.key(),
        pool,
        provider,
        terms: args.terms,
    });
    Ok(())
}
