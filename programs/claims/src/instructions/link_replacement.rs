use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::ClaimReplaced;
use crate::state::{Claim, Course};

/// Accounts of `link_replacement`.
#[event_cpi]
#[derive(Accounts)]
pub struct LinkReplacement<'info> {
    /// The provider's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The claim that was reversed.
    #[account(mut, has_one = provider @ ClaimsError::ClaimOfOtherProvider)]
    pub claim: Box<Account<'info, Claim>>,
    /// The claim that the provider filed in its place.
    #[account(mut, has_one = provider @ ClaimsError::ClaimOfOtherProvider)]
    pub replacement: Box<Account<'info, Claim>>,
}

impl LinkReplacement<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        require!(
            self.replacement.pool == self.claim.pool,
            ClaimsError::ClaimOfOtherPool
        );
        require!(
            self.replacement.member == self.claim.member,
            ClaimsError::ClaimOfOtherMember
        );
        require!(
            self.replacement.received_at >= self.claim.reversed_at && self.is_corrected(),
            ClaimsError::ClaimNotReplaceable
        );
        // What replaces the claim would leave the appeal nothing to decide about.
        require!(
            !self.claim.course.has(Course::APPEAL_OPEN),
            ClaimsError::AppealStillOpen
        );
        Ok(())
    }

    /// Whether the replacement bills something of the claim anew: a service of the same code, or of the same day. A correction
    /// may change either; not the code of a pack, which a manufacturer's bond may have to pay for.
    fn is_corrected(&self) -> bool {
        let is_pack = self.claim.course.has_pack();
        self.claim.lines.iter().any(|line| {
            self.replacement.lines.iter().any(|other| {
                other.code_key == line.code_key
                    || (!is_pack && other.service_date == line.service_date)
            })
        })
    }
}

/// See [`crate::claims::link_replacement`].
pub fn link_replacement(ctx: Context<LinkReplacement>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    accounts.claim.replace_by(accounts.replacement.claim_id)?;
    accounts.replacement.stand_for(&accounts.claim)?;
    accounts.claim.invariant()?;
    accounts.replacement.invariant()?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimReplaced {
        claim: accounts.claim.key(),
        replacement: accounts.replacement.key(),
        pool: accounts.claim.pool,
        provider: accounts.claim.provider,
    });
    Ok(())
}
