use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use galen_chain::mint_policy;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::TrialCreated;
use crate::state::{Beginning, Trial};

/// Arguments of `create_trial`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreateTrialArgs {
    /// Number among the sponsor's trials.
    pub number: u32,
    /// Days after a visit on which it can still be attested, from 7 to 365.
    pub attest_days: u16,
    /// Stipends of one person in one calendar year, in cents, from which a tax form is needed; `NO_LIMIT` = never.
    pub tax_threshold: u64,
    /// Backup withholding in basis points.
    pub withholding_bps: u16,
}

/// Accounts of `create_trial`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CreateTrialArgs)]
pub struct CreateTrial<'info> {
    /// The sponsor's operator. Pays the rent of trial and vault, which is never refunded: trials stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The ethics board that oversees the trial.
    pub board: Box<Account<'info, Organization>>,
    /// The mint to pay in.
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The trial to be created.
    #[account(
        init,
        payer = operator,
        space = Trial::SIZE,
        seeds = [Trial::SEED, sponsor.key().as_ref(), &args.number.to_le_bytes()],
        bump,
    )]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's vault to be created.
    #[account(
        init,
        payer = operator,
        token::mint = mint,
        token::authority = trial,
        token::token_program = token_program,
        seeds = [Trial::VAULT_SEED, trial.key().as_ref()],
        bump,
    )]
    pub vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The program that owns the mint.
    #[account(constraint = token_program.key() == *mint.to_account_info().owner @ TrialsError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl CreateTrial<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::board(&self.board)?;
        require!(self.board.is_active(), TrialsError::OrganizationNotActive);
        authorize::sponsor_staff(
            &self.sponsor,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageTrial,
            now,
        )
    }
}

/// See [`crate::trials::create_trial`].
pub fn create_trial(ctx: Context<CreateTrial>, args: CreateTrialArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let issuer_powers = mint_policy::check(&accounts.mint.to_account_info(), &accounts.mint)
        .map_err(TrialsError::from)?;
    {
        let mut trial = accounts.trial.load_init()?;
        trial.begin(Beginning {
            bump: ctx.bumps.trial,
            number: args.number,
            sponsor: accounts.sponsor.key(),
            board: accounts.board.key(),
            mint: accounts.mint.key(),
            token_program: accounts.token_program.key(),
            vault: accounts.vault.key(),
            decimals: accounts.mint.decimals,
            issuer_powers,
            attest_days: args.attest_days,
            tax_threshold: args.tax_threshold,
            withholding_bps: args.withholding_bps,
        })?;
        trial.invariant_of_vault(accounts.vault.amount)?;
    }

    galen_entry::emit!(ctx => TrialCreated {
        trial: accounts.trial.key(),
        sponsor: accounts.sponsor.key(),
        board: accounts.board.key(),
        mint: accounts.mint.key(),
        issuer_powers,
    });
    Ok(())
}
