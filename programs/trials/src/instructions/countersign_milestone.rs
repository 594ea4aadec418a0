use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::convert;
use crate::earning::Books;
use crate::error::TrialsError;
use crate::events::MilestoneCountersigned;
use crate::independence::is_independent;
use crate::state::{Cohort, Person, Schedule, Site, Trial};

/// Arguments of `countersign_milestone`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CountersignMilestoneArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// The milestone's number in the schedule, from 0.
    pub milestone: u8,
    /// False: the attestation is taken back; the site can attest again.
    pub approve: bool,
}

/// Accounts of `countersign_milestone`.
#[event_cpi]
#[derive(Accounts)]
pub struct CountersignMilestone<'info> {
    /// The participant, the sponsor's monitor, or the ethics board's operator.
    pub signer: Signer<'info>,
    /// The signer's record, where it signs for the sponsor or the ethics board.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The sponsor or the ethics board, where the signer acts for it.
    pub organization: Option<Box<Account<'info, Organization>>>,
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        mut,
        has_one = trial @ TrialsError::SiteOfOtherTrial,
    )]
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
}

impl CountersignMilestone<'_> {
    /// Checks who signs: the participant may confirm, but only somebody independent of the site may reject, or speak for
    /// a participant whose key the site holds.
    fn validate(&self, args: &CountersignMilestoneArgs, now: i64) -> Result<()> {
        if is_independent(
            &*self.trial.load()?,
            &self.signer,
            self.operator_record.as_deref(),
            self.organization.as_deref(),
            now,
        )? {
            return Ok(());
        }
        let info = self.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require!(
            !participant.is_site_held(),
            TrialsError::CountersignerMissing
        );
        require!(
            args.approve && participant.key == self.signer.key(),
            TrialsError::NotACountersigner
        );
        Ok(())
    }
}

/// See [`crate::trials::countersign_milestone`].
pub fn countersign_milestone(
    ctx: Context<CountersignMilestone>,
    args: CountersignMilestoneArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        let mut person = accounts.person.load_mut()?;
        let schedule = accounts.schedule.load()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require!(
            participant.schedule == schedule.number,
            TrialsError::WrongSchedule
        );
        require_keys_eq!(
            participant.person,
            accounts.person.key(),
            TrialsError::WrongPerson
        );
        let milestone = schedule.milestone(args.milestone)?;
        let mut books = Books {
            trial: &mut trial,
            site: &mut site,
            person: &mut person,
            participant,
        };
        if args.approve {
            books.participant.require_awaiting(args.milestone)?;
            books.earn_milestone(args.milestone, &milestone, today)?;
        } else {
            books.participant.reject(args.milestone)?;
        }
        books.invariant()?;
    }

    galen_entry::emit!(ctx => MilestoneCountersigned {
        cohort: accounts.cohort.key(),
        index: args.index,
        milestone: args.milestone,
        by: accounts.signer.key(),
        approved: args.approve,
    });
    Ok(())
}
