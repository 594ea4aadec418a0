use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::AuthorizationEnded;
use crate::state::{Authorization, Member, Pool};
use crate::{authorize, convert};

/// Arguments of `end_authorization`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct EndAuthorizationArgs {
    /// Last service date, in days since 1970-01-01; neither before the first nor before today, unless it is over already.
    pub to: i32,
}

/// Accounts of `end_authorization`.
#[event_cpi]
#[derive(Accounts)]
pub struct EndAuthorization<'info> {
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
    #[account(has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
    /// The authorisation.
    #[account(mut, has_one = member @ ClaimsError::AuthorizationOfOtherMember)]
    pub authorization: AccountLoader<'info, Authorization>,
}

impl EndAuthorization<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::DecideClaim,
            now,
        )
    }
}

/// See [`crate::claims::end_authorization`].
pub fn end_authorization(ctx: Context<EndAuthorization>, args: EndAuthorizationArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?.days();
    let old = {
        let mut authorization = ctx.accounts.authorization.load_mut()?;
        let old = authorization.end(args.to, today)?;
        authorization.invariant()?;
        old
    };

    galen_entry::emit!(ctx => AuthorizationEnded {
        authorization: ctx.accounts.authorization.key(),
        old,
        new: args.to,
    });
    Ok(())
}
