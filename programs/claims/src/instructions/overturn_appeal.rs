use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization};

use crate::adjudication::{Case, Scrutiny};
use crate::error::ClaimsError;
use crate::events::{self, AppealClosed, WithdrawalCancelled};
use crate::payment::Till;
use crate::reversal::{self, Reversal};
use crate::state::{
    Agreement, Appeal, BenefitSchedule, Claim, ClaimStatus, History, Member, PlanVersion, Pool,
};
use crate::waivers::Waivers;
use crate::{authorize, convert};

/// Arguments of `overturn_appeal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct OverturnAppealArgs {
    /// Identifier of the claim in its place, random.
    pub claim_id: [u8; 16],
    /// Gates that do not apply to it, as bits: `WAIVE_FILING` and so on.
    pub waivers: u16,
    /// Salted commitment to the reasons.
    pub rationale: [u8; 32],
}

/// Accounts of `overturn_appeal`.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OverturnAppealArgs)]
pub struct OverturnAppeal<'info> {
    /// An operator of who decides, not the one who decided before. Pays the rent of the claim in the claim's place.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record there.
    pub operator_record: Box<Account<'info, Operator>>,
    /// Who decides: the insurer, or the reviewer whom the plan names.
    pub organization: Box<Account<'info, Organization>>,
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
    /// The agreement of the pool with the claim's provider, whatever its status.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        constraint = agreement.provider == claim.provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The plan version under which the claim was adjudicated.
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
    /// The claim to be replaced.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = member @ ClaimsError::ClaimOfOtherMember,
        has_one = plan_version @ ClaimsError::ClaimOfOtherPlanVersion,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The appeal.
    #[account(mut, dup, has_one = claim @ ClaimsError::AppealOfOtherClaim)]
    pub appeal: Box<Account<'info, Appeal>>,
    /// The claim to be created in its place.
    #[account(
        init,
        payer = operator,
        space = claim.size_with_facts(claim.facts.more_to_waive(args.waivers)),
        seeds = [Claim::SEED, pool.key().as_ref(), claim.provider.as_ref(), args.claim_id.as_ref()],
        bump,
    )]
    pub replacement: Box<Account<'info, Claim>>,
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

impl<'info> OverturnAppeal<'info> {
    fn validate(&self, now: i64) -> Result<()> {
        let key = self.operator.key();
        authorize::appeal_staff(
            &self.appeal,
            &self.pool.insurer,
            &self.organization,
            &self.operator_record,
            &key,
            now,
        )?;
        require!(
            !self.claim.course.was_decided_by(&key),
            ClaimsError::DeciderDecidedBefore
        );
        require!(
            self.config.new_awards_allowed(now),
            ClaimsError::AwardsPaused
        );
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        Ok(())
    }

    /// Takes the claim back, unless that has been done: what it used up is given back by the deltas stored with it. Returns what of
    /// the pool was announced to be withdrawn and is not any more, in cents.
    fn take_back(&mut self, others: &'info [AccountInfo<'info>], now: i64) -> Result<u64> {
        if self.claim.status == ClaimStatus::Reversed {
            return Ok(0);
        }
        if self.claim.turn == 0 {
            // What the insurer has denied itself holds nothing up any more.
            History::remove_claim(&self.history, &self.claim.key(), &self.claim.provider)?;
            self.claim.withdraw_denial(now)?;
            return Ok(0);
        }
        let used_something = self.claim.status != ClaimStatus::Denied;
        let turn = self.claim.turn;
        let announced = Reversal {
            claim_key: self.claim.key(),
            claim: &mut self.claim,
            pool: &mut self.pool,
            agreement: &mut self.agreement,
            plan_version: &self.plan_version,
            member: &self.member,
            history: &self.history,
            others,
            now,
        }
        .apply(Claim::REPROCESSED)?;
        if used_something {
            reversal::flag_later_than(&self.member, others, turn)?;
        }
        Ok(announced)
    }
}

/// See [`crate::claims::overturn_appeal`].
pub fn overturn_appeal<'info>(
    ctx: Context<'info, OverturnAppeal<'info>>,
    args: OverturnAppealArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    Waivers::check(args.waivers)?;
    let today = convert::day_of(now)?.days();
    let accounts = &mut *ctx.accounts;
    let key = accounts.operator.key();
    accounts.appeal.overturn(key, args.rationale, today)?;
    let by_member = accounts.appeal.by_member;
    accounts.claim.close_appeal(by_member, Some(&key), today);
    if accounts.appeal.is_review() {
        accounts.claim.conclude_review(by_member);
    }
    let mut replacement = Claim::in_place_of(
        &accounts.claim,
        ctx.bumps.replacement,
        args.claim_id,
        accounts.operator.key(),
    )?;
    // Where the account still takes no money, the clock is stopped again.
    replacement.course.resume_clocks(today)?;
    replacement.facts.waive(args.waivers);
    replacement.in_network |= Waivers::lift_network(args.waivers);
    // What is decided on appeal needs no pack, where the plan asks for one.
    replacement.course.note_pack(true);
    accounts.replacement.set_inner(replacement);
    let was_taken_back = accounts.claim.status == ClaimStatus::Reversed;
    let announced = accounts.take_back(ctx.remaining_accounts, now)?;
    accounts.claim.replace_by(args.claim_id)?;
    let pool_info = accounts.pool.to_account_info();
    Case {
        claim_key: accounts.replacement.key(),
        claim: &mut accounts.replacement,
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
    require!(
        accounts.replacement.mends(&accounts.claim, was_taken_back),
        ClaimsError::NothingMended
    );
    accounts.replacement.stay_due(&accounts.claim);
    // What stays denied was not let be without one.
    if accounts.replacement.status == ClaimStatus::Denied {
        let had_pack = accounts.claim.course.has_pack();
        accounts.replacement.course.note_pack(had_pack);
    }
    accounts.claim.invariant()?;
    accounts.appeal.invariant()?;

    let accounts = &*ctx.accounts;
    if announced > 0 {
        galen_entry::emit!(ctx => WithdrawalCancelled {
            pool: accounts.pool.key(),
            operator: accounts.operator.key(),
            amount: announced,
        });
    }
    let replacement = &accounts.replacement;
    galen_entry::emit!(ctx => AppealClosed {
        replacement: replacement.key(),
        paid: replacement.totals.paid,
        offset: replacement.offset,
        payout: events::paid_to(replacement, accounts.payout.key()),
        ..AppealClosed::of(&accounts.appeal, accounts.appeal.key())
    });
    Ok(())
}
