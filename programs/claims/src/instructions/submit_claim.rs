use anchor_lang::prelude::*;
use galen_chain::derived;
use registry::state::{Config, Operator, Organization};

use crate::adjudication::{self, Case, Scrutiny};
use crate::error::ClaimsError;
use crate::events::ClaimAdjudicated;
use crate::payment::Till;
use crate::state::{
    Agreement, BenefitSchedule, Claim, ClaimLineArgs, History, Member, Opening, PlanVersion, Pool,
};
use crate::ticket::{self, EligibilityTicket, Subject};
use crate::{authorize, convert};

/// Arguments of `submit_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SubmitClaimArgs {
    /// The provider's identifier of the claim, random.
    pub claim_id: [u8; 16],
    /// Salted commitment to the document.
    pub document: [u8; 32],
    /// Service date, in days since 1970-01-01.
    pub service_date: i32,
    /// The insurer's word in place of the member's signature.
    pub ticket: Option<EligibilityTicket>,
    /// The lines.
    pub lines: Vec<ClaimLineArgs>,
}

/// Accounts of `submit_claim`.
///
/// Plan version, schedule, member, history and agreement are accounts of this program, which makes them at their own
/// addresses only; that they belong together is checked by the keys they hold, which costs a tenth of deriving each.
/// `dup` leaves out Anchor's search for an account given twice, which hashes every key: the accounts that are written
/// back are of different types, so one account cannot pass as two of them.
#[event_cpi]
#[derive(Accounts)]
pub struct SubmitClaim<'info> {
    /// Pays the rent, most of which returns when the claim is archived. The provider's operator.
    #[account(mut)]
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
    /// CHECK: the claim to be created, made and written by the handler: what Anchor would do for it, parsing the lines a
    /// second time among it, takes a fifth of the instruction.
    #[account(mut)]
    pub claim: UncheckedAccount<'info>,
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

impl SubmitClaim<'_> {
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
        require!(
            self.plan_version.plan == self.member.load()?.plan,
            ClaimsError::PlanVersionOfOtherPlan
        );
        self.agreement.check_accepted()?;
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        Ok(())
    }

    /// Makes the claim's account; returns the bump of its address.
    fn make(&self, args: &SubmitClaimArgs) -> Result<u8> {
        let (pool, provider) = (self.pool.key(), self.provider.key());
        let at: &AccountInfo = self.claim.as_ref();
        let [tag, pool, provider, id]: [&[u8]; 4] = [
            Claim::SEED,
            pool.as_ref(),
            provider.as_ref(),
            &args.claim_id,
        ];
        let bump = derived::bump_of([tag, pool, provider, id], &crate::ID, at.key)
            .ok_or(ErrorCode::ConstraintSeeds)?;
        derived::make(
            self.operator.as_ref(),
            at,
            Claim::size(args.lines.len()),
            &crate::ID,
            &[tag, pool, provider, id, &[bump]],
        )?;
        Ok(bump)
    }

    /// Writes the claim into its account.
    fn store(&self, claim: &Claim) -> Result<()> {
        let info: &AccountInfo = self.claim.as_ref();
        let mut data = info.try_borrow_mut_data()?;
        let mut rest: &mut [u8] = &mut data;
        claim.try_serialize(&mut rest)
    }

    /// The claim as received.
    fn receive(&self, args: &SubmitClaimArgs, bump: u8, now: i64) -> Result<Claim> {
        convert::date(args.service_date)?;
        let line_count = u8::try_from(args.lines.len()).map_err(|_| ClaimsError::TooManyLines)?;
        let mut claim = Claim::open(Opening {
            bump,
            pool: self.pool.key(),
            provider: self.provider.key(),
            claim_id: args.claim_id,
            document: args.document,
            opener: self.operator.key(),
            service_date: args.service_date,
            line_count,
        })?;
        claim.append(0, &args.lines)?;
        self.agreement.check_in_force(&claim.lines)?;
        claim.receive(
            self.member.key(),
            self.plan_version.key(),
            self.agreement.network_of(&claim.lines)?,
            now,
        )?;
        Ok(claim)
    }

    fn check_consent(&self, claim: &Claim, ticket: Option<&EligibilityTicket>) -> Result<()> {
        let (first_date, last_date) = adjudication::service_dates(claim, &self.plan_version)?;
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
            ticket,
            self.instructions_sysvar.as_ref(),
        )
    }
}

/// See [`crate::claims::submit_claim`].
pub fn submit_claim<'info>(
    ctx: Context<'info, SubmitClaim<'info>>,
    args: SubmitClaimArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let bump = ctx.accounts.make(&args)?;
    let mut claim = Box::new(ctx.accounts.receive(&args, bump, now)?);
    ctx.accounts.check_consent(&claim, args.ticket.as_ref())?;
    let accounts = &mut *ctx.accounts;
    let scrutiny = Scrutiny::of(accounts.member_authority.as_ref());
    let pool_info = accounts.pool.to_account_info();
    Case {
        claim_key: accounts.claim.key(),
        claim: &mut claim,
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
    accounts.store(&claim)?;
    galen_entry::emit!(ctx => ClaimAdjudicated::of(
        &claim,
        accounts.claim.key(),
        accounts.payout.key()
    ));
    Ok(())
}
