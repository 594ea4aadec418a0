use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::MemberAuthorityChanged;
use crate::state::{Member, Pool};

/// Arguments of `set_member_authority`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetMemberAuthorityArgs {
    /// Good for one moment only; the sequence number is the member's.
    pub admin: AdminArgs,
    /// The member's own key; the default key = none, claims then need a ticket.
    pub authority: Pubkey,
}

/// Accounts of `set_member_authority`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetMemberAuthority<'info> {
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

impl SetMemberAuthority<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolMember,
            now,
        )
    }
}

/// See [`crate::claims::set_member_authority`].
pub fn set_member_authority(
    ctx: Context<SetMemberAuthority>,
    args: SetMemberAuthorityArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    {
        let mut member = ctx.accounts.member.load_mut()?;
        member.authorize(&args.admin, now)?;
        member.set_authority(args.authority);
        member.invariant()?;
    }

    galen_entry::emit!(ctx => MemberAuthorityChanged {
        member: ctx.accounts.member.key(),
        authority: args.authority,
    });
    Ok(())
}
