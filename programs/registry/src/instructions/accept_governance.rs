//! The second step of handing governance over: the new key shows that it can sign.

use anchor_lang::prelude::*;

use crate::events::GovernanceAccepted;
use crate::state::{AdminArgs, Config};

/// When the acceptance is good.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AcceptGovernanceArgs {
    /// Against the configuration's sequence number: an acceptance of an offer that was withdrawn and made
    /// again does not fit.
    pub admin: AdminArgs,
}

/// Accounts of `accept_governance`.
#[event_cpi]
#[derive(Accounts)]
pub struct AcceptGovernance<'info> {
    /// Was offered governance; compared in `Config::accept_governance`.
    pub proposed_governance: Signer<'info>,
    /// The configuration.
    #[account(mut, seeds = [Config::SEED], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
}

impl AcceptGovernance<'_> {
    /// Hands governance over.
    pub fn handle(ctx: Context<Self>, args: AcceptGovernanceArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let signer = ctx.accounts.proposed_governance.key();
        let config = &mut ctx.accounts.config;
        let previous = config.accept_governance(signer)?;
        config.authorize(&args.admin, now)?;
        galen_entry::emit!(ctx => GovernanceAccepted {
            config: config.key(),
            previous,
            governance: config.governance,
        });
        ctx.accounts.config.invariant()
    }
}
