use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::authorize;
use crate::error::ClaimsError;
use crate::state::{Claim, Predetermination};

/// Accounts of `cite_predetermination`.
#[derive(Accounts)]
pub struct CitePredetermination<'info> {
    /// The provider's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The answer whose price is held.
    #[account(mut, has_one = provider @ ClaimsError::PredeterminationOfOtherProvider)]
    pub predetermination: Box<Account<'info, Predetermination>>,
    /// The draft, with all of its lines.
    #[account(
        mut,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
        constraint = claim.pool == predetermination.pool @ ClaimsError::ClaimOfOtherPool,
    )]
    pub claim: Box<Account<'info, Claim>>,
}

impl CitePredetermination<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::claims::cite_predetermination`].
pub fn cite_predetermination(ctx: Context<CitePredetermination>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let answer = &mut accounts.predetermination;
    accounts
        .claim
        .adopt(answer.member, answer.plan_version, answer.in_network)?;
    answer.cite(&accounts.claim)?;
    accounts.predetermination.invariant()?;
    accounts.claim.invariant()
}
