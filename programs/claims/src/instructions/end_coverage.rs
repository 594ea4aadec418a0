use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::CoverageEnded;
use crate::state::{Member, Pool};
use crate::{authorize, convert};

/// Arguments of `end_coverage`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EndCoverageArgs {
    /// Good for one moment only; the sequence number is the member's.
    pub admin: AdminArgs,
    /// Last day of coverage, in days since 1970-01-01; may also be later than before.
    pub covered_to: i32,
}

/// Accounts of `end_coverage`.
#[event_cpi]
#[derive(Accounts)]
pub struct EndCoverage<'info> {
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

impl EndCoverage<'_> {
    fn validate(&self, args: &EndCoverageArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolMember,
            now,
        )?;
        convert::date(args.covered_to)?;
        Ok(())
    }
}

/// See [`crate::claims::end_coverage`].
pub fn end_coverage(ctx: Context<EndCoverage>, args: EndCoverageArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let old = {
        let mut member = ctx.accounts.member.load_mut()?;
        member.authorize(&args.admin, now)?;
        let old = member.end_coverage(args.covered_to)?;
        member.invariant()?;
        old
    };

    galen_entry::emit!(ctx => CoverageEnded {
        member: ctx.accounts.member.key(),
        old,
        new: args.covered_to,
    });
    Ok(())
}
