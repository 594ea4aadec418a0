use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::earning::Books;
use crate::error::TrialsError;
use crate::events::MilestoneAttested;
use crate::state::{Cohort, Person, Schedule, Site, Trial};
use crate::{authorize, convert};

/// Arguments of `attest_milestone`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AttestMilestoneArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// The milestone's number in the schedule, from 0.
    pub milestone: u8,
    /// Day of the visit, in days since 1970-01-01.
    pub visit_day: i32,
}

/// Accounts of `attest_milestone`.
#[event_cpi]
#[derive(Accounts)]
pub struct AttestMilestone<'info> {
    /// The site's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
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
    /// The person.
    #[account(mut)]
    pub person: AccountLoader<'info, Person>,
}

impl AttestMilestone<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::AttestVisit,
            now,
        )
    }
}

/// See [`crate::trials::attest_milestone`].
pub fn attest_milestone(ctx: Context<AttestMilestone>, args: AttestMilestoneArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?;
    let visit = convert::date(args.visit_day)?;
    let accounts = &*ctx.accounts;
    let (consent_version, earned) = {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        let mut person = accounts.person.load_mut()?;
        let schedule = accounts.schedule.load()?;
        let info: &AccountInfo = accounts.cohort.as_ref();
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
        require!(!participant.is_settled(), TrialsError::AlreadySettled);
        let milestone = schedule.milestone(args.milestone)?;
        let consents = participant.consents();
        let consent_version = participant
            .course(&consents)?
            .check_visit(
                &milestone,
                visit,
                today,
                &trial.conduct(),
                trial.amendments(),
            )
            .map_err(convert::refusal)?;
        participant.attest(args.milestone)?;
        let earned = !milestone.countersigned && !participant.is_site_held();
        let mut books = Books {
            trial: &mut trial,
            site: &mut site,
            person: &mut person,
            participant,
        };
        if earned {
            books.earn_milestone(args.milestone, &milestone, today)?;
        }
        books.invariant()?;
        (consent_version, earned)
    };

    galen_entry::emit!(ctx => MilestoneAttested {
        cohort: accounts.cohort.key(),
        index: args.index,
        milestone: args.milestone,
        visit_day: args.visit_day,
        consent_version,
        earned,
    });
    Ok(())
}
