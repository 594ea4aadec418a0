use anchor_lang::prelude::*;
use galen_chain::derived;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::MemberFactsSet;
use crate::state::{Member, MemberFact, MemberFacts, Pool};
use crate::{authorize, room};

/// Arguments of `set_member_facts`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetMemberFactsArgs {
    /// All that is stated of the member from now on, ascending by kind, key and first day; none = nothing is.
    pub entries: Vec<MemberFact>,
}

/// Accounts of `set_member_facts`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetMemberFacts<'info> {
    /// Pays the rent of what is added, and gets that of what is left out. The insurer's operator.
    #[account(mut)]
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
    /// CHECK: the account of what is stated, at the member's address for it; made here the first time.
    #[cfg(not(feature = "idl-build"))]
    #[account(mut, seeds = [MemberFacts::SEED, member.key().as_ref()], bump)]
    pub facts: UncheckedAccount<'info>,
    /// The account of what is stated, at the member's address for it; made here the first time.
    // No other instruction names the type, and the interface describes those that are named.
    #[cfg(feature = "idl-build")]
    #[account(mut, seeds = [MemberFacts::SEED, member.key().as_ref()], bump)]
    pub facts: Account<'info, MemberFacts>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl SetMemberFacts<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolMember,
            now,
        )
    }

    /// Writes the facts into their account, which gets the room for them.
    fn store(&self, facts: &MemberFacts) -> Result<()> {
        let (account, operator): (&AccountInfo, &AccountInfo) =
            (self.facts.as_ref(), self.operator.as_ref());
        let size = MemberFacts::size(facts.entries.len());
        if *account.owner != crate::ID {
            let member = self.member.key();
            let seeds: &[&[u8]] = &[MemberFacts::SEED, member.as_ref(), &[facts.bump]];
            derived::make(operator, account, size, &crate::ID, seeds)?;
        } else {
            let there = MemberFacts::try_deserialize(&mut &account.try_borrow_data()?[..])?;
            require_keys_eq!(there.member, facts.member, ClaimsError::FactsOfOtherMember);
            if account.data_len() < size {
                room::grow(account, size, operator)?;
            } else {
                room::shrink(account, size, operator)?;
            }
        }
        facts.try_serialize(&mut &mut account.try_borrow_mut_data()?[..])
    }
}

/// See [`crate::claims::set_member_facts`].
pub fn set_member_facts(ctx: Context<SetMemberFacts>, args: SetMemberFactsArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let count = args.entries.len();
    let facts = MemberFacts::stating(ctx.bumps.facts, accounts.member.key(), args.entries)?;
    facts.invariant()?;
    accounts.store(&facts)?;
    {
        let mut member = accounts.member.load_mut()?;
        member.note_facts(count > 0);
        member.invariant()?;
    }

    galen_entry::emit!(ctx => MemberFactsSet {
        member: accounts.member.key(),
        count: u8::try_from(count).map_err(|_| ClaimsError::TooManyFacts)?,
    });
    Ok(())
}
