use anchor_lang::prelude::*;
use galen_rules::trial::{settle, Bits, Settlement, Status};
use galen_rules::{Cents, Date};

use crate::convert;
use crate::earning::Books;
use crate::error::TrialsError;
use crate::events::ParticipantSettled;
use crate::state::{Cohort, Participant, Person, Schedule, Site, Trial};

/// Arguments of `settle_participant`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SettleParticipantArgs {
    /// The participant's index in the cohort.
    pub index: u16,
}

/// Accounts of `settle_participant`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct SettleParticipant<'info> {
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

impl SettleParticipant<'_> {
    /// Checks that nothing can be attested for the participant any more, who has left or whose trial has ended.
    fn check_time(
        &self,
        participant: &Participant,
        trial: &Trial,
        schedule: &Schedule,
        today: Date,
    ) -> Result<()> {
        require!(!participant.is_settled(), TrialsError::AlreadySettled);
        let left = convert::day(participant.ended_on);
        let over = convert::day(trial.ended_on);
        require!(left.is_some() || over.is_some(), TrialsError::NotEnded);
        require!(
            participant.awaiting() == 0,
            TrialsError::CountersignaturePending
        );
        require!(participant.claimed == 0, TrialsError::ClaimPending);
        if nothing_can_come(participant, schedule, trial)? {
            return Ok(());
        }
        // Who agreed to follow-up can be seen until the last window closes.
        let seen_until = if participant.has(Participant::FOLLOW_UP) {
            convert::day(participant.enrolled_on)
                .and_then(|day| day.plus_days(u32::from(schedule.last_close)))
                .max(left)
        } else {
            left
        };
        let last = match (seen_until, over) {
            (Some(seen), Some(over)) => seen.min(over),
            (Some(day), None) | (None, Some(day)) => day,
            (None, None) => return err!(TrialsError::NotEnded),
        };
        require!(
            today.days_since(last) > i32::from(trial.attest_days),
            TrialsError::SettlementTooEarly
        );
        Ok(())
    }
}

/// See [`crate::trials::settle_participant`].
pub fn settle_participant(
    ctx: Context<SettleParticipant>,
    args: SettleParticipantArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    let settled = {
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
        accounts.check_time(participant, &trial, &schedule, today)?;
        let mut books = Books {
            trial: &mut trial,
            site: &mut site,
            person: &mut person,
            participant,
        };
        // The trial ended before the screening did.
        if books.participant.status()? == Status::Screening {
            books.end_screening(&schedule)?;
        }
        let settled = settlement(books.participant, &schedule, books.trial)?;
        books.earn(settled.bonus, today)?;
        books.trial.release(settled.released.get())?;
        books.participant.settle();
        books.person.leave(&accounts.cohort.key(), args.index);
        books.invariant()?;
        settled
    };

    galen_entry::emit!(ctx => ParticipantSettled {
        cohort: accounts.cohort.key(),
        index: args.index,
        bonus: settled.bonus.get(),
        released: settled.released.get(),
    });
    Ok(())
}

/// Whether no day more can bring the participant anything: every milestone is earned, all expenses are reimbursed, and the
/// doses suffice for the bonus.
fn nothing_can_come(participant: &Participant, schedule: &Schedule, trial: &Trial) -> Result<bool> {
    let everything = (0..schedule.count).all(|index| Bits(participant.earned).has(index));
    let Some(enrolled_on) = convert::day(participant.enrolled_on) else {
        return Ok(everything && participant.expenses >= schedule.reimbursements);
    };
    Ok(everything
        && participant.expenses >= schedule.reimbursements
        && adheres(participant, schedule, trial, enrolled_on)?)
}

/// The bonus in proportion, and what is left of what was set aside. Who was never enrolled has no bonus set aside.
fn settlement(participant: &Participant, schedule: &Schedule, trial: &Trial) -> Result<Settlement> {
    let counted = Bits(schedule.counted);
    let (bonus, done) = match convert::day(participant.enrolled_on) {
        Some(enrolled_on) if adheres(participant, schedule, trial, enrolled_on)? => {
            (schedule.bonus, Bits(participant.earned).common(counted))
        }
        _ => (0, 0),
    };
    settle(
        Cents::new(participant.reserved),
        Cents::new(bonus),
        done,
        counted.common(counted),
    )
    .ok_or_else(|| TrialsError::InvariantBroken.into())
}

/// Whether a device has recorded enough doses for the bonus, of those that the windows asked for which were over when the
/// participation ended. Most schedules ask for none.
fn adheres(
    participant: &Participant,
    schedule: &Schedule,
    trial: &Trial,
    enrolled_on: Date,
) -> Result<bool> {
    let Some(terms) = schedule.adherence()? else {
        return Ok(true);
    };
    let last = participant.last_day(trial).ok_or(TrialsError::NotEnded)?;
    let expected = terms.expected(enrolled_on, last);
    Ok(terms.is_met(participant.doses, expected))
}
