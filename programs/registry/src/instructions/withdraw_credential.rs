//! Governance takes back a credential whose issuer cannot: one that is suspended or closed.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::CredentialRevoked;
use crate::state::{AdminArgs, Config, Credential, Organization};

/// Why.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct WithdrawCredentialArgs {
    /// Against the configuration's sequence number.
    pub admin: AdminArgs,
    /// Reason code, in governance's catalogue; not 0.
    pub reason: u16,
}

/// Accounts of `withdraw_credential`.
#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawCredential<'info> {
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
    /// Issued it. While it is active it speaks for itself.
    #[account(constraint = !issuer.is_active() @ RegistryError::CredentialIssuerActive)]
    pub issuer: Box<Account<'info, Organization>>,
    /// The credential.
    #[account(mut, has_one = issuer @ RegistryError::CredentialOfOtherIssuer)]
    pub credential: Box<Account<'info, Credential>>,
}

impl WithdrawCredential<'_> {
    /// Revokes the credential.
    pub fn handle(ctx: Context<Self>, args: WithdrawCredentialArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        ctx.accounts.config.authorize(&args.admin, now)?;
        let by = ctx.accounts.governance.key();
        let credential = &mut ctx.accounts.credential;
        credential.revoke(args.reason, by, now)?;
        galen_entry::emit!(ctx => CredentialRevoked {
            credential: credential.key(),
            issuer: credential.issuer,
            subject: credential.subject,
            reason: args.reason,
            by,
        });
        ctx.accounts.config.invariant()?;
        ctx.accounts.credential.invariant()
    }
}
