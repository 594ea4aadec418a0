//! An organisation changes what a staff key may do.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::OperatorUpdated;
use crate::state::{AdminArgs, Operator, Organization, Permissions};

/// What the key may do from now on, and until when.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct UpdateOperatorArgs {
    /// Against the organisation's sequence number.
    pub admin: AdminArgs,
    /// What the key may do: at least one permission.
    pub permissions: Permissions,
    /// First Unix second at which it may do nothing more; in the future.
    pub expires_at: i64,
}

/// Accounts of `update_operator`.
#[event_cpi]
#[derive(Accounts)]
pub struct UpdateOperator<'info> {
    /// The organisation's authority.
    pub authority: Signer<'info>,
    /// The organisation.
    #[account(mut, has_one = authority @ RegistryError::NotOrganizationAuthority)]
    pub organization: Box<Account<'info, Organization>>,
    /// The record.
    #[account(mut, has_one = organization @ RegistryError::OperatorOfOtherOrganization)]
    pub operator: Box<Account<'info, Operator>>,
}

impl UpdateOperator<'_> {
    fn validate(&self) -> Result<()> {
        self.organization.require_open()
    }

    /// Changes permissions and expiry.
    pub fn handle(ctx: Context<Self>, args: UpdateOperatorArgs) -> Result<()> {
        ctx.accounts.validate()?;
        let now = Clock::get()?.unix_timestamp;
        ctx.accounts.organization.authorize(&args.admin, now)?;
        let operator = &mut ctx.accounts.operator;
        let previous_permissions = operator.permissions;
        let previous_expires_at = operator.expires_at;
        operator.update(args.permissions, args.expires_at, now)?;
        galen_entry::emit!(ctx => OperatorUpdated {
            operator: operator.key(),
            organization: operator.organization,
            previous_permissions,
            permissions: operator.permissions,
            previous_expires_at,
            expires_at: operator.expires_at,
        });
        ctx.accounts.organization.invariant()?;
        ctx.accounts.operator.invariant()
    }
}
