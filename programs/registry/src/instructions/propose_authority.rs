//! The authority of an organisation changes hands in two steps, so that it cannot be lost to a key that nobody
//! holds.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::AuthorityProposed;
use crate::state::{AdminArgs, Organization};

/// To whom the authority is offered.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ProposeAuthorityArgs {
    /// Against the organisation's sequence number.
    pub admin: AdminArgs,
    /// Who is to have it; none withdraws an offer.
    pub proposed: Option<Pubkey>,
}

/// Accounts of `propose_authority`.
#[event_cpi]
#[derive(Accounts)]
pub struct ProposeAuthority<'info> {
    /// The organisation's authority.
    pub authority: Signer<'info>,
    /// The organisation.
    #[account(mut, has_one = authority @ RegistryError::NotOrganizationAuthority)]
    pub organization: Box<Account<'info, Organization>>,
}

impl ProposeAuthority<'_> {
    /// Offers the authority, or withdraws an offer.
    pub fn handle(ctx: Context<Self>, args: ProposeAuthorityArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let organization = &mut ctx.accounts.organization;
        organization.authorize(&args.admin, now)?;
        organization.propose_authority(args.proposed)?;
        galen_entry::emit!(ctx => AuthorityProposed {
            organization: organization.key(),
            authority: organization.authority,
            proposed: args.proposed,
        });
        ctx.accounts.organization.invariant()
    }
}
