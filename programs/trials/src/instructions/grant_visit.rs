use anchor_lang::prelude::*;

use crate::convert;
use crate::earning::Books;
use crate::error::TrialsError;
use crate::events::ClaimMoved;
use crate::state::{Cohort, Person, Schedule, Site, Trial, VisitClaim};

/// Accounts of `grant_visit`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct GrantVisit<'info> {
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(mut, has_one = trial @ TrialsError::SiteOfOtherTrial)]
    pub site: AccountLoader<'info, Site>,
    /// The schedule that applies to the participant.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The cohort.
    #[account(mut, has_one = site @ TrialsError::CohortOfOtherSite)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The person.
    #[account(mut)]
    pub person: AccountLoader<'info, Person>,
    /// The claim.
    #[account(mut, has_one = cohort @ TrialsError::ClaimOfOtherParticipant)]
    pub claim: Box<Account<'info, VisitClaim>>,
}

/// See [`crate::trials::grant_visit`].
pub fn grant_visit(ctx: Context<GrantVisit>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let today = convert::day_of(now)?;
    let accounts = &mut *ctx.accounts;
    let number = accounts.claim.milestone;
    {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        let mut person = accounts.person.load_mut()?;
        let schedule = accounts.schedule.load()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, accounts.claim.index)?;
        participant.require_accounts(schedule.number, &accounts.person.key())?;
        participant.require_unearned(number)?;
        let pending = participant.has_claim(number);
        accounts.claim.lapse(pending, today)?;
        let mut books = Books {
            trial: &mut trial,
            site: &mut site,
            person: &mut person,
            participant,
        };
        books.grant_milestone(number, &schedule.milestone(number)?, today)?;
        books.invariant()?;
        accounts.claim.invariant()?;
    }

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimMoved {
        cohort: accounts.cohort.key(),
        index: accounts.claim.index,
        milestone: number,
        turn: accounts.claim.turn,
        until: accounts.claim.until,
        by: Pubkey::default(),
        reason_digest: [0; 32],
    });
    Ok(())
}
