use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::error::TrialsError;
use crate::events::KeyChangeCancelled;
use crate::independence::is_independent;
use crate::state::{Cohort, KeyChange, Trial};

/// Accounts of `cancel_key`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelKey<'info> {
    /// The present key where the site does not hold it, or somebody independent of the site; where the board overrules a guardian, the board only.
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
    pub change: Box<Account<'info, KeyChange>>,
    /// CHECK: gets the rent back; by the address that the change stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl CancelKey<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        let trial = self.trial.load()?;
        let independent = is_independent(
            &trial,
            &self.signer,
            self.operator_record.as_deref(),
            self.organization.as_deref(),
            now,
        )?;
        if self.change.overrules {
            let by_board = self
                .organization
                .as_ref()
                .is_some_and(|organization| organization.key() == trial.board);
            require!(independent && by_board, TrialsError::GuardianOverruled);
            return Ok(());
        }
        let info = self.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, self.change.index)?;
        // What only somebody independent may announce, the site must not veto.
        if participant.is_site_held() {
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

/// See [`crate::trials::cancel_key`].
pub fn cancel_key(ctx: Context<CancelKey>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => KeyChangeCancelled {
        cohort: accounts.cohort.key(),
        index: accounts.change.index,
        key: accounts.change.key,
    });
    Ok(())
}
