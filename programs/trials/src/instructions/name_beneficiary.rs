use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization};

use crate::error::TrialsError;
use crate::events::BeneficiaryNamed;
use crate::state::{DataLog, Trial};
use crate::{authorize, payment};

/// Arguments of `name_beneficiary`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct NameBeneficiaryArgs {
    /// Against the trial's caps sequence.
    pub admin: AdminArgs,
}

/// Accounts of `name_beneficiary`.
#[event_cpi]
#[derive(Accounts)]
pub struct NameBeneficiary<'info> {
    /// The ethics board's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the board.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The ethics board.
    pub board: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = board @ TrialsError::TrialOfOtherBoard)]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's commitments.
    #[account(mut, has_one = trial @ TrialsError::LogOfOtherTrial)]
    pub log: AccountLoader<'info, DataLog>,
    /// CHECK: the token account that a forfeited bond goes to; read by hand, so that each fault has an error of its own.
    pub beneficiary: UncheckedAccount<'info>,
}

impl NameBeneficiary<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::board_staff(
            &self.board,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::trials::name_beneficiary`].
pub fn name_beneficiary(ctx: Context<NameBeneficiary>, args: NameBeneficiaryArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut trial = accounts.trial.load_mut()?;
        trial.authorize_board(&args.admin, now)?;
        let owner = payment::check_new_payee(&accounts.beneficiary, &trial, &accounts.trial.key())?;
        let mut log = accounts.log.load_mut()?;
        log.name_beneficiary(accounts.beneficiary.key(), owner)?;
        log.invariant()?;
        trial.invariant()?;
    }

    galen_entry::emit!(ctx => BeneficiaryNamed {
        trial: accounts.trial.key(),
        beneficiary: accounts.beneficiary.key(),
    });
    Ok(())
}
