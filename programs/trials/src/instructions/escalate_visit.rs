use anchor_lang::prelude::*;

use crate::convert;
use crate::error::TrialsError;
use crate::events::ClaimMoved;
use crate::state::{Cohort, VisitClaim};

/// Accounts of `escalate_visit`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct EscalateVisit<'info> {
    /// The cohort.
    pub cohort: AccountLoader<'info, Cohort>,
    /// The claim.
    #[account(mut, has_one = cohort @ TrialsError::ClaimOfOtherParticipant)]
    pub claim: Box<Account<'info, VisitClaim>>,
}

/// See [`crate::trials::escalate_visit`].
pub fn escalate_visit(ctx: Context<EscalateVisit>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let today = convert::day_of(now)?;
    let accounts = &mut *ctx.accounts;
    let milestone = accounts.claim.milestone;
    {
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, accounts.claim.index)?;
        let pending = participant.has_claim(milestone);
        accounts.claim.escalate(pending, today)?;
        accounts.claim.invariant()?;
    }

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimMoved {
        cohort: accounts.cohort.key(),
        index: accounts.claim.index,
        milestone,
        turn: accounts.claim.turn,
        until: accounts.claim.until,
        by: Pubkey::default(),
        reason_digest: [0; 32],
    });
    Ok(())
}
