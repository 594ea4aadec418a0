use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::WithdrawalAnnounced;
use crate::payment;
use crate::state::Pool;

/// Arguments of `announce_withdrawal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AnnounceWithdrawalArgs {
    /// Good for one moment only; the sequence number is the pool's.
    pub admin: AdminArgs,
    /// How much, in cents.
    pub amount: u64,
}

/// Accounts of `announce_withdrawal`.
#[event_cpi]
#[derive(Accounts)]
pub struct AnnounceWithdrawal<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool.
    #[account(mut, has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// CHECK: the token account that the money will go to; looked into below.
    pub destination: UncheckedAccount<'info>,
}

impl AnnounceWithdrawal<'_> {
    fn validate(&self, args: &AnnounceWithdrawalArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )?;
        require!(args.amount > 0, ClaimsError::WithdrawalInvalid);
        payment::check_new_payout(&self.destination, &self.pool, &self.pool.key())
    }
}

/// See [`crate::claims::announce_withdrawal`].
pub fn announce_withdrawal(
    ctx: Context<AnnounceWithdrawal>,
    args: AnnounceWithdrawalArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let destination = ctx.accounts.destination.key();
    let pool = &mut ctx.accounts.pool;
    pool.authorize(&args.admin, now)?;
    let due_at = pool.announce_withdrawal(args.amount, destination, now)?;

    galen_entry::emit!(ctx => WithdrawalAnnounced {
        pool: ctx.accounts.pool.key(),
        operator: ctx.accounts.operator.key(),
        amount: args.amount,
        destination,
        due_at,
    });
    Ok(())
}
