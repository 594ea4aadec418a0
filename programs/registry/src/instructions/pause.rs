//! The guardian's only power: to hold back new awards for a while.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::Paused;
use crate::state::{AdminArgs, Config};

/// How long to pause.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct PauseArgs {
    /// Against the configuration's sequence number.
    pub admin: AdminArgs,
    /// Length of the pause, in seconds: 1 to 259,200 (72 hours). It ends by itself.
    pub duration: i64,
}

/// Accounts of `pause`.
#[event_cpi]
#[derive(Accounts)]
pub struct PauseAwards<'info> {
    /// The guardian, or governance.
    #[account(
        constraint = [config.guardian, config.governance].contains(guardian.key)
            @ RegistryError::NotGuardian
    )]
    pub guardian: Signer<'info>,
    /// The configuration.
    #[account(mut, seeds = [Config::SEED], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
}

impl PauseAwards<'_> {
    /// Starts a pause.
    pub fn handle(ctx: Context<Self>, args: PauseArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let by = ctx.accounts.guardian.key();
        let config = &mut ctx.accounts.config;
        config.authorize(&args.admin, now)?;
        config.start_pause(args.duration, now)?;
        galen_entry::emit!(ctx => Paused {
            config: config.key(),
            by,
            started_at: config.pause.started_at,
            until: config.pause.until,
        });
        ctx.accounts.config.invariant()
    }
}
