use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization};

use crate::adjudication::{self, Case, Scrutiny};
use crate::authorize;
use crate::error::ClaimsError;
use crate::events::ClaimAdjudicated;
use crate::payment::Till;
use crate::state::{Agreement, BenefitSchedule, Claim, History, Member, PlanVersion, Pool};
use crate::ticket::{self, EligibilityTicket, Subject};

/// Arguments of `adjudicate_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AdjudicateClaimArgs {
    /// Σ charges of the lines, in cents.
    pub charge: u64,
    /// [`Claim::stated`] of the draft: the member signs for the claim that was seen, line by line, not for one that took its place.
    pub digest: [u8; 32],
    /// The insurer's word in place of the member's signature.
    pub ticket: Option<EligibilityTicket>,
}

/// Accounts of `adjudicate_claim`: those of `submit_claim`, with the claim open already.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct AdjudicateClaim<'info> {
    /// The provider's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The agreement of the pool with the provider.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        has_one = provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The pool that pays.
    #[account(
        mut,
        dup,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The version of the member's plan in force on the service date.
    #[account(
        has_one = pool @ ClaimsError::PlanVersionOfOtherPool,
        has_one = schedule @ ClaimsError::ScheduleMismatch,
    )]
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The plan version's schedule.
    pub schedule: AccountLoader<'info, BenefitSchedule>,
    /// The member.
    #[account(mut, has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
    /// The member's own key, unless there is a ticket.
    pub member_authority: Option<Signer<'info>>,
    /// CHECK: the instructions sysvar, where there is a ticket: the sysvar's own loader checks the address.
    pub instructions_sysvar: Option<UncheckedAccount<'info>>,
    /// The member's history.
    #[account(mut, has_one = member @ ClaimsError::HistoryOfOtherMember)]
    pub history: AccountLoader<'info, History>,
    /// The draft, with all of its lines.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
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

impl AdjudicateClaim<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        require!(
            self.config.new_awards_allowed(now),
            ClaimsError::AwardsPaused
        );
        self.agreement.check_in_force(&self.claim.lines)?;
        require!(
            self.plan_version.plan == self.member.load()?.plan,
            ClaimsError::PlanVersionOfOtherPlan
        );
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        Ok(())
    }

    /// Whether the draft cites a held price: then its member and plan version are those that were asked about.
    fn check_cited(&self) -> Result<bool> {
        if self.claim.plan_version == Pubkey::default() {
            return Ok(false);
        }
        require_keys_eq!(
            self.claim.member,
            self.member.key(),
            ClaimsError::ClaimOfOtherMember
        );
        require_keys_eq!(
            self.claim.plan_version,
            self.plan_version.key(),
            ClaimsError::ClaimOfOtherPlanVersion
        );
        Ok(true)
    }

    fn check_consent(&self, args: &AdjudicateClaimArgs, is_held: bool) -> Result<()> {
        require!(
            self.claim.totals.charge == args.charge,
            ClaimsError::ChargeMismatch
        );
        // Its bytes are those of the draft still: what was received is written in the end.
        let draft: &AccountInfo = (*self.claim).as_ref();
        require!(
            Claim::stated(&draft.try_borrow_data()?)? == args.digest,
            ClaimsError::DraftDiffers
        );
        // A held price holds under the version by which it was answered, whichever is in force by now.
        let (first_date, last_date) = if is_held {
            adjudication::service_span(&self.claim)?
        } else {
            adjudication::service_dates(&self.claim, &self.plan_version)?
        };
        ticket::check_consent(
            &Subject {
                pool: &self.pool,
                pool_key: self.pool.key(),
                member: &*self.member.load()?,
                member_key: self.member.key(),
                provider: self.provider.key(),
                first_date,
                last_date,
            },
            self.member_authority.as_ref(),
            args.ticket.as_ref(),
            self.instructions_sysvar.as_ref(),
        )
    }
}

/// See [`crate::claims::adjudicate_claim`].
pub fn adjudicate_claim<'info>(
    ctx: Context<'info, AdjudicateClaim<'info>>,
    args: AdjudicateClaimArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let is_held = ctx.accounts.check_cited()?;
    let accounts = &mut *ctx.accounts;
    let in_network = accounts.claim.network_under(&accounts.agreement)?;
    accounts.claim.receive(
        accounts.member.key(),
        accounts.plan_version.key(),
        in_network,
        now,
    )?;
    accounts.check_consent(&args, is_held)?;
    let scrutiny = Scrutiny::of(accounts.member_authority.as_ref());
    let pool_info = accounts.pool.to_account_info();
    Case {
        claim_key: accounts.claim.key(),
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
    .adjudicate(scrutiny)?;

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    galen_entry::emit!(ctx => ClaimAdjudicated::of(
        claim,
        claim.key(),
        accounts.payout.key()
    ));
    Ok(())
}
