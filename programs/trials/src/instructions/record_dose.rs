use anchor_lang::prelude::*;
use galen_chain::signature;

use crate::convert;
use crate::error::TrialsError;
use crate::state::{Adherence, Cohort, Dose, Schedule, Trial};

/// Arguments of `record_dose`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordDoseArgs {
    /// The dose that the device has signed.
    pub dose: Dose,
}

/// Accounts of `record_dose`. Nobody signs but whoever pays for the transaction: the device has signed, in the instruction
/// before. No event: a dose is daily work, and the account counts it.
#[derive(Accounts)]
pub struct RecordDose<'info> {
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The schedule that applies to the participant.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The cohort.
    #[account(mut, has_one = trial @ TrialsError::CohortOfOtherTrial)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The participant's doses.
    #[account(mut, has_one = cohort @ TrialsError::AdherenceOfOtherCohort)]
    pub adherence: AccountLoader<'info, Adherence>,
    /// CHECK: the instructions of the transaction; read by functions that check the address.
    pub instructions_sysvar: UncheckedAccount<'info>,
}

/// See [`crate::trials::record_dose`].
pub fn record_dose(ctx: Context<RecordDose>, args: RecordDoseArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let cohort = accounts.cohort.key();
    let trial = accounts.trial.load()?;
    let schedule = accounts.schedule.load()?;
    let terms = schedule
        .adherence()?
        .ok_or(TrialsError::AdherenceNotAsked)?;
    let mut adherence = accounts.adherence.load_mut()?;
    signature::check(
        &accounts.instructions_sysvar,
        &adherence.device,
        &args.dose.message(&cohort, adherence.index),
    )
    .map_err(TrialsError::from)?;
    let info = accounts.cohort.to_account_info();
    let mut data = info.try_borrow_mut_data()?;
    let participant = Cohort::participant(&mut data, adherence.index)?;
    require!(
        participant.schedule == schedule.number,
        TrialsError::WrongSchedule
    );
    require!(!participant.is_settled(), TrialsError::AlreadySettled);
    let enrolled_on = convert::day(participant.enrolled_on).ok_or(TrialsError::NotEnrolled)?;
    let last = participant.last_day(&trial);
    if adherence.count(&args.dose, &terms, enrolled_on, last, now)? {
        participant.count_dose();
    }
    participant.invariant()?;
    adherence.invariant()
}
