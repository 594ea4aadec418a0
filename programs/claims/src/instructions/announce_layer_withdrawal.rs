use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::LayerWithdrawalAnnounced;
use crate::payment;
use crate::state::{Pool, Treaty};

/// Arguments of `announce_layer_withdrawal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AnnounceLayerWithdrawalArgs {
    /// Good for one moment only; the sequence number is the treaty's.
    pub admin: AdminArgs,
    /// How much, in cents.
    pub amount: u64,
}

/// Accounts of `announce_layer_withdrawal`.
#[event_cpi]
#[derive(Accounts)]
pub struct AnnounceLayerWithdrawal<'info> {
    /// The reinsurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the reinsurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The reinsurer.
    pub reinsurer: Box<Account<'info, Organization>>,
    /// The pool.
    pub pool: Box<Account<'info, Pool>>,
    /// The treaty.
    #[account(
        mut,
        has_one = pool @ ClaimsError::TreatyOfOtherPool,
        has_one = reinsurer @ ClaimsError::TreatyOfOtherReinsurer,
    )]
    pub treaty: Box<Account<'info, Treaty>>,
    /// CHECK: the token account that the money will go to; looked into below.
    pub destination: UncheckedAccount<'info>,
}

impl AnnounceLayerWithdrawal<'_> {
    fn validate(&self, args: &AnnounceLayerWithdrawalArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.reinsurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )?;
        require!(args.amount > 0, ClaimsError::WithdrawalInvalid);
        require_keys_neq!(
            self.destination.key(),
            self.treaty.vault,
            ClaimsError::PayoutIsVault
        );
        payment::check_new_payout(&self.destination, &self.pool, &self.pool.key())
    }
}

/// See [`crate::claims::announce_layer_withdrawal`].
pub fn announce_layer_withdrawal(
    ctx: Context<AnnounceLayerWithdrawal>,
    args: AnnounceLayerWithdrawalArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let destination = ctx.accounts.destination.key();
    let treaty = &mut ctx.accounts.treaty;
    treaty.authorize(&args.admin, now)?;
    let due_at = treaty.announce_withdrawal(args.amount, destination, now)?;

    galen_entry::emit!(ctx => LayerWithdrawalAnnounced {
        treaty: ctx.accounts.treaty.key(),
        operator: ctx.accounts.operator.key(),
        amount: args.amount,
        destination,
        due_at,
    });
    Ok(())
}
