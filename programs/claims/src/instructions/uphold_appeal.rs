use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::error::ClaimsError;
use crate::events::AppealClosed;
use crate::state::{Appeal, Claim, Pool};
use crate::{authorize, convert};

/// Arguments of `uphold_appeal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct UpholdAppealArgs {
    /// Salted commitment to the reasons.
    pub rationale: [u8; 32],
}

/// Accounts of `uphold_appeal`.
#[event_cpi]
#[derive(Accounts)]
pub struct UpholdAppeal<'info> {
    /// An operator of who decides, not the one who decided before.
    pub operator: Signer<'info>,
    /// The operator's record there.
    pub operator_record: Box<Account<'info, Operator>>,
    /// Who decides: the insurer, or the reviewer whom the plan names.
    pub organization: Box<Account<'info, Organization>>,
    /// The pool that pays.
    pub pool: Box<Account<'info, Pool>>,
    /// The claim.
    #[account(mut, has_one = pool @ ClaimsError::ClaimOfOtherPool)]
    pub claim: Box<Account<'info, Claim>>,
    /// The appeal.
    #[account(mut, has_one = claim @ ClaimsError::AppealOfOtherClaim)]
    pub appeal: Box<Account<'info, Appeal>>,
}

impl UpholdAppeal<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        let key = self.operator.key();
        authorize::appeal_staff(
            &self.appeal,
            &self.pool.insurer,
            &self.organization,
            &self.operator_record,
            &key,
            now,
        )?;
        require!(
            !self.claim.course.was_decided_by(&key),
            ClaimsError::DeciderDecidedBefore
        );
        Ok(())
    }
}

/// See [`crate::claims::uphold_appeal`].
pub fn uphold_appeal(ctx: Context<UpholdAppeal>, args: UpholdAppealArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?.days();
    let accounts = &mut *ctx.accounts;
    let key = accounts.operator.key();
    accounts.appeal.uphold(key, args.rationale, today)?;
    let by_member = accounts.appeal.by_member;
    accounts.claim.close_appeal(by_member, Some(&key), today);
    if accounts.appeal.is_review() {
        accounts.claim.conclude_review(by_member);
    }
    accounts.appeal.invariant()?;
    accounts.claim.invariant()?;

    galen_entry::emit!(ctx => AppealClosed::of(
        &ctx.accounts.appeal,
        ctx.accounts.appeal.key()
    ));
    Ok(())
}
