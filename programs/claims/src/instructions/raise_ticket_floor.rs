use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::TicketFloorRaised;
use crate::state::{Member, Pool};

/// Arguments of `raise_ticket_floor`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RaiseTicketFloorArgs {
    /// Tickets with a lower nonce are void from now on.
    pub floor: u64,
}

/// Accounts of `raise_ticket_floor`.
#[event_cpi]
#[derive(Accounts)]
pub struct RaiseTicketFloor<'info> {
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

impl RaiseTicketFloor<'_> {
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

/// See [`crate::claims::raise_ticket_floor`].
pub fn raise_ticket_floor(
    ctx: Context<RaiseTicketFloor>,
    args: RaiseTicketFloorArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    {
        let mut member = ctx.accounts.member.load_mut()?;
        member.raise_ticket_floor(args.floor)?;
        member.invariant()?;
    }

    galen_entry::emit!(ctx => TicketFloorRaised {
        member: ctx.accounts.member.key(),
        floor: args.floor,
    });
    Ok(())
}
