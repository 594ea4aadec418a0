use anchor_lang::prelude::*;
use registry::state::Config;

use crate::adjudication::{Case, Scrutiny};
use crate::convert;
use crate::error::ClaimsError;
use crate::events::ClaimAdjudicated;
use crate::payment::Till;
use crate::state::{
    Agreement, AgreementStatus, BenefitSchedule, Claim, History, Member, PlanVersion, Pool,
};

/// Accounts of `confirm_claim`.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct ConfirmClaim<'info> {
    /// The member's own key.
    pub authority: Signer<'info>,
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
    /// The agreement of the pool with the claim's provider.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        constraint = agreement.provider == claim.provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The plan version under which the claim was submitted.
    #[account(has_one = schedule @ ClaimsError::ScheduleMismatch)]
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The plan version's schedule.
    pub schedule: AccountLoader<'info, BenefitSchedule>,
    /// The claim's member.
    #[account(mut, has_one = authority @ ClaimsError::NotMemberAuthority)]
    pub member: AccountLoader<'info, Member>,
    /// The member's history.
    #[account(mut, has_one = member @ ClaimsError::HistoryOfOtherMember)]
    pub history: AccountLoader<'info, History>,
    /// The claim.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = member @ ClaimsError::ClaimOfOtherMember,
        has_one = plan_version @ ClaimsError::ClaimOfOtherPlanVersion,
    )]
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

impl ConfirmClaim<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        require!(
            self.config.new_awards_allowed(now),
            ClaimsError::AwardsPaused
        );
        // Nothing passes without a look but under an agreement in force.
        require!(
            self.agreement.status == AgreementStatus::Active,
            ClaimsError::AgreementNotActive
        );
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        self.claim.check_confirmable(convert::day_of(now)?.days())
    }
}

/// See [`crate::claims::confirm_claim`].
pub fn confirm_claim<'info>(ctx: Context<'info, ConfirmClaim<'info>>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let claim_key = accounts.claim.key();
    {
        // A claim is not a duplicate of itself; what stands in the history is entered anew.
        History::remove_claim(&accounts.history, &claim_key, &accounts.claim.provider)?;
    }
    let pool_info = accounts.pool.to_account_info();
    Case {
        claim_key,
        claim: &mut accounts.claim,
        pool: &mut accounts.pool,
        agreement: &mut accounts.agreement,
        plan_version: &accounts.plan_version,
        schedule: &accounts.schedule,
        member: &accounts.member,
        history: &accounts.history,
        others: ctx.remaining_accounts,
        till: Till {
            vault: &accounts.vault,
            payout: &accounts.payout,
            mint: &accounts.mint,
            pool: &pool_info,
        },
        now,
    }
    .adjudicate(Scrutiny::Consented)?;

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    galen_entry::emit!(ctx => ClaimAdjudicated::of(
        claim,
        claim.key(),
        accounts.payout.key()
    ));
    Ok(())
}
