use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::error::TrialsError;
use crate::events::ConsentGiven;
use crate::state::{Cohort, Entry, KeyHolder, Participant, Person, Schedule, Site, Trial};
use crate::{authorize, convert, payment};

/// Arguments of `record_consent`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordConsentArgs {
    /// The person's marker at the sponsor, blinded: the same person has the same one at every site.
    pub marker: [u8; 32],
    /// Who holds the key.
    pub holder: KeyHolder,
    /// The version of protocol and consent form that is consented to: the one in force.
    pub version: u16,
}

/// Accounts of `record_consent`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RecordConsentArgs)]
pub struct RecordConsent<'info> {
    /// The site's operator. Pays the rent of the person's account, which is never refunded: the year's stipends stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The key that consents: the participant's, a guardian's, or one that the site holds.
    pub key: Signer<'info>,
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
    /// The schedule that will apply to the participant.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The cohort.
    #[account(mut, has_one = site @ TrialsError::CohortOfOtherSite)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The person. `init_if_needed` because a person can have been in an earlier trial of the sponsor.
    #[account(
        init_if_needed,
        payer = operator,
        space = Person::SIZE,
        seeds = [Person::SEED, trial.load()?.sponsor.as_ref(), args.marker.as_ref()],
        bump,
    )]
    pub person: AccountLoader<'info, Person>,
    /// CHECK: the token account to be paid; read by hand, so that each fault has an error of its own.
    pub payee: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl RecordConsent<'_> {
    fn validate(&self, args: &RecordConsentArgs, now: i64) -> Result<()> {
        require!(
            args.holder == KeyHolder::Site || self.key.key() != self.operator.key(),
            TrialsError::KeyOfTheSite
        );
        authorize::not_paused(&self.config, now)?;
        self.trial.load()?.require_running()?;
        self.site.load()?.require_accepted()?;
        self.schedule.load()?.require_sealed()?;
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::EnrolParticipant,
            now,
        )
    }

    /// Enters the person into the cohort, for the first time at this sponsor or again.
    fn join(&self, bump: u8, marker: [u8; 32], index: u16) -> Result<()> {
        let sponsor = self.trial.load()?.sponsor;
        let mut person = match self.person.load_init() {
            Ok(mut person) => {
                person.begin(bump, sponsor, marker);
                person
            }
            Err(_) => self.person.load_mut()?,
        };
        person.join(self.cohort.key(), index)
    }
}

/// See [`crate::trials::record_consent`].
pub fn record_consent(ctx: Context<RecordConsent>, args: RecordConsentArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    let index = {
        let mut cohort = accounts.cohort.load_mut()?;
        let index = cohort.take_index()?;
        cohort.invariant()?;
        index
    };
    accounts.join(ctx.bumps.person, args.marker, index)?;

    let (number, reserved) = {
        let schedule = accounts.schedule.load()?;
        let mut trial = accounts.trial.load_mut()?;
        trial
            .caps()?
            .admit(&schedule.summary())
            .map_err(convert::exceeded)?;
        require!(
            trial.version_in_force(today)? == args.version,
            TrialsError::ConsentVersionInvalid
        );
        let payee_owner = payment::check_new_payee(&accounts.payee, &trial, &accounts.trial.key())?;
        trial.reserve(schedule.at_consent)?;
        trial.count_participant()?;
        let mut site = accounts.site.load_mut()?;
        if args.holder == KeyHolder::Site {
            site.count_site_held(trial.caps.site_held_quota)?;
        }
        let participant = Participant::new(&Entry {
            key: accounts.key.key(),
            holder: args.holder,
            payee: accounts.payee.key(),
            payee_owner,
            person: accounts.person.key(),
            schedule: schedule.number,
            caps_version: trial.caps_version,
            consent_version: args.version,
            today,
            reserved: schedule.at_consent,
        });
        participant.invariant()?;
        let info = accounts.cohort.to_account_info();
        *Cohort::place(&mut info.try_borrow_mut_data()?, index)? = participant;
        site.invariant()?;
        trial.invariant()?;
        (schedule.number, schedule.at_consent)
    };

    galen_entry::emit!(ctx => ConsentGiven {
        cohort: accounts.cohort.key(),
        index,
        version: args.version,
        schedule: number,
        reserved,
    });
    Ok(())
}
