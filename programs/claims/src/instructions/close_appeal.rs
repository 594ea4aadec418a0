use anchor_lang::prelude::*;
use anchor_lang::Discriminator;

use crate::error::ClaimsError;
use crate::state::{Appeal, ArchivedClaim};

/// Accounts of `close_appeal`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[derive(Accounts)]
pub struct CloseAppeal<'info> {
    /// CHECK: who paid the appeal's rent, by the address in the appeal, and gets it back.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
    /// CHECK: the claim, by its address in the appeal; archived, which is looked into below.
    pub claim: UncheckedAccount<'info>,
    /// The appeal.
    #[account(
        mut,
        close = payer,
        has_one = payer @ ClaimsError::NotAppealPayer,
        has_one = claim @ ClaimsError::AppealOfOtherClaim,
    )]
    pub appeal: Box<Account<'info, Appeal>>,
}

impl CloseAppeal<'_> {
    fn validate(&self) -> Result<()> {
        let data = self.claim.try_borrow_data()?;
        require!(
            *self.claim.owner == crate::ID && data.starts_with(ArchivedClaim::DISCRIMINATOR),
            ClaimsError::ClaimNotArchived
        );
        Ok(())
    }
}

/// See [`crate::claims::close_appeal`].
pub fn close_appeal(ctx: Context<CloseAppeal>) -> Result<()> {
    ctx.accounts.validate()
}
