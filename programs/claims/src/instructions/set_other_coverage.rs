use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::OtherCoverageSet;
use crate::state::{DateSpan, Member, Pool};
use crate::{authorize, convert};

/// Arguments of `set_other_coverage`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct SetOtherCoverageArgs {
    /// Good for one moment only; the sequence number is the member's.
    pub admin: AdminArgs,
    /// The days on which another payer comes first; none = on no day.
    pub first_payer: Option<DateSpan>,
}

/// Accounts of `set_other_coverage`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetOtherCoverage<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The member.
    #[account(mut, has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
}

impl SetOtherCoverage<'_> {
    fn validate(&self, args: &SetOtherCoverageArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolMember,
            now,
        )?;
        if let Some(days) = args.first_payer {
            convert::date(days.from)?;
            convert::date(days.to)?;
        }
        Ok(())
    }
}

/// See [`crate::claims::set_other_coverage`].
pub fn set_other_coverage(
    ctx: Context<SetOtherCoverage>,
    args: SetOtherCoverageArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    {
        let mut member = ctx.accounts.member.load_mut()?;
        member.authorize(&args.admin, now)?;
        member.set_other_coverage(args.first_payer)?;
        member.invariant()?;
    }

    galen_entry::emit!(ctx => OtherCoverageSet {
        member: ctx.accounts.member.key(),
        first_payer: args.first_payer,
    });
    Ok(())
}
