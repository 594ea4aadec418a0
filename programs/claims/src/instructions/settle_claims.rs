use anchor_lang::prelude::*;
use registry::state::Config;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::{ClaimsSettled, PaidPart};
use crate::payment::{self, Till};
use crate::state::{Agreement, ClaimHead, Pool};

/// Accounts of `settle_claims`; the claims follow. Nobody signs but whoever pays for the transaction: anybody may crank.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct SettleClaims<'info> {
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
    /// The agreement of the pool with the claims' provider, whatever its status: what is awarded is owed.
    #[account(has_one = pool @ ClaimsError::AgreementOfOtherPool)]
    pub agreement: Box<Account<'info, Agreement>>,
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

/// What has been gathered so far for one transfer.
#[derive(Default)]
struct Sum {
    awards: u64,
    interest: u64,
    paid: u64,
    in_part: u64,
    parts: Vec<PaidPart>,
    /// When the oldest of them was awarded: each has been held against its own limit.
    oldest: i64,
}

impl Sum {
    fn cents(&self) -> Result<u64> {
        self.awards
            .checked_add(self.interest)
            .ok_or_else(|| ClaimsError::AmountOverflow.into())
    }
}

impl SettleClaims<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        payment::check_payout(&self.payout, &self.pool)
    }

    /// Takes the claim at `place` into the sum, where it can be paid now. One that cannot holds up no other.
    fn take(&mut self, sum: &mut Sum, place: usize, account: &AccountInfo, now: i64) -> Result<()> {
        let mut claim = ClaimHead::of(account)?;
        require!(
            claim.pool() == self.agreement.pool,
            ClaimsError::ClaimOfOtherPool
        );
        require!(
            claim.provider() == self.agreement.provider,
            ClaimsError::ClaimOfOtherProvider
        );
        if !claim.is_payable() || !self.config.award_payable(claim.awarded_at(), now) {
            return Ok(());
        }
        // The account takes money again, whether there is any today or not.
        if claim.awaits_account() {
            claim.resume_clocks(convert::day_of(now)?.days())?;
        }
        let due = claim.due();
        let (award, drawn) = if claim.is_money_reserved() {
            (due, due)
        } else {
            let share = claim.share(&self.pool.rounds);
            (share, claim.drawn().saturating_add(share))
        };
        let is_whole = drawn == due;
        let interest = if is_whole {
            claim.interest_on(due, convert::day_of(now)?)?
        } else {
            0
        };
        let cents = award
            .checked_add(interest)
            .ok_or(ClaimsError::AmountOverflow)?;
        let total = sum
            .cents()?
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        if award == 0
            || self.pool.free()? < interest
            || self.pool.exceeds_outflow(total, claim.awarded_at(), now)
        {
            return Ok(());
        }
        let awarded_at = claim.awarded_at();
        sum.oldest = if sum.awards == 0 {
            awarded_at
        } else {
            sum.oldest.min(awarded_at)
        };
        self.pool.pay_reserved(award)?;
        self.pool.pay_now(interest)?;
        if award != due {
            let place = u8::try_from(place).map_err(|_| ClaimsError::TooManyClaims)?;
            sum.parts.push(PaidPart {
                place,
                amount: award,
            });
        }
        let bit = 1u64
            .checked_shl(u32::try_from(place).unwrap_or(u32::MAX))
            .ok_or(ClaimsError::TooManyClaims)?;
        if is_whole {
            claim.mark_paid(interest, now);
            sum.paid |= bit;
        } else {
            claim.set_drawn(drawn);
            sum.in_part |= bit;
        }
        sum.awards = sum
            .awards
            .checked_add(award)
            .ok_or(ClaimsError::AmountOverflow)?;
        sum.interest = sum
            .interest
            .checked_add(interest)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }
}

/// See [`crate::claims::settle_claims`].
pub fn settle_claims<'info>(ctx: Context<'info, SettleClaims<'info>>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let mut sum = Sum::default();
    for (place, account) in ctx.remaining_accounts.iter().enumerate() {
        accounts.take(&mut sum, place, account, now)?;
    }
    require!(sum.awards > 0, ClaimsError::NothingToSettle);
    let cents = sum.cents()?;
    accounts.pool.count_outflow(cents, sum.oldest, now)?;
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
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimsSettled {
        pool: accounts.pool.key(),
        provider: accounts.agreement.provider,
        payout: accounts.payout.key(),
        amount: sum.awards,
        interest: sum.interest,
        paid: sum.paid,
        in_part: sum.in_part,
        parts: sum.parts,
    });
    Ok(())
}
