use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::PlanVersionPublished;
use crate::state::{
    BenefitSchedule, Plan, PlanChecks, PlanClocks, PlanDetails, PlanTerms, PlanVersion, Pool,
};
use crate::{authorize, convert};

/// Arguments of `publish_plan_version`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct PublishPlanVersionArgs {
    /// Good for one moment only; the sequence number is the plan's.
    pub admin: AdminArgs,
    /// First service date to which the version applies, in days since 1970-01-01; later than the last version's
    /// and, from the second version on, than today.
    pub effective_from: i32,
    /// SHA-256 of the plan document that members are given.
    pub document: [u8; 32],
    /// How long each party has.
    pub clocks: PlanClocks,
    /// What is checked of claims before they are paid.
    pub checks: PlanChecks,
    /// The terms.
    pub terms: PlanTerms,
}

/// Accounts of `publish_plan_version`.
#[event_cpi]
#[derive(Accounts)]
pub struct PublishPlanVersion<'info> {
    /// Pays the rent, which is never refunded: versions stay. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The plan.
    #[account(mut, has_one = pool @ ClaimsError::PlanOfOtherPool)]
    pub plan: Box<Account<'info, Plan>>,
    /// The plan's latest version, which ends where the new one begins; none for the first version.
    #[account(mut, has_one = plan @ ClaimsError::PlanVersionOfOtherPlan)]
    pub previous_version: Option<Box<Account<'info, PlanVersion>>>,
    /// The version to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + PlanVersion::INIT_SPACE,
        seeds = [PlanVersion::SEED, plan.key().as_ref(), &plan.next_version().to_le_bytes()],
        bump,
    )]
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// What is covered, at which price; sealed.
    #[account(has_one = pool @ ClaimsError::ScheduleOfOtherPool)]
    pub schedule: AccountLoader<'info, BenefitSchedule>,
    /// What the version demands beyond its terms and its schedule; sealed. None: nothing.
    pub details: Option<AccountLoader<'info, PlanDetails>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl PublishPlanVersion<'_> {
    fn validate(&self, args: &PublishPlanVersionArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::PublishPlan,
            now,
        )?;
        require!(
            self.schedule.load()?.is_sealed(),
            ClaimsError::ScheduleNotSealed
        );
        require!(
            self.previous_version.as_ref().map(|version| version.number)
                == self.plan.latest().map(|entry| entry.version),
            ClaimsError::PreviousVersionMismatch
        );
        if let Some(details) = &self.details {
            let details = details.load()?;
            require!(details.is_sealed(), ClaimsError::DetailsNotSealed);
            require!(
                details.plan == self.plan.key() && details.number == self.plan.next_version(),
                ClaimsError::DetailsOfOtherVersion
            );
        }
        convert::date(args.effective_from)?;
        convert::check_terms(&args.terms)?;
        if let Some(previous) = &self.previous_version {
            args.terms.keep_categories_of(&previous.terms)?;
        }
        args.clocks.check(args.terms.filing_limit_days)?;
        // The insurer has had its say by then.
        require_keys_neq!(
            args.checks.reviewer,
            self.insurer.key(),
            ClaimsError::ChecksInvalid
        );
        args.checks
            .check(&args.clocks, args.terms.filing_limit_days)
    }
}

/// See [`crate::claims::publish_plan_version`].
pub fn publish_plan_version(
    ctx: Context<PublishPlanVersion>,
    args: PublishPlanVersionArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &mut *ctx.accounts;
    accounts.plan.authorize(&args.admin, now)?;
    let entry = accounts
        .plan
        .publish(args.effective_from, convert::day_of(now)?.days())?;
    if let Some(previous) = &mut accounts.previous_version {
        previous.supersede(args.effective_from)?;
        previous.invariant()?;
    }
    accounts.plan_version.set_inner(PlanVersion::new(
        ctx.bumps.plan_version,
        entry.version,
        accounts.plan.key(),
        accounts.pool.key(),
        accounts.schedule.key(),
        args.document,
        args.effective_from,
        args.clocks,
        args.checks,
        accounts.details.is_some(),
        args.terms,
    ));
    accounts.plan_version.invariant()?;
    accounts.plan.invariant()?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PlanVersionPublished {
        plan_version: accounts.plan_version.key(),
        plan: accounts.plan.key(),
        schedule: accounts.schedule.key(),
        number: entry.version,
        effective_from: args.effective_from,
        document: args.document,
    });
    Ok(())
}
