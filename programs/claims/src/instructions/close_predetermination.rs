use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::state::Predetermination;

/// Accounts of `close_predetermination`.
#[derive(Accounts)]
pub struct ClosePredetermination<'info> {
    /// Who asked, and gets the rent back.
    #[account(mut)]
    pub opener: Signer<'info>,
    /// The answer. A draft that has cited it keeps the plan version.
    #[account(
        mut,
        close = opener,
        has_one = opener @ ClaimsError::NotPredeterminationOpener,
    )]
    pub predetermination: Box<Account<'info, Predetermination>>,
}

/// See [`crate::claims::close_predetermination`].
pub fn close_predetermination(_ctx: Context<ClosePredetermination>) -> Result<()> {
    Ok(())
}
