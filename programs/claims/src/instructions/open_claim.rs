use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization};

use crate::error::ClaimsError;
use crate::events::ClaimOpened;
use crate::state::{Agreement, Claim, Opening};
use crate::{authorize, convert};

/// Arguments of `open_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OpenClaimArgs {
    /// The provider's identifier of the claim, random.
    pub claim_id: [u8; 16],
    /// Salted commitment to the document.
    pub document: [u8; 32],
    /// Service date, in days since 1970-01-01.
    pub service_date: i32,
    /// Number of lines that the claim will have.
    pub line_count: u8,
}

/// Accounts of `open_claim`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenClaimArgs)]
pub struct OpenClaim<'info> {
    /// Pays the rent, and gets it back where the draft is closed. The provider's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The agreement of the pool with the provider.
    #[account(has_one = provider @ ClaimsError::AgreementOfOtherProvider)]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The claim to be created.
    #[account(
        init,
        payer = operator,
        space = Claim::size(usize::from(args.line_count)),
        seeds = [Claim::SEED, agreement.pool.as_ref(), provider.key().as_ref(), args.claim_id.as_ref()],
        bump,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OpenClaim<'_> {
    fn validate(&self, args: &OpenClaimArgs, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        require!(
            self.config.new_awards_allowed(now),
            ClaimsError::AwardsPaused
        );
        convert::date(args.service_date)?;
        self.agreement.check_in_force_on(args.service_date)
    }
}

/// See [`crate::claims::open_claim`].
pub fn open_claim(ctx: Context<OpenClaim>, args: OpenClaimArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &mut *ctx.accounts;
    let claim = Claim::open(Opening {
        bump: ctx.bumps.claim,
        pool: accounts.agreement.pool,
        provider: accounts.provider.key(),
        claim_id: args.claim_id,
        document: args.document,
        opener: accounts.operator.key(),
        service_date: args.service_date,
        line_count: args.line_count,
    })?;
    claim.invariant()?;
    accounts.claim.set_inner(claim);

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimOpened {
        claim: accounts.claim.key(),
        pool: accounts.agreement.pool,
        provider: accounts.provider.key(),
        line_count: args.line_count,
    });
    Ok(())
}
