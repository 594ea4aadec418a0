//! Governance admits, suspends and closes organisations.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::OrganizationStatusSet;
use crate::state::{AdminArgs, Config, Organization, OrganizationStatus};

/// The status and why.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct SetOrganizationStatusArgs {
    /// Against the configuration's sequence number, not the organisation's: else an organisation could escape
    /// suspension by using up its own numbers.
    pub admin: AdminArgs,
    /// The new status.
    pub status: OrganizationStatus,
    /// Why; 0 with `Active`, another number with the rest.
    pub reason: u16,
}

/// Accounts of `set_organization_status`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetOrganizationStatus<'info> {
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
    /// Any organisation.
    #[account(mut)]
    pub organization: Box<Account<'info, Organization>>,
}

impl SetOrganizationStatus<'_> {
    /// Changes the status.
    pub fn handle(ctx: Context<Self>, args: SetOrganizationStatusArgs) -> Result<()> {
        let clock = Clock::get()?;
        let now = clock.unix_timestamp;
        ctx.accounts.config.authorize(&args.admin, now)?;
        let organization = &mut ctx.accounts.organization;
        let previous = organization.set_status(args.status, args.reason, clock.slot, now)?;
        galen_entry::emit!(ctx => OrganizationStatusSet {
            organization: organization.key(),
            previous,
            status: organization.status,
            reason: organization.status_reason,
        });
        ctx.accounts.config.invariant()?;
        ctx.accounts.organization.invariant()
    }
}
