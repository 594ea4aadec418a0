use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use registry::state::{AdminArgs, Config, Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::SurplusWithdrawn;
use crate::payment::{Payment, Till};
use crate::state::Trial;

/// Arguments of `withdraw_surplus`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct WithdrawSurplusArgs {
    /// Against the trial's sequence.
    pub admin: AdminArgs,
    /// How much, in cents. Of a trial that has ended and owes nothing also what was sent to the vault past `fund_trial`.
    pub amount: u64,
}

/// Accounts of `withdraw_surplus`.
#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawSurplus<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The trial.
    #[account(
        mut,
        has_one = sponsor @ TrialsError::TrialOfOtherSponsor,
        has_one = vault @ TrialsError::WrongVault,
        has_one = token_program @ TrialsError::WrongTokenProgram,
    )]
    pub trial: AccountLoader<'info, Trial>,
    /// CHECK: the trial's vault, by the address that the trial stores; this program created it as a token account.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the token account that receives it. The token program reads it.
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

impl WithdrawSurplus<'_> {
    fn validate(&self, args: &WithdrawSurplusArgs, now: i64) -> Result<()> {
        require!(args.amount > 0, TrialsError::AmountZero);
        authorize::not_paused(&self.config, now)?;
        authorize::sponsor_staff(
            &self.sponsor,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )
    }
}

/// See [`crate::trials::withdraw_surplus`].
pub fn withdraw_surplus(ctx: Context<WithdrawSurplus>, args: WithdrawSurplusArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &*ctx.accounts;
    let (till, units, donated) = {
        let mut trial = accounts.trial.load_mut()?;
        trial.authorize(&args.admin, now)?;
        let till = Till::of(&trial, accounts.trial.as_ref(), accounts.vault.as_ref());
        let donated = trial.count_donations(till.balance()?)?;
        trial.withdraw(args.amount)?;
        (till, trial.units(args.amount)?, donated)
    };
    let left = till.pay(
        &[Payment {
            to: accounts.to.as_ref(),
            units,
        }],
        false,
    )?;
    let free = {
        let trial = accounts.trial.load()?;
        trial.invariant_of_vault(left)?;
        trial.free()?
    };

    galen_entry::emit!(ctx => SurplusWithdrawn {
        trial: accounts.trial.key(),
        to: accounts.to.key(),
        amount: args.amount,
        free,
        donated,
    });
    Ok(())
}
