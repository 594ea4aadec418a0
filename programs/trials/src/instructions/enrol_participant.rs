use anchor_lang::prelude::*;
use galen_rules::trial::consent_due;
use registry::state::{Config, Operator, Organization, Permission};

use crate::error::TrialsError;
use crate::events::ParticipantEnrolled;
use crate::state::{Cohort, Schedule, Site, Trial};
use crate::{authorize, convert};

/// Arguments of `enrol_participant`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EnrolParticipantArgs {
    /// The participant's index in the cohort.
    pub index: u16,
}

/// Accounts of `enrol_participant`.
#[event_cpi]
#[derive(Accounts)]
pub struct EnrolParticipant<'info> {
    /// The site's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        mut,
        has_one = trial @ TrialsError::SiteOfOtherTrial,
        has_one = organization @ TrialsError::SiteOfOtherOrganization,
    )]
    pub site: AccountLoader<'info, Site>,
    /// The schedule that applies to the participant.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The cohort.
    #[account(mut, has_one = site @ TrialsError::CohortOfOtherSite)]
    pub cohort: AccountLoader<'info, Cohort>,
}

impl EnrolParticipant<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::not_paused(&self.config, now)?;
        self.trial.load()?.require_running()?;
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolParticipant,
            now,
        )
    }
}

/// See [`crate::trials::enrol_participant`].
pub fn enrol_participant(ctx: Context<EnrolParticipant>, args: EnrolParticipantArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    let reserved = {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        let schedule = accounts.schedule.load()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require!(
            participant.schedule == schedule.number,
            TrialsError::WrongSchedule
        );
        require!(
            !consent_due(participant.consent_version(), trial.amendments(), today),
            TrialsError::ConsentDue
        );
        trial
            .caps()?
            .admit(&schedule.summary())
            .map_err(convert::exceeded)?;
        trial.reserve(schedule.at_enrolment)?;
        participant.enrol(today, schedule.at_enrolment)?;
        site.count_enrolled()?;
        // Now that the screening has succeeded, the site earns its fees for it.
        let fees = participant.screening_fees(&schedule.rules()?.0)?;
        participant.use_reserved(fees.get())?;
        site.earn(fees)?;
        trial.accrue(fees.get())?;
        participant.invariant()?;
        site.invariant()?;
        trial.invariant()?;
        schedule.at_enrolment
    };

    galen_entry::emit!(ctx => ParticipantEnrolled {
        cohort: accounts.cohort.key(),
        index: args.index,
        enrolled_on: today.days(),
        reserved,
    });
    Ok(())
}
