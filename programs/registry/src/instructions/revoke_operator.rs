//! An organisation takes a staff key's permissions, for good.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::OperatorRevoked;
use crate::state::{AdminArgs, Operator, Organization};

/// When the instruction is good.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RevokeOperatorArgs {
    /// Against the organisation's sequence number.
    pub admin: AdminArgs,
}

/// Accounts of `revoke_operator`.
#[event_cpi]
#[derive(Accounts)]
pub struct RevokeOperator<'info> {
    /// The organisation's authority.
    pub authority: Signer<'info>,
    /// The organisation, whatever its status.
    #[account(mut, has_one = authority @ RegistryError::NotOrganizationAuthority)]
    pub organization: Box<Account<'info, Organization>>,
    /// The record; it stays.
    #[account(mut, has_one = organization @ RegistryError::OperatorOfOtherOrganization)]
    pub operator: Box<Account<'info, Operator>>,
}

impl RevokeOperator<'_> {
    /// Revokes the key.
    pub fn handle(ctx: Context<Self>, args: RevokeOperatorArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let organization = &mut ctx.accounts.organization;
        organization.authorize(&args.admin, now)?;
        let operator = &mut ctx.accounts.operator;
        operator.revoke(now)?;
        organization.count_operator_out()?;
        galen_entry::emit!(ctx => OperatorRevoked {
            operator: operator.key(),
            organization: operator.organization,
            key: operator.key,
            revoked_at: operator.revoked_at,
        });
        ctx.accounts.organization.invariant()?;
        ctx.accounts.operator.invariant()
    }
}
