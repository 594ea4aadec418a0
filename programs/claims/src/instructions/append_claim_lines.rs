use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::authorize;
use crate::error::ClaimsError;
use crate::state::{Claim, ClaimLineArgs};

/// Arguments of `append_claim_lines`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AppendClaimLinesArgs {
    /// Number of lines before these.
    pub start_index: u8,
    /// The lines.
    pub lines: Vec<ClaimLineArgs>,
}

/// Accounts of `append_claim_lines`.
#[derive(Accounts)]
pub struct AppendClaimLines<'info> {
    /// The provider's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The draft.
    #[account(mut, has_one = provider @ ClaimsError::ClaimOfOtherProvider)]
    pub claim: Box<Account<'info, Claim>>,
}

impl AppendClaimLines<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::claims::append_claim_lines`].
pub fn append_claim_lines(
    ctx: Context<AppendClaimLines>,
    args: AppendClaimLinesArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let claim = &mut ctx.accounts.claim;
    claim.append(args.start_index, &args.lines)?;
    claim.invariant()
}
