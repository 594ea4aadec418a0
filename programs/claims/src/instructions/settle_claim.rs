use anchor_lang::prelude::*;
use registry::state::Config;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::{ClaimPaid, ClockResumed, ClockStopped};
use crate::payment::{self, Till};
use crate::state::{Agreement, Claim, ClaimStatus, Course, Pool};

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
            self.claim.status == ClaimStatus::Payable
                || self.claim.course.has(Course::INTEREST_OWED),
            ClaimsError::ClaimNotPayable
        );
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        Ok(())
    }

    /// Stops the clock of an award whose money is there where the account takes none, and lets it run again where it does. What
    /// can be done beside.
    ///
    /// # Errors
    /// Why the account takes no money, where no clock runs that could be stopped.
    fn turn_clock(&mut self, now: i64) -> Result<Turn> {
        let today = convert::day_of(now)?;
        let Self { claim, pool, .. } = self;
        if let Err(refusal) = payment::check_payout(&self.payout, pool) {
            // Else who closes the account lets interest grow that nobody could keep from growing.
            return if claim.await_account(&pool.rounds, today.days()) {
                Ok(Turn::Stopped)
            } else {
                Err(refusal)
            };
        }
        if claim.course.awaiting_since == 0 {
            return Ok(Turn::None);
        }
        claim.course.resume_clocks(today.days())?;
        let interest = claim.course.interest_on(claim.due(), today)?;
        let rest = claim.due().saturating_sub(claim.waiting.drawn);
        let sum = rest
            .checked_add(interest)
            .ok_or(ClaimsError::AmountOverflow)?;
        // From now on the payment is late for reasons that are not the provider's.
        let waits = !self.config.award_payable(claim.awarded_at, now)
            || pool.exceeds_outflow(sum, claim.awarded_at, now);
        Ok(if waits { Turn::Resumed } else { Turn::None })
    }

    /// Counts what is paid now in the ledgers of claim and pool.
    fn count_payment(&mut self, now: i64) -> Result<Payment> {
        let Self { claim, pool, .. } = self;
        let share = claim.share(&pool.rounds);
        if claim.course.has(Course::INTEREST_OWED) {
            // The award was paid before, and its interest had to wait for money. It is paid whatever has become of the claim.
            let whole = claim.draw(share)?;
            pool.pay_reserved(share)?;
            if whole {
                claim.clear_interest();
            }
            return Ok(Payment::of(0, share));
        }
        if !claim.money_reserved && !claim.draw(share)? {
            pool.pay_reserved(share)?;
            return Ok(Payment::of(share, 0));
        }
        let award = if claim.money_reserved {
            claim.due()
        } else {
            share
        };
        pool.pay_reserved(award)?;
        // Worked out once, on all of it, on the day on which it is whole.
        let interest = claim
            .course
            .interest_on(claim.due(), convert::day_of(now)?)?;
        claim.mark_paid(now)?;
        let waits = interest > 0 && !pool.can_pay_now(interest)?;
        claim.bear_interest(interest, waits);
        if waits {
            // What is set aside is paid whatever else the pool lacks.
            claim.wait(pool.queue(interest)?);
            pool.close_round()?;
            return Ok(Payment::of(award, 0));
        }
        pool.pay_now(interest)?;
        Ok(Payment::of(award, interest))
    }
}

/// What became of the clock, where nothing else is done.
enum Turn {
    /// Nothing, or it is paid all the same.
    None,
    Stopped,
    Resumed,
}

/// What is paid, in cents.
struct Payment {
    award: u64,
    interest: u64,
}

impl Payment {
    fn of(award: u64, interest: u64) -> Self {
        Self { award, interest }
    }

    fn cents(&self) -> Result<u64> {
        self.award
            .checked_add(self.interest)
            .ok_or_else(|| ClaimsError::AmountOverflow.into())
    }
}

/// See [`crate::claims::settle_claim`].
pub fn settle_claim(ctx: Context<SettleClaim>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let turn = ctx.accounts.turn_clock(now)?;
    if !matches!(turn, Turn::None) {
        return tell_turn(&ctx, &turn);
    }
    let accounts = &mut *ctx.accounts;
    require!(
        accounts
            .config
            .award_payable(accounts.claim.awarded_at, now),
        ClaimsError::AwardTooYoung
    );
    let payment = accounts.count_payment(now)?;
    let cents = payment.cents()?;
    let awarded_at = accounts.claim.awarded_at;
    accounts.pool.count_outflow(cents, awarded_at, now)?;
    let pool_info = accounts.pool.to_account_info();
    payment::transfer(
        &accounts.pool,
        &Till {
            vault: &accounts.vault,
            payout: &accounts.payout,
            mint: &accounts.mint,
            pool: &pool_info,
        },
        cents,
    )?;
    accounts.claim.invariant()?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    galen_entry::emit!(ctx => ClaimPaid::of(
        claim,
        claim.key(),
        accounts.payout.key(),
        payment.award,
        payment.interest
    ));
    Ok(())
}

/// Of an award that is not paid now.
fn tell_turn(ctx: &Context<SettleClaim>, turn: &Turn) -> Result<()> {
    let (claim, course) = (&ctx.accounts.claim, &ctx.accounts.claim.course);
    claim.invariant()?;
    if matches!(turn, Turn::Stopped) {
        galen_entry::emit!(ctx => ClockStopped {
            claim: claim.key(),
            pool: claim.pool,
            payout: ctx.accounts.payout.key(),
            since: course.awaiting_since,
        });
    } else {
        galen_entry::emit!(ctx => ClockResumed {
            claim: claim.key(),
            pool: claim.pool,
            stopped_days: course.stopped_days,
        });
    }
    Ok(())
}
