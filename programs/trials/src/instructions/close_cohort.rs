use anchor_lang::prelude::*;

use crate::convert;
use crate::error::TrialsError;
use crate::events::RecordsClosed;
use crate::state::{Cohort, Trial};

/// Accounts of `close_cohort`. Anybody may crank, but for a page that nobody has used yet.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseCohort<'info> {
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The cohort; closed.
    #[account(
        mut,
        close = opener,
        has_one = trial @ TrialsError::CohortOfOtherTrial,
        has_one = opener @ TrialsError::WrongPayer,
    )]
    pub cohort: AccountLoader<'info, Cohort>,
    /// CHECK: gets the rent back; by the address that the cohort stores.
    #[account(mut)]
    pub opener: UncheckedAccount<'info>,
    /// The opener, for a page that nobody has used while the trial runs; nobody otherwise.
    pub signer: Option<Signer<'info>>,
}

/// See [`crate::trials::close_cohort`].
pub fn close_cohort(ctx: Context<CloseCohort>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?;
    let accounts = &*ctx.accounts;
    {
        let trial = accounts.trial.load()?;
        let info = accounts.cohort.to_account_info();
        let data = info.try_borrow_data()?;
        // A page that nobody has used is no record. As long as somebody can still join, it is its opener's.
        let mut participants = Cohort::participants(&data).peekable();
        if participants.peek().is_some() {
            trial.require_retained(today)?;
        } else if trial.require_running().is_ok() {
            let signer = accounts.signer.as_ref().map(|signer| signer.key());
            require!(
                signer == Some(accounts.opener.key()),
                TrialsError::CohortOpenerMissing
            );
        }
        require!(
            participants.all(|participant| participant.is_settled()
                && participant.due == 0
                && participant.held == 0),
            TrialsError::MoneyOwed
        );
    }

    galen_entry::emit!(ctx => RecordsClosed {
        trial: accounts.trial.key(),
        account: accounts.cohort.key(),
    });
    Ok(())
}
