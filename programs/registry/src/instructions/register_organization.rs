//! Anyone may register an organisation; governance admits it.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::OrganizationRegistered;
use crate::state::{Identifier, Organization, OrganizationKind};

/// Who registers.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RegisterOrganizationArgs {
    /// What the organisation is.
    pub kind: OrganizationKind,
    /// Its public identifier, check digits included.
    pub identifier: Identifier,
}

/// Accounts of `register_organization`.
#[event_cpi]
#[derive(Accounts)]
pub struct RegisterOrganization<'info> {
    /// Pays the rent of the account.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Names the organisation; it signs, so that nobody can take another's name.
    pub id: Signer<'info>,
    /// Manages operators from now on; may be the same key as `id`.
    pub authority: Signer<'info>,
    /// The organisation.
    #[account(
        init,
        payer = payer,
        space = 8 + Organization::INIT_SPACE,
        seeds = [Organization::SEED, id.key().as_ref()],
        bump
    )]
    pub organization: Box<Account<'info, Organization>>,
    /// Creates the account.
    pub system_program: Program<'info, System>,
}

impl RegisterOrganization<'_> {
    fn validate(&self, args: &RegisterOrganizationArgs) -> Result<()> {
        require!(args.identifier.is_valid(), RegistryError::IdentifierInvalid);
        Ok(())
    }

    /// Creates the organisation, pending.
    pub fn handle(ctx: Context<Self>, args: RegisterOrganizationArgs) -> Result<()> {
        ctx.accounts.validate(&args)?;
        let clock = Clock::get()?;
        let id = ctx.accounts.id.key();
        let authority = ctx.accounts.authority.key();
        let organization = &mut ctx.accounts.organization;
        organization.set_inner(Organization::new(
            ctx.bumps.organization,
            id,
            args.kind,
            args.identifier,
            authority,
            clock.slot,
            clock.unix_timestamp,
        ));
        galen_entry::emit!(ctx => OrganizationRegistered {
            organization: organization.key(),
            id,
            kind: args.kind,
            identifier: args.identifier,
            authority,
        });
        ctx.accounts.organization.invariant()
    }
}
