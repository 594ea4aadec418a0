//! Only the program's upgrade authority may configure it, so that nobody comes first with keys of their own.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::ConfigInitialized;
use crate::program::Registry;
use crate::state::Config;

/// Who governs and who may pause.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct InitializeConfigArgs {
    /// Decides on organisations and on the configuration: a multisig with a time lock where several insurers
    /// share the deployment.
    pub governance: Pubkey,
    /// May start a pause, and nothing else.
    pub guardian: Pubkey,
}

/// Accounts of `initialize_config`.
#[event_cpi]
#[derive(Accounts)]
pub struct InitializeConfig<'info> {
    /// Pays the rent of the configuration.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The program's upgrade authority.
    pub upgrade_authority: Signer<'info>,
    /// This program.
    #[account(
        constraint = registry.programdata_address()? == Some(program_data.key())
            @ RegistryError::ProgramDataMismatch
    )]
    pub registry: Program<'info, Registry>,
    /// Where the loader keeps the upgrade authority.
    #[account(
        constraint = program_data.upgrade_authority_address == Some(upgrade_authority.key())
            @ RegistryError::NotUpgradeAuthority
    )]
    pub program_data: Account<'info, ProgramData>,
    /// The configuration; there is one.
    #[account(init, payer = payer, space = 8 + Config::INIT_SPACE, seeds = [Config::SEED], bump)]
    pub config: Box<Account<'info, Config>>,
    /// Creates the account.
    pub system_program: Program<'info, System>,
}

impl InitializeConfig<'_> {
    fn validate(&self, args: &InitializeConfigArgs) -> Result<()> {
        for key in [args.governance, args.guardian] {
            require_keys_neq!(key, Pubkey::default(), RegistryError::KeyInvalid);
        }
        Ok(())
    }

    /// Creates the configuration.
    pub fn handle(ctx: Context<Self>, args: InitializeConfigArgs) -> Result<()> {
        ctx.accounts.validate(&args)?;
        let config = &mut ctx.accounts.config;
        config.set_inner(Config::new(
            ctx.bumps.config,
            args.governance,
            args.guardian,
        ));
        galen_entry::emit!(ctx => ConfigInitialized {
            config: config.key(),
            governance: args.governance,
            guardian: args.guardian,
        });
        ctx.accounts.config.invariant()
    }
}
