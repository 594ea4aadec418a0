use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::adjudication::{Case, Scrutiny};
use crate::error::ClaimsError;
use crate::events::{self, ClaimReprocessed, WithdrawalCancelled};
use crate::payment::Till;
use crate::reversal::{self, Reversal};
use crate::state::{
    Agreement, BenefitSchedule, Claim, ClaimStatus, History, Member, PlanVersion, Pool,
};
use crate::{authorize, convert};

/// Arguments of `reprocess_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ReprocessClaimArgs {
    /// Identifier of the claim in its place, random.
    pub claim_id: [u8; 16],
}

/// Accounts of `reprocess_claim`.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: ReprocessClaimArgs)]
pub struct ReprocessClaim<'info> {
    /// The insurer's operator. Pays the rent, most of which returns when the claim is archived.
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
    /// The claim to be reversed.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = member @ ClaimsError::ClaimOfOtherMember,
        has_one = plan_version @ ClaimsError::ClaimOfOtherPlanVersion,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The claim to be created in its place.
    #[account(
        init,
        payer = operator,
        space = claim.size_with(0),
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

impl<'info> ReprocessClaim<'info> {
    fn validate(&self, others: &'info [AccountInfo<'info>], now: i64) -> Result<()> {
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
        require!(self.claim.is_adjudicated(), ClaimsError::ClaimNotReversible);
        require!(
            reversal::is_flagged(&self.member, others, self.claim.turn)?,
            ClaimsError::ClaimNotFlagged
        );
        Ok(())
    }

    /// How the claim in its place is looked at. The insurer itself acts, so limits and suspicions hold nothing up. But a denied
    /// claim stands in no entry of the registry of duplicates for long, where it ever did: what it comes to now is held against
    /// the registry as any claim is.
    fn scrutiny(&self) -> Scrutiny {
        if self.claim.status == ClaimStatus::Denied && self.plan_version.checks.takes_part() {
            Scrutiny::Consented
        } else {
            Scrutiny::Decided
        }
    }
}

/// See [`crate::claims::reprocess_claim`].
pub fn reprocess_claim<'info>(
    ctx: Context<'info, ReprocessClaim<'info>>,
    args: ReprocessClaimArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(ctx.remaining_accounts, now)?;
    let accounts = &mut *ctx.accounts;
    let scrutiny = accounts.scrutiny();
    let mut replacement = Claim::in_place_of(
        &accounts.claim,
        ctx.bumps.replacement,
        args.claim_id,
        accounts.operator.key(),
    )?;
    // Where the account still takes no money, the clock is stopped again.
    replacement
        .course
        .resume_clocks(convert::day_of(now)?.days())?;
    accounts.replacement.set_inner(replacement);
    let announced = Reversal {
        claim_key: accounts.claim.key(),
        claim: &mut accounts.claim,
        pool: &mut accounts.pool,
        agreement: &mut accounts.agreement,
        plan_version: &accounts.plan_version,
        member: &accounts.member,
        history: &accounts.history,
        others: ctx.remaining_accounts,
        now,
    }
    .apply(Claim::REPROCESSED)?;
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
    .adjudicate(scrutiny)?;
    accounts.replacement.stay_due(&accounts.claim);
    // Where it comes to less than what stood, nobody has looked at that yet.
    if accounts.claim.mends(&accounts.replacement, false) {
        accounts.replacement.begin_levels_anew();
    }

    let accounts = &*ctx.accounts;
    if announced > 0 {
        galen_entry::emit!(ctx => WithdrawalCancelled {
            pool: accounts.pool.key(),
            operator: accounts.operator.key(),
            amount: announced,
        });
    }
    let replacement = &accounts.replacement;
    galen_entry::emit!(ctx => ClaimReprocessed {
        claim: accounts.claim.key(),
        replacement: replacement.key(),
        pool: replacement.pool,
        provider: replacement.provider,
        paid_before: accounts.claim.totals.paid,
        status: replacement.status,
        paid: replacement.totals.paid,
        offset: replacement.offset,
        payout: events::paid_to(replacement, accounts.payout.key()),
    });
    Ok(())
}
