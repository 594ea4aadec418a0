use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::FamilyJoined;
use crate::state::{Family, Member, Pool};

/// Accounts of `join_family`.
#[event_cpi]
#[derive(Accounts)]
pub struct JoinFamily<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The family.
    #[account(mut, has_one = pool @ ClaimsError::FamilyOfOtherPool)]
    pub family: AccountLoader<'info, Family>,
    /// The member.
    #[account(mut, has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
}

impl JoinFamily<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolMember,
            now,
        )?;
        require!(
            self.family.load()?.plan == self.member.load()?.plan,
            ClaimsError::FamilyOfOtherPlan
        );
        Ok(())
    }
}

/// See [`crate::claims::join_family`].
pub fn join_family(ctx: Context<JoinFamily>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut family = accounts.family.load_mut()?;
        let mut member = accounts.member.load_mut()?;
        member.join(accounts.family.key())?;
        // It has no claims, so this is what it had used up before its coverage began.
        for period in &member.periods {
            family.take_in(period)?;
        }
        member.invariant()?;
        family.count_member()?;
        family.invariant()?;
    }

    galen_entry::emit!(ctx => FamilyJoined {
        family: accounts.family.key(),
        member: accounts.member.key(),
    });
    Ok(())
}
