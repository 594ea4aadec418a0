use anchor_lang::prelude::*;

use crate::error::TrialsError;
use crate::events::PayeeChanged;
use crate::state::{Cohort, PayeeChange};

/// Accounts of `apply_payee`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ApplyPayee<'info> {
    /// The cohort.
    #[account(mut)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The announced change; closed.
    #[account(
        mut,
        close = payer,
        has_one = cohort @ TrialsError::ChangeOfOtherParticipant,
        has_one = payer @ TrialsError::WrongPayer,
    )]
    pub change: Box<Account<'info, PayeeChange>>,
    /// CHECK: gets the rent back; by the address that the change stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

/// See [`crate::trials::apply_payee`].
pub fn apply_payee(ctx: Context<ApplyPayee>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let change = &accounts.change;
    change.require_effective(now)?;
    let old = {
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, change.index)?;
        let old = participant.payee;
        participant.set_payee(change.payee, change.payee_owner);
        participant.invariant()?;
        old
    };

    galen_entry::emit!(ctx => PayeeChanged {
        cohort: accounts.cohort.key(),
        index: change.index,
        old,
        new: change.payee,
    });
    Ok(())
}
