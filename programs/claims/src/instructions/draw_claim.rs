use anchor_lang::prelude::*;
use registry::state::Config;

use crate::adjudication::{Case, Scrutiny};
use crate::convert;
use crate::error::ClaimsError;
use crate::events::{self, ClaimDrawn};
use crate::payment::Till;
use crate::state::{
    Agreement, AgreementStatus, BenefitSchedule, Claim, DrawChain, History, Member, PendReason,
    PlanVersion, Pool,
};

/// Accounts of `draw_claim`. Nobody signs but whoever pays for the transaction: anybody may crank.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct DrawClaim<'info> {
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
    #[account(mut)]
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
    /// CHECK: the chain of the year in which the claim came in; empty at its address where none was committed.
    #[account(
        seeds = [DrawChain::SEED, pool.key().as_ref(), &DrawChain::year_of(claim.received_at)],
        bump,
    )]
    pub draws: UncheckedAccount<'info>,
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

impl DrawClaim<'_> {
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
        require!(
            self.claim.pend_reason == PendReason::Draw,
            ClaimsError::DrawNotAwaited
        );
        Ok(())
    }

    /// The link that draws the claim, or none where it was not revealed in time.
    ///
    /// # Errors
    /// `DrawNotRevealed` while it can still be.
    fn link(&self, today: i32) -> Result<Option<[u8; 32]>> {
        let received = convert::day_of(self.claim.received_at)?.days();
        // Only this program makes an account at the address: it is a chain, or nothing.
        let link = if *self.draws.owner == crate::ID {
            DrawChain::try_deserialize(&mut &self.draws.try_borrow_data()?[..])?.link_of(received)
        } else {
            None
        };
        require!(
            link.is_some() || today > self.claim.course.wait_until,
            ClaimsError::DrawNotRevealed
        );
        Ok(link)
    }
}

/// See [`crate::claims::draw_claim`].
pub fn draw_claim<'info>(ctx: Context<'info, DrawClaim<'info>>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?.days();
    let link = ctx.accounts.link(today)?;
    let accounts = &mut *ctx.accounts;
    let claim_key = accounts.claim.key();
    // After the draw's last day the insurer can ask for information too: what it has stopped runs again.
    accounts.claim.course.resume_clocks(today)?;
    let checks = accounts.plan_version.checks;
    let is_drawn =
        link.is_some_and(|link| DrawChain::draws(&link, &claim_key, checks.sampling_bps));
    if is_drawn {
        let member_has_key = accounts.member.load()?.authority != Pubkey::default();
        accounts.claim.review(&checks, member_has_key, today)?;
        accounts.claim.invariant()?;
    } else {
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
        .adjudicate(Scrutiny::PassedOver)?;
    }

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    galen_entry::emit!(ctx => ClaimDrawn {
        claim: claim_key,
        pool: claim.pool,
        provider: claim.provider,
        is_drawn,
        link: link.unwrap_or_default(),
        status: claim.status,
        pend_reason: claim.pend_reason,
        paid: claim.totals.paid,
        offset: claim.offset,
        payout: events::paid_to(claim, accounts.payout.key()),
    });
    Ok(())
}
