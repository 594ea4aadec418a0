use anchor_lang::prelude::*;
use galen_rules::trial::{Departure, Status, Voice};
use registry::state::{Operator, Organization, Permission};

use crate::convert::DepartureArg;
use crate::earning::Books;
use crate::error::TrialsError;
use crate::events::ParticipantLeft;
use crate::state::{Cohort, Participant, Person, Schedule, Site, Trial};
use crate::{authorize, convert};

/// Arguments of `end_participation`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EndParticipationArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// Why.
    pub departure: DepartureArg,
    /// Whether a participant who withdraws agrees to follow-up visits.
    pub follow_up: bool,
}

/// Accounts of `end_participation`.
#[event_cpi]
#[derive(Accounts)]
pub struct EndParticipation<'info> {
    /// The participant's key where it is the participant's word, else the site's operator.
    pub signer: Signer<'info>,
    /// The operator's record at the site, where the site speaks.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The site's organisation, where the site speaks.
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

impl EndParticipation<'_> {
    /// Checks that the accounts are the participant's.
    fn check(&self, participant: &Participant, schedule: &Schedule) -> Result<()> {
        require!(
            participant.schedule == schedule.number,
            TrialsError::WrongSchedule
        );
        require_keys_eq!(
            participant.person,
            self.person.key(),
            TrialsError::WrongPerson
        );
        Ok(())
    }

    /// Checks whose word it is.
    fn validate(&self, args: &EndParticipationArgs, now: i64) -> Result<()> {
        let departure = Departure::from(args.departure);
        require!(
            !args.follow_up || departure == Departure::Withdrawn,
            TrialsError::FollowUpNotTheirs
        );
        if departure.voice() == Voice::Participant {
            let info = self.cohort.to_account_info();
            let mut data = info.try_borrow_mut_data()?;
            require_keys_eq!(
                Cohort::participant(&mut data, args.index)?.key,
                self.signer.key(),
                TrialsError::NotTheParticipantsKey
            );
            return Ok(());
        }
        let (Some(record), Some(organization)) = (&self.operator_record, &self.organization) else {
            return err!(TrialsError::OperatorMissing);
        };
        require_keys_eq!(
            organization.key(),
            self.site.load()?.organization,
            TrialsError::SiteOfOtherOrganization
        );
        authorize::staff(
            organization,
            record,
            self.signer.key,
            Permission::EnrolParticipant,
            now,
        )
    }
}

/// See [`crate::trials::end_participation`].
pub fn end_participation(ctx: Context<EndParticipation>, args: EndParticipationArgs) -> Result<()> {
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
        accounts.check(participant, &schedule)?;
        let before = participant.leave(args.departure.into(), args.follow_up, today)?;
        person.leave(&accounts.cohort.key(), args.index);
        let mut books = Books {
            trial: &mut trial,
            site: &mut site,
            person: &mut person,
            participant,
        };
        if before == Status::Screening {
            books.end_screening(&schedule)?;
        }
        books.invariant()?;
    }

    galen_entry::emit!(ctx => ParticipantLeft {
        cohort: accounts.cohort.key(),
        index: args.index,
        departure: args.departure,
        follow_up: args.follow_up,
    });
    Ok(())
}
