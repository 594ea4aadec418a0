use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::{ClaimReversed, WithdrawalCancelled};
use crate::payment;
use crate::reversal::{self, Reversal};
use crate::state::{Agreement, Claim, ClaimStatus, History, Member, PlanVersion, Pool};
use crate::{authorize, convert};

/// Arguments of `reverse_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ReverseClaimArgs {
    /// Why, in the insurer's numbers: 1 to 65534.
    pub reason: u16,
}

/// Accounts of `reverse_claim`.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct ReverseClaim<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that paid.
    #[account(
        mut,
        dup,
        has_one = insurer @ ClaimsError::PoolOfOtherInsurer,
        has_one = vault @ ClaimsError::WrongVault,
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
    pub plan_version: Box<Account<'info, PlanVersion>>,
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
    pub vault: UncheckedAccount<'info>,
}

impl ReverseClaim<'_> {
    fn validate(&self, args: &ReverseClaimArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::DecideClaim,
            now,
        )?;
        require!(
            !matches!(args.reason, Claim::REPROCESSED | Claim::PUT_BACK),
            ClaimsError::ReversalReasonInvalid
        );
        // A denial used nothing up: a corrected claim can be filed as it is.
        require!(
            self.claim.status != ClaimStatus::Denied,
            ClaimsError::ClaimNotReversible
        );
        Ok(())
    }
}

/// See [`crate::claims::reverse_claim`].
pub fn reverse_claim<'info>(
    ctx: Context<'info, ReverseClaim<'info>>,
    args: ReverseClaimArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &mut *ctx.accounts;
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
    .apply(args.reason)?;
    accounts.claim.course.decided_on = convert::day_of(now)?.days();
    accounts.claim.course.decided_by(&accounts.operator.key());
    accounts.claim.begin_levels_anew();
    reversal::flag_later_than(
        &accounts.member,
        ctx.remaining_accounts,
        accounts.claim.turn,
    )?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    if announced > 0 {
        galen_entry::emit!(ctx => WithdrawalCancelled {
            pool: accounts.pool.key(),
            operator: accounts.operator.key(),
            amount: announced,
        });
    }
    let claim = &accounts.claim;
    galen_entry::emit!(ctx => ClaimReversed {
        claim: claim.key(),
        pool: claim.pool,
        provider: claim.provider,
        operator: accounts.operator.key(),
        reason: args.reason,
        paid: claim.totals.paid,
        owed: accounts.agreement.owed,
    });
    Ok(())
}
