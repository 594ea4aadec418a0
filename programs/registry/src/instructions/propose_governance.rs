//! Governance changes hands in two steps, so that it cannot be lost to a key that nobody holds.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::GovernanceProposed;
use crate::state::{AdminArgs, Config};

/// To whom governance is offered.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ProposeGovernanceArgs {
    /// Against the configuration's sequence number.
    pub admin: AdminArgs,
    /// Who is to govern; none withdraws an offer.
    pub proposed: Option<Pubkey>,
}

/// Accounts of `propose_governance`.
#[event_cpi]
#[derive(Accounts)]
pub struct ProposeGovernance<'info> {
    /// Governs.
    pub governance: Signer<'info>,
    /// The configuration.
    #[account(
        mut,
        seeds = [Config::SEED],
        bump = config.bump,
        has_one = governance @ RegistryError::NotGovernance
    )]
    pub config: Box<Account<'info, Config>>,
}

impl ProposeGovernance<'_> {
    /// Offers governance, or withdraws an offer.
    pub fn handle(ctx: Context<Self>, args: ProposeGovernanceArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let config = &mut ctx.accounts.config;
        config.authorize(&args.admin, now)?;
        config.propose_governance(args.proposed)?;
        galen_entry::emit!(ctx => GovernanceProposed {
            config: config.key(),
            governance: config.governance,
            proposed: args.proposed,
        });
        ctx.accounts.config.invariant()
    }
}
