//! Governance ends a pause before its time.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::PauseEnded;
use crate::state::{AdminArgs, Config};

/// When the instruction is good.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct EndPauseArgs {
    /// Against the configuration's sequence number.
    pub admin: AdminArgs,
}

/// Accounts of `end_pause`.
#[event_cpi]
#[derive(Accounts)]
pub struct EndPause<'info> {
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

impl EndPause<'_> {
    /// Ends the running pause.
    pub fn handle(ctx: Context<Self>, args: EndPauseArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let config = &mut ctx.accounts.config;
        config.authorize(&args.admin, now)?;
        let previous_until = config.pause.until;
        config.end_pause(now)?;
        galen_entry::emit!(ctx => PauseEnded {
            config: config.key(),
            previous_until,
            until: config.pause.until,
        });
        ctx.accounts.config.invariant()
    }
}
