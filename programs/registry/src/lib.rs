//! The registry: who is who. Organisations and their public identifiers, the staff keys that act for them,
//! credentials that one organisation gives another, and the pause that guards all awards of money.

use anchor_lang::prelude::*;

pub mod constants;
pub mod error;
pub mod events;
pub mod instructions;
pub mod state;

use instructions::*;

declare_id!("4pnY6Jd7Nrtrnf4W4hESm9gkR4GvF86BoMmNSZ7mcvF9");

/// Dispatch, one line per instruction.
#[program]
pub mod registry {
    use super::*;

    /// Configures the program. Once; by the program's upgrade authority.
    pub fn initialize_config(
        ctx: Context<InitializeConfig>,
        args: InitializeConfigArgs,
    ) -> Result<()> {
        InitializeConfig::handle(ctx, args)
    }
}
