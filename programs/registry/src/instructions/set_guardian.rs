//! Governance appoints the guardian.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::GuardianSet;
use crate::state::{AdminArgs, Config};

/// Who is to be guardian.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct SetGuardianArgs {
    /// Against the configuration's sequence number.
    pub admin: AdminArgs,
    /// May start a pause, and nothing else.
    pub guardian: Pubkey,
}

/// Accounts of `set_guardian`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetGuardian<'info> {
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

impl SetGuardian<'_> {
    /// Appoints the guardian.
    pub fn handle(ctx: Context<Self>, args: SetGuardianArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let config = &mut ctx.accounts.config;
        config.authorize(&args.admin, now)?;
        let previous = config.set_guardian(args.guardian)?;
        galen_entry::emit!(ctx => GuardianSet {
            config: config.key(),
            previous,
            guardian: config.guardian,
        });
        ctx.accounts.config.invariant()
    }
}
