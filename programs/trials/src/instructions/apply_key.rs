use anchor_lang::prelude::*;
use galen_rules::trial::Status;

use crate::error::TrialsError;
use crate::events::KeyChanged;
use crate::state::{Cohort, KeyChange, Site};

/// Accounts of `apply_key`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ApplyKey<'info> {
    /// The site.
    #[account(mut)]
    pub site: AccountLoader<'info, Site>,
    /// The cohort.
    #[account(mut, has_one = site @ TrialsError::CohortOfOtherSite)]
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

/// See [`crate::trials::apply_key`].
pub fn apply_key(ctx: Context<ApplyKey>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let change = &accounts.change;
    change.require_effective(now)?;
    let old = {
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, change.index)?;
        require!(
            participant.status()? != Status::Died,
            TrialsError::ParticipantDied
        );
        let old = participant.key;
        if participant.is_site_held() {
            let mut site = accounts.site.load_mut()?;
            site.release_site_held()?;
            site.invariant()?;
        }
        participant.set_key(change.key, change.holder);
        participant.invariant()?;
        old
    };

    galen_entry::emit!(ctx => KeyChanged {
        cohort: accounts.cohort.key(),
        index: change.index,
        old,
        new: change.key,
        holder: change.holder,
    });
    Ok(())
}
