use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use galen_chain::token_account;

use crate::convert;
use crate::error::TrialsError;
use crate::events::BondForfeited;
use crate::payment::{Payment, Till};
use crate::state::{DataLog, Trial};

/// Accounts of `forfeit_bond`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ForfeitBond<'info> {
    /// The trial.
    #[account(
        mut,
        has_one = vault @ TrialsError::WrongVault,
        has_one = token_program @ TrialsError::WrongTokenProgram,
    )]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's commitments.
    #[account(
        mut,
        has_one = trial @ TrialsError::LogOfOtherTrial,
    )]
    pub log: AccountLoader<'info, DataLog>,
    /// CHECK: the trial's vault, by the address that the trial stores; this program created it as a token account.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the token account that the ethics board has named, by the address that the log stores; read by hand. Left out, the
    /// bond is forfeited and waits.
    #[account(mut)]
    pub beneficiary: Option<UncheckedAccount<'info>>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

impl ForfeitBond<'_> {
    /// Checks that the beneficiary, where it is given, is the one that the board has named and can be paid now. Left out, the
    /// bond is forfeited all the same, and paid by a later crank.
    fn validate(&self, trial: &Trial, log: &DataLog) -> Result<()> {
        let Some(beneficiary) = &self.beneficiary else {
            return Ok(());
        };
        require_keys_eq!(
            beneficiary.key(),
            log.beneficiary,
            TrialsError::WrongBeneficiary
        );
        require!(
            token_account::can_receive(
                beneficiary,
                &trial.token_program,
                &trial.mint,
                &log.beneficiary_owner,
            ),
            TrialsError::PayeeInvalid
        );
        Ok(())
    }
}

/// See [`crate::trials::forfeit_bond`].
pub fn forfeit_bond(ctx: Context<ForfeitBond>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?;
    let accounts = &*ctx.accounts;
    let (till, paid, units, bond) = {
        let mut trial = accounts.trial.load_mut()?;
        let mut log = accounts.log.load_mut()?;
        accounts.validate(&trial, &log)?;
        let due = log.results_due(&trial);
        let bond = log.bond;
        let new = log.forfeit(today, due)?;
        if new {
            trial.accrue(bond)?;
        }
        let is_paid = accounts.beneficiary.is_some();
        require!(new || is_paid, TrialsError::BeneficiaryMissing);
        let paid = if is_paid { log.pay_bond() } else { 0 };
        trial.pay(paid)?;
        log.invariant()?;
        trial.invariant()?;
        let till = Till::of(&trial, accounts.trial.as_ref(), accounts.vault.as_ref());
        (till, paid, trial.units(paid)?, bond)
    };
    if let Some(beneficiary) = accounts.beneficiary.as_ref().filter(|_| paid > 0) {
        let to = beneficiary.as_ref();
        let left = till.pay(&[Payment { to, units }], false)?;
        accounts.trial.load()?.invariant_of_vault(left)?;
    }

    galen_entry::emit!(ctx => BondForfeited {
        trial: accounts.trial.key(),
        bond,
        paid,
    });
    Ok(())
}
