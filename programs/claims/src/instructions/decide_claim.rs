use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::adjudication::{Case, Scrutiny};
use crate::error::ClaimsError;
use crate::events::{self, ClaimDecided};
use crate::payment::Till;
use crate::state::{
    AdjustmentGroup, Agreement, BenefitSchedule, Claim, ClaimLine, History, Member, PlanVersion,
    Pool,
};
use crate::{authorize, convert};

/// Arguments of `decide_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct DecideClaimArgs {
    /// What the insurer decides.
    pub decision: Decision,
    /// How many facts the claim stated as the insurer looked at it: while it waits, attachments can come.
    pub facts: u8,
}

/// What an insurer decides about a claim that waits for it.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Adjudicate by the accumulators of this moment and pay whatever the limits are.
    Approve,
    /// The same without the lines of which a reviewer has found something: the rulebook denies them. Bit 0 is the first line. What was
    /// found is kept with the claim, for when it is adjudicated anew.
    ApproveInPart {
        /// Lines that were not necessary (CARC 50).
        not_necessary: u16,
        /// Lines that the documents do not support as they were billed (CARC 150).
        level_unsupported: u16,
    },
    /// Deny every line that is not denied yet.
    Deny {
        /// Who bears it.
        group: AdjustmentGroup,
        /// Claim adjustment reason code (X12 code list 139), neither 0 nor that of a reduction.
        reason: u16,
    },
}

impl Decision {
    /// The lines of which a reviewer has found something, bits by index.
    fn found_lines(self) -> u16 {
        match self {
            Self::ApproveInPart {
                not_necessary,
                level_unsupported,
            } => not_necessary | level_unsupported,
            Self::Approve | Self::Deny { .. } => 0,
        }
    }
}

/// Accounts of `decide_claim`.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: DecideClaimArgs)]
pub struct DecideClaim<'info> {
    /// The insurer's operator. Pays the rent of what a reviewer has found.
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
        realloc = claim.size_with_facts(claim.facts.more_to_find(args.decision.found_lines())),
        realloc::payer = operator,
        realloc::zero = false,
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

impl DecideClaim<'_> {
    fn validate(&self, args: &DecideClaimArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::DecideClaim,
            now,
        )?;
        self.claim
            .check_with_insurer(convert::day_of(now)?.days())?;
        self.claim.check_facts_seen(args.facts)?;
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        match args.decision {
            Decision::Approve | Decision::ApproveInPart { .. } => require!(
                self.config.new_awards_allowed(now),
                ClaimsError::AwardsPaused
            ),
            Decision::Deny { reason, .. } => {
                // The reason of a reduction denies no line.
                require!(
                    reason != 0 && reason != ClaimLine::REDUCED,
                    ClaimsError::DenialReasonInvalid
                );
            }
        }
        Ok(())
    }
}

/// See [`crate::claims::decide_claim`].
pub fn decide_claim<'info>(
    ctx: Context<'info, DecideClaim<'info>>,
    args: DecideClaimArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let today = convert::day_of(now)?.days();
    let accounts = &mut *ctx.accounts;
    let claim_key = accounts.claim.key();
    accounts.claim.course.resume_clocks(today)?;
    accounts.claim.course.decided_by(&accounts.operator.key());
    {
        // A claim is not a duplicate of itself; what stands in the history is entered anew.
        History::remove_claim(&accounts.history, &claim_key, &accounts.claim.provider)?;
    }
    if let Decision::ApproveInPart {
        not_necessary,
        level_unsupported,
    } = args.decision
    {
        accounts
            .claim
            .find_against(not_necessary, level_unsupported)?;
    }
    match args.decision {
        Decision::Deny { group, reason } => {
            // Filed again, they are not paid before somebody has looked.
            let denied = accounts.claim.open_to_denial();
            History::note_denied(
                &accounts.history,
                &accounts.claim,
                &claim_key,
                denied,
                today,
            )?;
            accounts.claim.deny(group, reason, today)?;
            accounts.claim.invariant()?;
        }
        Decision::Approve | Decision::ApproveInPart { .. } => {
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
            .adjudicate(Scrutiny::Decided)?;
        }
    }

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    galen_entry::emit!(ctx => ClaimDecided {
        claim: claim_key,
        pool: claim.pool,
        provider: claim.provider,
        decider: accounts.operator.key(),
        status: claim.status,
        paid: claim.totals.paid,
        offset: claim.offset,
        interest: claim.course.interest,
        payout: events::paid_to(claim, accounts.payout.key()),
    });
    Ok(())
}
