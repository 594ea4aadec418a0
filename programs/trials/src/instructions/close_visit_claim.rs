use anchor_lang::prelude::*;
use galen_rules::trial::Bits;

use crate::error::TrialsError;
use crate::state::{Cohort, VisitClaim};

/// Accounts of `close_visit_claim`. Nobody signs but whoever pays for the transaction: anybody may crank. No event: what became
/// of the claim has one.
#[derive(Accounts)]
pub struct CloseVisitClaim<'info> {
    /// The cohort.
    pub cohort: AccountLoader<'info, Cohort>,
    /// The claim; closed.
    #[account(
        mut,
        close = payer,
        has_one = cohort @ TrialsError::ClaimOfOtherParticipant,
        has_one = payer @ TrialsError::WrongPayer,
    )]
    pub claim: Box<Account<'info, VisitClaim>>,
    /// CHECK: gets the rent back; by the address that the claim stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::trials::close_visit_claim`].
pub fn close_visit_claim(ctx: Context<CloseVisitClaim>) -> Result<()> {
    let accounts = &*ctx.accounts;
    let info = accounts.cohort.to_account_info();
    let mut data = info.try_borrow_mut_data()?;
    let participant = Cohort::participant(&mut data, accounts.claim.index)?;
    require!(
        participant.is_settled() || Bits(participant.earned).has(accounts.claim.milestone),
        TrialsError::ClaimStays
    );
    participant.invariant()
}
