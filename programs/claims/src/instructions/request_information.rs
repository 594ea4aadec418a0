use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::InformationRequested;
use crate::state::{Claim, Pool};
use crate::{authorize, convert};

/// Arguments of `request_information`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RequestInformationArgs {
    /// Salted commitment to what is asked.
    pub document: [u8; 32],
}

/// Accounts of `request_information`.
#[event_cpi]
#[derive(Accounts)]
pub struct RequestInformation<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The claim.
    #[account(mut, has_one = pool @ ClaimsError::ClaimOfOtherPool)]
    pub claim: Box<Account<'info, Claim>>,
}

impl RequestInformation<'_> {
    fn validate(&self, args: &RequestInformationArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::DecideClaim,
            now,
        )?;
        require!(args.document != [0; 32], ClaimsError::DocumentEmpty);
        Ok(())
    }
}

/// See [`crate::claims::request_information`].
pub fn request_information(
    ctx: Context<RequestInformation>,
    args: RequestInformationArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let claim = &mut ctx.accounts.claim;
    claim.await_information(convert::day_of(now)?.days())?;
    claim.invariant()?;

    let claim = &ctx.accounts.claim;
    galen_entry::emit!(ctx => InformationRequested {
        claim: claim.key(),
        pool: claim.pool,
        provider: claim.provider,
        document: args.document,
    });
    Ok(())
}
