//! Taking a claim back: what it used up is given back, and what it was paid is owed.

use anchor_lang::prelude::*;

use crate::state::{Agreement, Claim, ClaimStatus, Family, History, Member, PlanVersion, Pool};
use crate::{authorizations, convert};

/// A claim to be taken back with everything that it changed. That the accounts belong together has been checked.
pub struct Reversal<'a, 'info> {
    /// The claim.
    pub claim: &'a mut Claim,
    /// Its account.
    pub claim_key: Pubkey,
    /// The pool that pays.
    pub pool: &'a mut Pool,
    /// The agreement with the provider.
    pub agreement: &'a mut Agreement,
    /// The plan version under which it was adjudicated.
    pub plan_version: &'a PlanVersion,
    /// The member.
    pub member: &'a AccountLoader<'info, Member>,
    /// The member's history.
    pub history: &'a AccountLoader<'info, History>,
    /// The accounts after the instruction's own: the member's family, where it has one, then authorisations.
    pub others: &'info [AccountInfo<'info>],
    /// Unix seconds.
    pub now: i64,
}

impl Reversal<'_, '_> {
    /// Takes the claim back for `reason`. No money moves: what was paid is kept back from the provider's next awards. Where a
    /// treaty counts the claim, an announced withdrawal is off. Returns what had been announced, in cents; 0 = nothing.
    ///
    /// # Errors
    /// `ClaimNotReversible`, `AppealStillOpen`; `InvariantBroken` where an account holds less than the claim added to it.
    pub fn apply(self, reason: u16) -> Result<u64> {
        let Self { claim, .. } = self;
        claim.check_reversible()?;
        History::remove_claim(self.history, &self.claim_key, &claim.provider)?;

        let mut member = self.member.load_mut()?;
        authorizations::give_back(authorizations::among(&member, self.others), claim)?;
        match Family::of(&member, self.others)? {
            Some(family) => {
                let mut family = family.load_mut()?;
                let terms = &self.plan_version.terms;
                convert::give_back(&mut member, Some(&mut family), claim, terms)?;
                family.invariant()?;
            }
            None => convert::give_back(&mut member, None, claim, &self.plan_version.terms)?,
        }
        member.invariant()?;

        let announced = if claim.treaty != 0 && self.pool.withdrawal != 0 {
            // The reinsurer's part goes back when somebody cranks that: a new notice leaves the time for it.
            self.pool.cancel_withdrawal()?
        } else {
            0
        };
        if claim.status == ClaimStatus::Paid {
            self.agreement.owe(claim.totals.paid)?;
        } else if claim.status == ClaimStatus::Payable {
            // What was kept back is owed as before, and what was paid out in parts.
            self.agreement.owe(claim.offset)?;
            self.agreement.owe(claim.award_paid())?;
            if claim.money_reserved {
                self.pool.release(claim.due())?;
            } else {
                let share = claim.share(&self.pool.rounds);
                self.pool.leave_queue(claim.lacking(), share)?;
            }
            self.pool.close_round()?;
        }
        self.agreement.invariant()?;
        claim.reverse(reason, self.now)?;
        claim.invariant()?;
        Ok(announced)
    }
}

/// Flags the claims of the member, and of its family, that were adjudicated after `turn`.
///
/// # Errors
/// `FamilyMissing`.
pub fn flag_later_than<'info>(
    member: &AccountLoader<'info, Member>,
    others: &'info [AccountInfo<'info>],
    turn: u32,
) -> Result<()> {
    let mut member = member.load_mut()?;
    match Family::of(&member, others)? {
        Some(family) => {
            let mut family = family.load_mut()?;
            family.turns.flag_later_than(turn);
            family.invariant()
        }
        None => {
            member.turns.flag_later_than(turn);
            member.invariant()
        }
    }
}

/// Whether the member's claim of this turn is to be adjudicated anew.
///
/// # Errors
/// `FamilyMissing`.
pub fn is_flagged<'info>(
    member: &AccountLoader<'info, Member>,
    others: &'info [AccountInfo<'info>],
    turn: u32,
) -> Result<bool> {
    let member = member.load()?;
    Ok(match Family::of(&member, others)? {
        Some(family) => family.load()?.turns.is_flagged(turn),
        None => member.turns.is_flagged(turn),
    })
}

/// Whether a claim that is flagged can still be adjudicated anew: what is used up in its year is kept, or can be.
///
/// # Errors
/// `FamilyMissing`, `NoLines`, `DateInvalid`.
pub fn is_year_kept<'info>(
    member: &AccountLoader<'info, Member>,
    others: &'info [AccountInfo<'info>],
    claim: &Claim,
) -> Result<bool> {
    let year = convert::year_of(claim)?;
    let member = member.load()?;
    Ok(member.keeps(year)
        && match Family::of(&member, others)? {
            Some(family) => family.load()?.can_keep(year),
            None => true,
        })
}
