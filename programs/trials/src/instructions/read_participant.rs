use anchor_lang::prelude::*;

use crate::state::{Cohort, Participant};

/// Arguments of `read_participant`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ReadParticipantArgs {
    /// The participant's index in the cohort.
    pub index: u16,
}

/// Accounts of `read_participant`. Changes nothing: to be simulated, by clients that do not read pages themselves.
#[derive(Accounts)]
pub struct ReadParticipant<'info> {
    /// The cohort.
    pub cohort: AccountLoader<'info, Cohort>,
}

/// See [`crate::trials::read_participant`].
pub fn read_participant(
    ctx: Context<ReadParticipant>,
    args: ReadParticipantArgs,
) -> Result<Participant> {
    let info = ctx.accounts.cohort.to_account_info();
    let mut data = info.try_borrow_mut_data()?;
    Ok(*Cohort::participant(&mut data, args.index)?)
}
