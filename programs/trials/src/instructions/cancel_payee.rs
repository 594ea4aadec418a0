use anchor_lang::prelude::*;
use galen_rules::trial::Status;
use registry::state::{Operator, Organization};

use crate::error::TrialsError;
use crate::events::PayeeChangeCancelled;
use crate::independence::is_independent;
use crate::state::{Cohort, PayeeChange, Trial};

/// Accounts of `cancel_payee`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelPayee<'info> {
    /// The participant's key, or somebody independent of the site: only the latter where the site holds the key, or after a death.
    pub signer: Signer<'info>,
    /// The signer's record, where it signs for the sponsor or the ethics board.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The sponsor or the ethics board, where the signer acts for it.
    pub organization: Option<Box<Account<'info, Organization>>>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The cohort.
    #[account(has_one = trial @ TrialsError::CohortOfOtherTrial)]
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

impl CancelPayee<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        let independent = is_independent(
            &*self.trial.load()?,
            &self.signer,
            self.operator_record.as_deref(),
            self.organization.as_deref(),
            now,
        )?;
        let info = self.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, self.change.index)?;
        // What only somebody independent may announce, nobody else vetoes.
        if participant.is_site_held() || participant.status()? == Status::Died {
            require!(independent, TrialsError::CountersignerMissing);
            return Ok(());
        }
        require!(
            independent || participant.key == self.signer.key(),
            TrialsError::NotTheParticipantsKey
        );
        Ok(())
    }
}

/// See [`crate::trials::cancel_payee`].
pub fn cancel_payee(ctx: Context<CancelPayee>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PayeeChangeCancelled {
        cohort: accounts.cohort.key(),
        index: accounts.change.index,
        payee: accounts.change.payee,
    });
    Ok(())
}
