use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::state::{Appeal, ArchivedClaim};

/// Accounts of `close_appeal`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[derive(Accounts)]
pub struct CloseAppeal<'info> {
    /// CHECK: who paid the appeal's rent, by the address in the appeal, and gets it back.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
    /// What stays of the claim: an appeal stays as long as its claim does.
    pub claim: Box<Account<'info, ArchivedClaim>>,
    /// The appeal.
    #[account(
        mut,
        close = payer,
        has_one = payer @ ClaimsError::NotAppealPayer,
        has_one = claim @ ClaimsError::AppealOfOtherClaim,
    )]
    pub appeal: Box<Account<'info, Appeal>>,
}

/// See [`crate::claims::close_appeal`].
pub fn close_appeal(_ctx: Context<CloseAppeal>) -> Result<()> {
    Ok(())
}
