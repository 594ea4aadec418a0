use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::ExpenseReimbursed;
use crate::independence::is_independent;
use crate::state::{Cohort, Schedule, Site, Trial};

/// Arguments of `reimburse_expense`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ReimburseExpenseArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// How much, in cents.
    pub amount: u64,
    /// Salted commitment to the receipt, which stays off the ledger.
    pub receipt_digest: [u8; 32],
}

/// Accounts of `reimburse_expense`.
#[event_cpi]
#[derive(Accounts)]
pub struct ReimburseExpense<'info> {
    /// The site's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The sponsor's monitor or the ethics board's operator, where the site holds the participant's key.
    pub countersigner: Option<Signer<'info>>,
    /// The countersigner's record.
    pub countersigner_record: Option<Box<Account<'info, Operator>>>,
    /// The sponsor or the ethics board.
    pub countersigner_organization: Option<Box<Account<'info, Organization>>>,
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        has_one = trial @ TrialsError::SiteOfOtherTrial,
        has_one = organization @ TrialsError::SiteOfOtherOrganization,
    )]
    pub site: AccountLoader<'info, Site>,
    /// The schedule that applies to the participant.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The cohort.
    #[account(mut, has_one = site @ TrialsError::CohortOfOtherSite)]
    pub cohort: AccountLoader<'info, Cohort>,
}

impl ReimburseExpense<'_> {
    fn validate(&self, args: &ReimburseExpenseArgs, now: i64) -> Result<()> {
        require!(args.amount > 0, TrialsError::AmountZero);
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::AttestVisit,
            now,
        )
    }

    /// Whether somebody independent of the site has signed too.
    fn is_countersigned(&self, trial: &Trial, now: i64) -> Result<bool> {
        match &self.countersigner {
            Some(signer) => is_independent(
                trial,
                signer,
                self.countersigner_record.as_deref(),
                self.countersigner_organization.as_deref(),
                now,
            ),
            None => Ok(false),
        }
    }
}

/// See [`crate::trials::reimburse_expense`].
pub fn reimburse_expense(ctx: Context<ReimburseExpense>, args: ReimburseExpenseArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &*ctx.accounts;
    {
        let mut trial = accounts.trial.load_mut()?;
        let schedule = accounts.schedule.load()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require!(
            participant.schedule == schedule.number,
            TrialsError::WrongSchedule
        );
        require!(!participant.is_settled(), TrialsError::AlreadySettled);
        require!(
            accounts.is_countersigned(&trial, now)? || !participant.is_site_held(),
            TrialsError::CountersignerMissing
        );
        participant.reimburse(args.amount, schedule.reimbursements)?;
        trial.accrue(args.amount)?;
        participant.invariant()?;
        trial.invariant()?;
    }

    galen_entry::emit!(ctx => ExpenseReimbursed {
        cohort: accounts.cohort.key(),
        index: args.index,
        amount: args.amount,
        receipt_digest: args.receipt_digest,
    });
    Ok(())
}
