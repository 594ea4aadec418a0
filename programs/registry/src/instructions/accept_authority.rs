//! The second step of handing an organisation over: the new key shows that it can sign.

use anchor_lang::prelude::*;

use crate::events::AuthorityAccepted;
use crate::state::{AdminArgs, Organization};

/// When the acceptance is good.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AcceptAuthorityArgs {
    /// Against the organisation's sequence number: an acceptance of an offer that was withdrawn and made again
    /// does not fit.
    pub admin: AdminArgs,
}

/// Accounts of `accept_authority`.
#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAuthority<'info> {
    /// Was offered the authority; compared in `Organization::accept_authority`.
    pub proposed_authority: Signer<'info>,
    /// The organisation.
    #[account(mut)]
    pub organization: Box<Account<'info, Organization>>,
}

impl AcceptAuthority<'_> {
    /// Hands the authority over.
    pub fn handle(ctx: Context<Self>, args: AcceptAuthorityArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let signer = ctx.accounts.proposed_authority.key();
        let organization = &mut ctx.accounts.organization;
        let previous = organization.accept_authority(signer)?;
        organization.authorize(&args.admin, now)?;
        galen_entry::emit!(ctx => AuthorityAccepted {
            organization: organization.key(),
            previous,
            authority: organization.authority,
        });
        ctx.accounts.organization.invariant()
    }
}
