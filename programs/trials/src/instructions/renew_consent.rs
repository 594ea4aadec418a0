use anchor_lang::prelude::*;
use galen_rules::trial::{succession, AdherenceTerms, Bits, Status};
use registry::state::Config;

use crate::error::TrialsError;
use crate::events::ConsentGiven;
use crate::state::{Cohort, Participant, Schedule, Trial};
use crate::{authorize, convert};

/// Arguments of `renew_consent`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RenewConsentArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// The version of protocol and consent form that is consented to: the one in force.
    pub version: u16,
}

/// Accounts of `renew_consent`.
#[event_cpi]
#[derive(Accounts)]
pub struct RenewConsent<'info> {
    /// The key that consented for the participant.
    pub key: Signer<'info>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The cohort.
    #[account(mut, has_one = trial @ TrialsError::CohortOfOtherTrial)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The schedule that applies now.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The schedule that applies from now on: the same, or one that succeeds it, is not worse for the participant, and that the
    /// caps allow.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub new_schedule: AccountLoader<'info, Schedule>,
}

impl RenewConsent<'_> {
    /// What must be set aside in addition under the new schedule.
    fn difference(&self, participant: &Participant, trial: &Trial, now: i64) -> Result<u64> {
        let old = self.schedule.load()?;
        require!(
            participant.schedule == old.number,
            TrialsError::WrongSchedule
        );
        if self.schedule.key() == self.new_schedule.key() {
            return Ok(0);
        }
        let new = self.new_schedule.load()?;
        new.require_sealed()?;
        new.require_successor_of(old.number)?;
        // Another schedule is a new promise: the board's caps and a pause bind it as they bind a first consent.
        authorize::not_paused(&self.config, now)?;
        trial
            .caps()?
            .admit(&new.summary())
            .map_err(convert::exceeded)?;
        AdherenceTerms::succession(old.adherence()?.as_ref(), new.adherence()?.as_ref())
            .map_err(|_| TrialsError::AdherenceWorse)?;
        let (old_milestones, old_terms) = old.rules()?;
        let (new_milestones, new_terms) = new.rules()?;
        let earned = Bits(participant.earned);
        // The site's fees for screening visits are earned later than the stipends.
        let fees = (0_u8..)
            .zip(&old_milestones)
            .filter(|(index, milestone)| {
                earned.has(*index) && participant.fee_follows(milestone.kind)
            })
            .fold(Bits::default(), |fees, (index, _)| fees.with(index));
        let whole = succession(
            (&old_milestones, &old_terms),
            (&new_milestones, &new_terms),
            earned,
            fees,
        )
        .map_err(convert::worse)?;
        if participant.status()? == Status::Enrolled {
            return Ok(whole.get());
        }
        // Before enrolment only the screening is set aside; enrolment does the rest under the new schedule.
        new.at_consent
            .checked_sub(old.at_consent)
            .ok_or_else(|| TrialsError::SchedulePaysLess.into())
    }
}

/// See [`crate::trials::renew_consent`].
pub fn renew_consent(ctx: Context<RenewConsent>, args: RenewConsentArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    let (schedule, reserved) = {
        let mut trial = accounts.trial.load_mut()?;
        trial.require_running()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require_keys_eq!(
            participant.key,
            accounts.key.key(),
            TrialsError::NotTheParticipantsKey
        );
        require!(participant.status()?.is_present(), TrialsError::NotPresent);
        require!(
            trial.version_in_force(today)? == args.version,
            TrialsError::ConsentVersionInvalid
        );
        let difference = accounts.difference(participant, &trial, now)?;
        trial.reserve(difference)?;
        participant.reserve_more(difference)?;
        let schedule = accounts.new_schedule.load()?.number;
        participant.consent_anew(args.version, schedule, today)?;
        participant.invariant()?;
        trial.invariant()?;
        (schedule, difference)
    };

    galen_entry::emit!(ctx => ConsentGiven {
        cohort: accounts.cohort.key(),
        index: args.index,
        version: args.version,
        schedule,
        reserved,
    });
    Ok(())
}
