use anchor_lang::prelude::*;
use registry::state::Config;

use crate::error::ClaimsError;
use crate::events::ClaimPaid;
use crate::payment::{self, Till};
use crate::state::{Agreement, Claim, ClaimStatus, Pool};

/// Accounts of `settle_claim`. Nobody signs but whoever pays for the transaction: anybody may crank.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct SettleClaim<'info> {
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The pool that pays.
    #[account(
        mut,
        dup,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The agreement of the pool with the claim's provider, whatever its status: what is awarded is owed.
    #[account(
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        constraint = agreement.provider == claim.provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The claim.
    #[account(mut, dup, has_one = pool @ ClaimsError::ClaimOfOtherPool)]
    pub claim: Box<Account<'info, Claim>>,
    /// CHECK: the pool's vault, by its address in the pool.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the agreement's payout account, by its address; looked into before it is paid.
    #[account(mut, constraint = payout.key() != pool.vault @ ClaimsError::PayoutIsVault)]
    pub payout: UncheckedAccount<'info>,
    /// CHECK: the pool's mint, by its address in the pool.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the pool's token program, by its address in the pool.
    pub token_program: UncheckedAccount<'info>,
}

impl SettleClaim<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        require!(
            self.claim.status == ClaimStatus::Payable,
            ClaimsError::ClaimNotPayable
        );
        require!(
            self.config.award_payable(self.claim.awarded_at, now),
            ClaimsError::AwardTooYoung
        );
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        payment::check_payout(&self.payout, &self.pool)
    }
}

/// See [`crate::claims::settle_claim`].
pub fn settle_claim(ctx: Context<SettleClaim>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let due = accounts.claim.due();
    if accounts.claim.money_reserved {
        accounts.pool.pay_reserved(due)?;
    } else {
        accounts.pool.pay_queued(due)?;
    }
    accounts.pool.count_outflow(due, now)?;
    let pool_info = accounts.pool.to_account_info();
    payment::transfer(
        &accounts.pool,
        &Till {
            vault: &accounts.vault,
            payout: &accounts.payout,
            mint: &accounts.mint,
            pool: &pool_info,
        },
        due,
    )?;
    accounts.claim.mark_paid(now)?;
    accounts.claim.invariant()?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    emit_cpi!(ClaimPaid::of(claim, claim.key(), accounts.payout.key()));
    Ok(())
}
