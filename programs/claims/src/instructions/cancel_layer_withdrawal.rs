use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::LayerWithdrawalCancelled;
use crate::state::Treaty;

/// Arguments of `cancel_layer_withdrawal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CancelLayerWithdrawalArgs {
    /// Good for one moment only; the sequence number is the treaty's.
    pub admin: AdminArgs,
}

/// Accounts of `cancel_layer_withdrawal`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelLayerWithdrawal<'info> {
    /// The reinsurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the reinsurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The reinsurer.
    pub reinsurer: Box<Account<'info, Organization>>,
    /// The treaty.
    #[account(mut, has_one = reinsurer @ ClaimsError::TreatyOfOtherReinsurer)]
    pub treaty: Box<Account<'info, Treaty>>,
}

impl CancelLayerWithdrawal<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.reinsurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )
    }
}

/// See [`crate::claims::cancel_layer_withdrawal`].
pub fn cancel_layer_withdrawal(
    ctx: Context<CancelLayerWithdrawal>,
    args: CancelLayerWithdrawalArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let treaty = &mut ctx.accounts.treaty;
    treaty.authorize(&args.admin, now)?;
    let amount = treaty.cancel_withdrawal()?;

    galen_entry::emit!(ctx => LayerWithdrawalCancelled {
        treaty: ctx.accounts.treaty.key(),
        operator: ctx.accounts.operator.key(),
        amount,
    });
    Ok(())
}
