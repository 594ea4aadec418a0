use anchor_lang::prelude::*;
use galen_rules::trial::Assessment;
use galen_rules::Cents;

use crate::convert;
use crate::error::TrialsError;
use crate::events::HeldStipendReleased;
use crate::state::{Cohort, Person, Trial};

/// Arguments of `release_held`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ReleaseHeldArgs {
    /// The participant's index in the cohort.
    pub index: u16,
}

/// Accounts of `release_held`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ReleaseHeld<'info> {
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The cohort.
    #[account(mut, has_one = trial @ TrialsError::CohortOfOtherTrial)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The person.
    #[account(mut)]
    pub person: AccountLoader<'info, Person>,
}

/// See [`crate::trials::release_held`].
pub fn release_held(ctx: Context<ReleaseHeld>, args: ReleaseHeldArgs) -> Result<()> {
    let accounts = &*ctx.accounts;
    let year = convert::day_of(Clock::get()?.unix_timestamp)?.year();
    let released = {
        let mut trial = accounts.trial.load_mut()?;
        let mut person = accounts.person.load_mut()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require_keys_eq!(
            participant.person,
            accounts.person.key(),
            TrialsError::WrongPerson
        );
        require!(participant.held > 0, TrialsError::NothingHeld);
        let released = Assessment::release(
            &trial.tax_terms(),
            Cents::new(participant.held),
            person.has_form(),
            person.tax_choice(),
        );
        require!(released.hold.is_zero(), TrialsError::StillHeld);
        participant.release_held(&released)?;
        if !released.withhold.is_zero() {
            let stipends = person.stipends_in(year);
            person.note_year(year, stipends, released.withhold)?;
        }
        trial.withhold(released.withhold.get())?;
        participant.invariant()?;
        trial.invariant()?;
        released
    };

    galen_entry::emit!(ctx => HeldStipendReleased {
        cohort: accounts.cohort.key(),
        index: args.index,
        paid_out: released.pay.get(),
        withheld: released.withhold.get(),
    });
    Ok(())
}
