//! An organisation gives a staff key permissions.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::OperatorAdded;
use crate::state::{AdminArgs, Operator, Organization, Permissions};

/// Which key, what it may do, until when.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AddOperatorArgs {
    /// Against the organisation's sequence number.
    pub admin: AdminArgs,
    /// The staff key.
    pub key: Pubkey,
    /// What it may do: at least one permission.
    pub permissions: Permissions,
    /// First Unix second at which it may do nothing more; in the future.
    pub expires_at: i64,
}

/// Accounts of `add_operator`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: AddOperatorArgs)]
pub struct AddOperator<'info> {
    /// Pays the rent of the record.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The organisation's authority.
    pub authority: Signer<'info>,
    /// The organisation.
    #[account(mut, has_one = authority @ RegistryError::NotOrganizationAuthority)]
    pub organization: Box<Account<'info, Organization>>,
    /// The record. `init_if_needed` only so that a key that has one is refused by name (`validate`).
    #[account(
        init_if_needed,
        payer = payer,
        space = 8 + Operator::INIT_SPACE,
        seeds = [Operator::SEED, organization.key().as_ref(), args.key.as_ref()],
        bump
    )]
    pub operator: Box<Account<'info, Operator>>,
    /// Creates the account.
    pub system_program: Program<'info, System>,
}

impl AddOperator<'_> {
    fn validate(&self, args: &AddOperatorArgs) -> Result<()> {
        let is_new = self.operator.version == 0;
        require!(is_new, RegistryError::OperatorExists);
        require_keys_neq!(args.key, Pubkey::default(), RegistryError::KeyInvalid);
        Ok(())
    }

    /// Creates the record.
    pub fn handle(ctx: Context<Self>, args: AddOperatorArgs) -> Result<()> {
        ctx.accounts.validate(&args)?;
        let now = Clock::get()?.unix_timestamp;
        let organization = &mut ctx.accounts.organization;
        organization.authorize(&args.admin, now)?;
        organization.count_operator_in()?;
        let operator = &mut ctx.accounts.operator;
        operator.set_inner(Operator::new(
            ctx.bumps.operator,
            organization.key(),
            args.key,
            args.permissions,
            args.expires_at,
            now,
        )?);
        galen_entry::emit!(ctx => OperatorAdded {
            operator: operator.key(),
            organization: organization.key(),
            key: args.key,
            permissions: args.permissions,
            expires_at: args.expires_at,
        });
        ctx.accounts.organization.invariant()?;
        ctx.accounts.operator.invariant()
    }
}
