use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::MemberEnrolled;
use crate::state::{History, HistoryPages, Member, OpeningAccumulators, Plan, Pool};
use crate::{authorize, convert};

/// Arguments of `enrol_member`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EnrolMemberArgs {
    /// Commitment to who the member is, salted with 32 random bytes that stay off the ledger.
    pub commitment: [u8; 32],
    /// The member's own key; the default key = none, claims then need a ticket.
    pub authority: Pubkey,
    /// First day of coverage, in days since 1970-01-01.
    pub covered_from: i32,
    /// Last day of coverage.
    pub covered_to: i32,
    /// What the member had used up in the calendar year of the first day before it; none = nothing.
    pub opening: Option<OpeningAccumulators>,
}

/// Accounts of `enrol_member`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: EnrolMemberArgs)]
pub struct EnrolMember<'info> {
    /// Pays the rent, which is never refunded: accumulators stay. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The plan.
    #[account(has_one = pool @ ClaimsError::PlanOfOtherPool)]
    pub plan: Box<Account<'info, Plan>>,
    /// The member to be created.
    #[account(
        init,
        payer = operator,
        space = Member::SIZE,
        seeds = [Member::SEED, pool.key().as_ref(), args.commitment.as_ref()],
        bump,
    )]
    pub member: AccountLoader<'info, Member>,
    /// The member's history to be created.
    #[account(
        init,
        payer = operator,
        space = History::SIZE,
        seeds = [History::SEED, member.key().as_ref()],
        bump,
    )]
    pub history: AccountLoader<'info, History>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl EnrolMember<'_> {
    fn validate(&self, args: &EnrolMemberArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolMember,
            now,
        )?;
        convert::date(args.covered_from)?;
        convert::date(args.covered_to)?;
        Ok(())
    }
}

/// See [`crate::claims::enrol_member`].
pub fn enrol_member(ctx: Context<EnrolMember>, args: EnrolMemberArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &mut *ctx.accounts;
    let first_day = convert::date(args.covered_from)?;
    let mut member = Member::new(
        ctx.bumps.member,
        accounts.pool.key(),
        accounts.plan.key(),
        args.commitment,
        args.authority,
        args.covered_from,
        args.covered_to,
    )?;
    if let Some(opening) = &args.opening {
        member.open(first_day.year().into(), opening)?;
    }
    member.invariant()?;
    *accounts.member.load_init()? = member;
    accounts
        .history
        .load_init()?
        .begin(ctx.bumps.history, accounts.member.key());
    HistoryPages::of(&mut accounts.history.as_ref().try_borrow_mut_data()?)?.invariant()?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => MemberEnrolled {
        member: accounts.member.key(),
        pool: accounts.pool.key(),
        plan: accounts.plan.key(),
    });
    Ok(())
}
