use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::AgreementStatusChanged;
use crate::state::{Agreement, AgreementStatus, Pool};
use crate::{authorize, convert};

/// Arguments of `set_agreement_status`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetAgreementStatusArgs {
    /// Good for one moment only; the sequence number is the agreement's.
    pub admin: AdminArgs,
    /// The status from now on. From `Offered` to `Active` only the provider does, by accepting.
    pub status: AgreementStatus,
}

/// Accounts of `set_agreement_status`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetAgreementStatus<'info> {
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

impl SetAgreementStatus<'_> {
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

/// See [`crate::claims::set_agreement_status`].
pub fn set_agreement_status(
    ctx: Context<SetAgreementStatus>,
    args: SetAgreementStatusArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let agreement = &mut ctx.accounts.agreement;
    agreement.authorize(&args.admin, now)?;
    let old = agreement.set_status(args.status, convert::day_of(now)?.days())?;
    agreement.invariant()?;

    galen_entry::emit!(ctx => AgreementStatusChanged {
        agreement: ctx.accounts.agreement.key(),
        old,
        new: args.status,
    });
    Ok(())
}
