use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::OutflowLimitChanged;
use crate::state::Pool;

/// Arguments of `set_outflow_limit`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct SetOutflowLimitArgs {
    /// Good for one moment only; the sequence number is the pool's.
    pub admin: AdminArgs,
    /// The most that claims are paid out of the pool in a day (UTC), in cents; 0 = no limit. A lower one than before holds at once for
    /// new awards, and after 14 days for those made before.
    pub limit: u64,
}

/// Accounts of `set_outflow_limit`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetOutflowLimit<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool.
    #[account(mut, has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
}

impl SetOutflowLimit<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManagePool,
            now,
        )
    }
}

/// See [`crate::claims::set_outflow_limit`].
pub fn set_outflow_limit(ctx: Context<SetOutflowLimit>, args: SetOutflowLimitArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let pool = &mut ctx.accounts.pool;
    pool.authorize(&args.admin, now)?;
    let old = pool.set_outflow_limit(args.limit, now)?;
    let former_until = pool.former_until;

    galen_entry::emit!(ctx => OutflowLimitChanged {
        pool: ctx.accounts.pool.key(),
        old,
        new: args.limit,
        former_until,
    });
    Ok(())
}
