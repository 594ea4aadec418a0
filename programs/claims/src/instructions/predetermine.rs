use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::adjudication::{self, Question};
use crate::error::ClaimsError;
use crate::events::Predetermined;
use crate::state::{
    Agreement, AgreementStatus, BenefitSchedule, Claim, ClaimFact, ClaimLineArgs, History, Member,
    Opening, PlanVersion, Pool, Predetermination,
};
use crate::ticket::{self, EligibilityTicket, Subject};
use crate::{authorize, convert};

/// Arguments of `predetermine`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct PredetermineArgs {
    /// The provider's identifier of the question, random.
    pub id: [u8; 16],
    /// Salted commitment to the document.
    pub document: [u8; 32],
    /// First service date, as planned, in days since 1970-01-01.
    pub service_date: i32,
    /// The insurer's word in place of the member's signature.
    pub ticket: Option<EligibilityTicket>,
    /// What is planned.
    pub lines: Vec<ClaimLineArgs>,
    /// What a claim would state beyond its lines, ascending by line, kind and key; none where the plan asks for nothing.
    pub facts: Vec<ClaimFact>,
}

/// Accounts of `predetermine`: nothing is written but the answer. `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: PredetermineArgs)]
pub struct Predetermine<'info> {
    /// Pays the rent, and gets it back from `close_predetermination`. The provider's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The agreement of the pool with the provider.
    #[account(
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        has_one = provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The pool that would pay.
    pub pool: Box<Account<'info, Pool>>,
    /// The version of the member's plan in force on the planned days.
    #[account(
        has_one = pool @ ClaimsError::PlanVersionOfOtherPool,
        has_one = schedule @ ClaimsError::ScheduleMismatch,
    )]
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The plan version's schedule.
    pub schedule: AccountLoader<'info, BenefitSchedule>,
    /// The member.
    #[account(has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
    /// The member's own key, unless there is a ticket.
    pub member_authority: Option<Signer<'info>>,
    /// CHECK: the instructions sysvar, where there is a ticket: the sysvar's own loader checks the address.
    pub instructions_sysvar: Option<UncheckedAccount<'info>>,
    /// The member's history.
    #[account(has_one = member @ ClaimsError::HistoryOfOtherMember)]
    pub history: AccountLoader<'info, History>,
    /// The answer to be created.
    #[account(
        init,
        payer = operator,
        space = Predetermination::size(args.lines.len()),
        seeds = [Predetermination::SEED, pool.key().as_ref(), provider.key().as_ref(), args.id.as_ref()],
        bump,
    )]
    pub predetermination: Box<Account<'info, Predetermination>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl Predetermine<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        require!(
            self.agreement.status == AgreementStatus::Active,
            ClaimsError::AgreementNotActive
        );
        require!(
            self.plan_version.plan == self.member.load()?.plan,
            ClaimsError::PlanVersionOfOtherPlan
        );
        Ok(())
    }

    /// The claim that would be filed, on the last day of its services at the earliest: what lies ahead is not too early here.
    fn asked(&self, args: &PredetermineArgs, bump: u8, now: i64) -> Result<Claim> {
        convert::date(args.service_date)?;
        let line_count = u8::try_from(args.lines.len()).map_err(|_| ClaimsError::TooManyLines)?;
        let mut claim = Claim::open(Opening {
            bump,
            pool: self.pool.key(),
            provider: self.provider.key(),
            claim_id: args.id,
            document: args.document,
            opener: self.operator.key(),
            service_date: args.service_date,
            line_count,
        })?;
        claim.append(0, &args.lines)?;
        self.agreement.check_in_force(&claim.lines)?;
        if !args.facts.is_empty() {
            claim.state_facts(&args.facts)?;
        }
        let (_, last) = adjudication::service_dates(&claim, &self.plan_version)?;
        let last = claim.facts.last_day().map_or(last, |day| day.max(last));
        claim.receive(
            self.member.key(),
            self.plan_version.key(),
            self.agreement.network_of(&claim.lines)?,
            now.max(convert::noon_of(last)),
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

/// See [`crate::claims::predetermine`].
pub fn predetermine<'info>(
    ctx: Context<'info, Predetermine<'info>>,
    args: PredetermineArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let mut asked = ctx.accounts.asked(&args, ctx.bumps.predetermination, now)?;
    ctx.accounts.check_consent(&asked, args.ticket.as_ref())?;
    let accounts = &mut *ctx.accounts;
    let totals = Question {
        claim: &mut asked,
        plan_version: &accounts.plan_version,
        schedule: &accounts.schedule,
        member: &accounts.member,
        history: &accounts.history,
        others: ctx.remaining_accounts,
    }
    .quote()?;
    let today = convert::day_of(now)?.days();
    let answer = Predetermination::answer(ctx.bumps.predetermination, &asked, &totals, today);
    answer.invariant()?;
    accounts.predetermination.set_inner(answer);

    let answer = &ctx.accounts.predetermination;
    galen_entry::emit!(ctx => Predetermined {
        predetermination: answer.key(),
        pool: answer.pool,
        provider: answer.provider,
        plan_version: answer.plan_version,
        charge: answer.totals.charge,
        allowed: answer.totals.allowed,
        paid: answer.totals.paid,
        patient: answer.totals.patient,
    });
    Ok(())
}
