use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};
use solana_sha256_hasher::hash;

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::PlanDetailsSealed;
use crate::state::{Plan, PlanDetails, Pool};

/// Arguments of `seal_plan_details`: what the signer wants to seal, so that nobody can slip an entry in before.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SealPlanDetailsArgs {
    /// Number of entries.
    pub count: u32,
    /// SHA-256 of the entries' bytes.
    pub digest: [u8; 32],
}

/// Accounts of `seal_plan_details`.
#[event_cpi]
#[derive(Accounts)]
pub struct SealPlanDetails<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The plan.
    #[account(has_one = pool @ ClaimsError::PlanOfOtherPool)]
    pub plan: Box<Account<'info, Plan>>,
    /// The details.
    #[account(mut, has_one = plan @ ClaimsError::DetailsOfOtherVersion)]
    pub details: AccountLoader<'info, PlanDetails>,
}

impl SealPlanDetails<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::PublishPlan,
            now,
        )
    }

    fn digest(&self) -> Result<[u8; 32]> {
        let details = self.details.load()?;
        let info = self.details.to_account_info();
        let data = info.try_borrow_data()?;
        Ok(hash(details.entry_bytes(&data)?).to_bytes())
    }
}

/// See [`crate::claims::seal_plan_details`].
pub fn seal_plan_details(ctx: Context<SealPlanDetails>, args: SealPlanDetailsArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let digest = ctx.accounts.digest()?;
    let number = {
        let mut details = ctx.accounts.details.load_mut()?;
        details.seal(args.count, args.digest, digest)?;
        details.invariant()?;
        details.number
    };

    galen_entry::emit!(ctx => PlanDetailsSealed {
        details: ctx.accounts.details.key(),
        plan: ctx.accounts.plan.key(),
        number,
        count: args.count,
        digest,
    });
    Ok(())
}
