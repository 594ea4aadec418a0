use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::authorize;
use crate::error::ClaimsError;
use crate::state::{Claim, OtherPayer};

/// Arguments of `add_other_payers`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AddOtherPayersArgs {
    /// What another payer has decided, ascending by line, about lines that are in the draft already.
    pub entries: Vec<OtherPayer>,
}

/// Accounts of `add_other_payers`.
#[derive(Accounts)]
#[instruction(args: AddOtherPayersArgs)]
pub struct AddOtherPayers<'info> {
    /// Pays the rent of what is added. The provider's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the provider.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The provider.
    pub provider: Box<Account<'info, Organization>>,
    /// The draft.
    #[account(
        mut,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
        realloc = claim.size_with(args.entries.len()),
        realloc::payer = operator,
        realloc::zero = false,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl AddOtherPayers<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::claims::add_other_payers`].
pub fn add_other_payers(ctx: Context<AddOtherPayers>, args: AddOtherPayersArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let claim = &mut ctx.accounts.claim;
    claim.tell_of_others(&args.entries)?;
    claim.invariant()
}
