use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::WithdrawalCancelled;
use crate::state::Pool;

/// Arguments of `cancel_withdrawal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CancelWithdrawalArgs {
    /// Good for one moment only; the sequence number is the pool's.
    pub admin: AdminArgs,
}

/// Accounts of `cancel_withdrawal`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelWithdrawal<'info> {
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

impl CancelWithdrawal<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )
    }
}

/// See [`crate::claims::cancel_withdrawal`].
pub fn cancel_withdrawal(ctx: Context<CancelWithdrawal>, args: CancelWithdrawalArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let pool = &mut ctx.accounts.pool;
    pool.authorize(&args.admin, now)?;
    let amount = pool.cancel_withdrawal()?;

    galen_entry::emit!(ctx => WithdrawalCancelled {
        pool: ctx.accounts.pool.key(),
        operator: ctx.accounts.operator.key(),
        amount,
    });
    Ok(())
}
