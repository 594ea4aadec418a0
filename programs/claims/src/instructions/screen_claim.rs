use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::adjudication::{Case, Scrutiny};
use crate::duplicates::{Entering, Registry, Slot};
use crate::error::ClaimsError;
use crate::events::{self, ClaimScreened};
use crate::payment::Till;
use crate::state::{
    Agreement, BenefitSchedule, Claim, ClaimStatus, Course, History, Holder, Member, PendReason,
    PlanVersion, Pool,
};
use crate::{authorize, convert};

/// Arguments of `screen_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ScreenClaimArgs {
    /// For each day on which the claim has services, ascending, the marker of its person, provider and day: the first 16 bytes
    /// of what the plan's blinding service makes of them.
    pub markers: Vec<[u8; 16]>,
}

/// Accounts of `screen_claim`. The entries of the markers follow, in the order of the markers, then what `submit_claim` takes after
/// its own.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct ScreenClaim<'info> {
    /// Pays the rent of new entries. The insurer's operator: a provider could bring markers that lead nowhere.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The pool that pays.
    #[account(
        mut,
        dup,
        has_one = insurer @ ClaimsError::PoolOfOtherInsurer,
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
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl ScreenClaim<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::DecideClaim,
            now,
        )?;
        require!(
            self.config.new_awards_allowed(now),
            ClaimsError::AwardsPaused
        );
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        require!(
            self.claim.pend_reason == PendReason::Screening,
            ClaimsError::ScreeningNotAwaited
        );
        Ok(())
    }

    /// Whether a claim of another pool stands in one of the entries.
    fn is_found_elsewhere(&self, slots: &[Slot]) -> Result<bool> {
        let pool = self.pool.key();
        for slot in slots {
            if slot
                .read()?
                .is_some_and(|entry| entry.is_held_elsewhere(&pool))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// See [`crate::claims::screen_claim`].
pub fn screen_claim<'info>(
    ctx: Context<'info, ScreenClaim<'info>>,
    args: ScreenClaimArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let claim_key = accounts.claim.key();
    let dates = accounts.claim.service_dates();
    require!(
        args.markers.len() == dates.len(),
        ClaimsError::MarkersMismatch
    );
    let (entries, others) = ctx
        .remaining_accounts
        .split_at_checked(dates.len())
        .ok_or(ClaimsError::EntryMissing)?;
    let checks = accounts.plan_version.checks;
    let provider = accounts.claim.provider;
    let registry = Registry {
        blinder: &checks.blinder,
        provider: &provider,
    };
    let slots = registry.slots(&args.markers, entries)?;
    let found_elsewhere = accounts.is_found_elsewhere(&slots)?;
    accounts.claim.screen(found_elsewhere)?;
    accounts
        .claim
        .course
        .resume_clocks(convert::day_of(now)?.days())?;
    {
        // A claim is not a duplicate of itself; what stands in the history is entered anew.
        History::remove_claim(&accounts.history, &claim_key, &provider)?;
    }
    let scrutiny = if accounts.claim.course.has(Course::VOUCHED) {
        Scrutiny::Vouched
    } else {
        Scrutiny::Consented
    };
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
        others,
        till: Till {
            vault: &accounts.vault,
            payout: &accounts.payout,
            mint: &accounts.mint,
            pool: &pool_info,
        },
        now,
    }
    .adjudicate(scrutiny)?;

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    // What was denied all the same is no other insurer's concern.
    if claim.status != ClaimStatus::Denied {
        let entering = Entering {
            registry,
            payer: &accounts.operator,
            holder: Holder {
                pool: claim.pool,
                claim: claim_key,
            },
        };
        for (slot, date) in slots.iter().zip(dates) {
            let kept_until = date
                .checked_add(checks.entry_days.into())
                .ok_or(ClaimsError::DateInvalid)?;
            entering.enter(slot, kept_until)?;
        }
    }
    galen_entry::emit!(ctx => ClaimScreened {
        claim: claim_key,
        pool: claim.pool,
        provider: claim.provider,
        found_elsewhere,
        status: claim.status,
        pend_reason: claim.pend_reason,
        paid: claim.totals.paid,
        offset: claim.offset,
        payout: events::paid_to(claim, accounts.payout.key()),
    });
    Ok(())
}
