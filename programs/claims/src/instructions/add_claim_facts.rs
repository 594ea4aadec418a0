use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::error::ClaimsError;
use crate::events::AttachmentsAdded;
use crate::state::{Claim, ClaimFact, ClaimStatus};
use crate::{authorize, convert};

/// Arguments of `add_claim_facts`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AddClaimFactsArgs {
    /// What the claim states, ascending by line, kind and key, about lines that are in it already.
    pub facts: Vec<ClaimFact>,
}

/// Accounts of `add_claim_facts`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: AddClaimFactsArgs)]
pub struct AddClaimFacts<'info> {
    /// Pays the rent of what is added. The provider's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The draft, or the claim that waits for the insurer.
    #[account(
        mut,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
        realloc = claim.size_with_facts(args.facts.len()),
        realloc::payer = operator,
        realloc::zero = false,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl AddClaimFacts<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::claims::add_claim_facts`].
pub fn add_claim_facts(ctx: Context<AddClaimFacts>, args: AddClaimFactsArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let claim = &mut ctx.accounts.claim;
    let waits = claim.status == ClaimStatus::Pended;
    if waits {
        claim.take_attachments(&args.facts, convert::day_of(now)?.days())?;
    } else {
        claim.state_facts(&args.facts)?;
    }
    claim.invariant()?;

    // Nobody else acts on a draft; where a claim waits, somebody else is to learn of it.
    let claim = &ctx.accounts.claim;
    if waits {
        galen_entry::emit!(ctx => AttachmentsAdded {
            claim: claim.key(),
            pool: claim.pool,
            provider: claim.provider,
            facts: args.facts,
        });
    }
    Ok(())
}
