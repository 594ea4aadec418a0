use anchor_lang::prelude::*;
use anchor_spl::token_interface::{
    transfer_checked, Mint, TokenAccount, TokenInterface, TransferChecked,
};

use crate::error::TrialsError;
use crate::events::TrialFunded;
use crate::state::Trial;

/// Arguments of `fund_trial`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct FundTrialArgs {
    /// How much, in cents.
    pub amount: u64,
}

/// Accounts of `fund_trial`.
#[event_cpi]
#[derive(Accounts)]
pub struct FundTrial<'info> {
    /// Whose money it is. Anybody may fund.
    pub funder: Signer<'info>,
    /// The token account that the money comes from.
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The trial.
    #[account(
        mut,
        has_one = vault @ TrialsError::WrongVault,
        has_one = mint @ TrialsError::WrongMint,
        has_one = token_program @ TrialsError::WrongTokenProgram,
    )]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's vault.
    #[account(mut)]
    pub vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The trial's mint.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

impl FundTrial<'_> {
    fn validate(&self, args: &FundTrialArgs) -> Result<()> {
        require!(args.amount > 0, TrialsError::FundingInvalid);
        Ok(())
    }
}

/// See [`crate::trials::fund_trial`].
pub fn fund_trial(ctx: Context<FundTrial>, args: FundTrialArgs) -> Result<()> {
    ctx.accounts.validate(&args)?;
    let accounts = &mut *ctx.accounts;
    let units = accounts.trial.load()?.units(args.amount)?;
    let before = accounts.vault.amount;
    transfer_checked(
        CpiContext::new(
            accounts.token_program.key(),
            TransferChecked {
                from: accounts.source.to_account_info(),
                mint: accounts.mint.to_account_info(),
                to: accounts.vault.to_account_info(),
                authority: accounts.funder.to_account_info(),
            },
        ),
        units,
        accounts.mint.decimals,
    )?;
    accounts.vault.reload()?;
    // What counts is what arrived, not what was sent.
    require!(
        accounts.vault.amount.checked_sub(before) == Some(units),
        TrialsError::FundingMismatch
    );
    let funded = {
        let mut trial = accounts.trial.load_mut()?;
        trial.fund(args.amount)?;
        trial.invariant_of_vault(accounts.vault.amount)?;
        trial.funded
    };

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => TrialFunded {
        trial: accounts.trial.key(),
        funder: accounts.funder.key(),
        amount: args.amount,
        funded,
    });
    Ok(())
}
