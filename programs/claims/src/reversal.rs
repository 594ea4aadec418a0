//! Taking a claim back: what it used up is given back, and what it was paid is owed.

use anchor_lang::prelude::*;

use crate::convert;
use crate::error::ClaimsError;
use crate::state::{Agreement, Claim, ClaimStatus, History, Member, PlanVersion, Pool};

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
    /// Unix seconds.
    pub now: i64,
}

impl Reversal<'_, '_> {
    /// Takes the claim back for `reason`. No money moves: what was paid is kept back from the provider's next awards.
    ///
    /// # Errors
    /// `ClaimNotReversible`; `InvariantBroken` where an account holds less than the claim added to it.
    pub fn apply(self, reason: u16) -> Result<()> {
        let Self { claim, .. } = self;
        require!(claim.is_adjudicated(), ClaimsError::ClaimNotReversible);
        let mut history = self.history.load_mut()?;
        history.remove_claim(&self.claim_key, &claim.provider);
        history.invariant()?;

        let mut member = self.member.load_mut()?;
        convert::give_back(&mut member, claim, &self.plan_version.terms)?;
        member.invariant()?;

        if claim.status == ClaimStatus::Paid {
            self.agreement.owe(claim.totals.paid)?;
        } else if claim.status == ClaimStatus::Payable {
            // Nothing was paid out; what was kept back is owed as before.
            self.agreement.owe(claim.offset)?;
            if claim.money_reserved {
                self.pool.release(claim.due())?;
            } else {
                self.pool.forget_queued(claim.due())?;
            }
        }
        self.agreement.invariant()?;
        claim.reverse(reason, self.now)?;
        claim.invariant()
    }
}
