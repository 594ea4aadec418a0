use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::error::ClaimsError;
use crate::events::InformationProvided;
use crate::state::Claim;
use crate::{authorize, convert};

/// Arguments of `provide_information`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ProvideInformationArgs {
    /// Salted commitment to the answer.
    pub document: [u8; 32],
}

/// Accounts of `provide_information`.
#[event_cpi]
#[derive(Accounts)]
pub struct ProvideInformation<'info> {
    /// The provider's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The claim.
    #[account(mut, has_one = provider @ ClaimsError::ClaimOfOtherProvider)]
    pub claim: Box<Account<'info, Claim>>,
}

impl ProvideInformation<'_> {
    fn validate(&self, args: &ProvideInformationArgs, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        require!(args.document != [0; 32], ClaimsError::DocumentEmpty);
        Ok(())
    }
}

/// See [`crate::claims::provide_information`].
pub fn provide_information(
    ctx: Context<ProvideInformation>,
    args: ProvideInformationArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let claim = &mut ctx.accounts.claim;
    claim.take_information(convert::day_of(now)?.days())?;
    claim.invariant()?;

    let claim = &ctx.accounts.claim;
    galen_entry::emit!(ctx => InformationProvided {
        claim: claim.key(),
        pool: claim.pool,
        provider: claim.provider,
        document: args.document,
        stopped_days: claim.course.stopped_days,
    });
    Ok(())
}
