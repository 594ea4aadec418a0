use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::AgreementTermsChanged;
use crate::state::{Agreement, AgreementTerms, Pool};
use crate::{authorize, convert};

/// Arguments of `set_agreement_terms`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetAgreementTermsArgs {
    /// Good for one moment only; the sequence number is the agreement's.
    pub admin: AdminArgs,
    /// The terms from now on; whether the provider is in the network, for services from tomorrow on.
    pub terms: AgreementTerms,
}

/// Accounts of `set_agreement_terms`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetAgreementTerms<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The agreement.
    #[account(mut, has_one = pool @ ClaimsError::AgreementOfOtherPool)]
    pub agreement: Box<Account<'info, Agreement>>,
}

impl SetAgreementTerms<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageAgreement,
            now,
        )
    }
}

/// See [`crate::claims::set_agreement_terms`].
pub fn set_agreement_terms(
    ctx: Context<SetAgreementTerms>,
    args: SetAgreementTermsArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let agreement = &mut ctx.accounts.agreement;
    agreement.authorize(&args.admin, now)?;
    let old = agreement.set_terms(args.terms, convert::day_of(now)?.days())?;
    agreement.invariant()?;

    galen_entry::emit!(ctx => AgreementTermsChanged {
        agreement: ctx.accounts.agreement.key(),
        old,
        new: args.terms,
    });
    Ok(())
}
