//! An issuer takes a credential back. The account stays, so that revoked is never mistaken for never issued.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::CredentialRevoked;
use crate::state::{Credential, Operator, Organization, Permission};

/// Why.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RevokeCredentialArgs {
    /// Reason code, in the issuer's catalogue; not 0.
    pub reason: u16,
}

/// Accounts of `revoke_credential`.
#[event_cpi]
#[derive(Accounts)]
pub struct RevokeCredential<'info> {
    /// Staff key of the issuer.
    pub operator_key: Signer<'info>,
    /// Its record; compared in `validate`.
    pub operator: Box<Account<'info, Operator>>,
    /// Issued it.
    #[account(constraint = issuer.is_active() @ RegistryError::OrganizationNotActive)]
    pub issuer: Box<Account<'info, Organization>>,
    /// The credential.
    #[account(mut, has_one = issuer @ RegistryError::NotCredentialIssuer)]
    pub credential: Box<Account<'info, Credential>>,
}

impl RevokeCredential<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        self.operator
            .authorize(
                &self.issuer.key(),
                self.operator_key.key,
                Permission::IssueCredential,
                now,
            )
            .map_err(|refusal| RegistryError::from(refusal).into())
    }

    /// Revokes the credential.
    pub fn handle(ctx: Context<Self>, args: RevokeCredentialArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        ctx.accounts.validate(now)?;
        let by = ctx.accounts.operator_key.key();
        let credential = &mut ctx.accounts.credential;
        credential.revoke(args.reason, by, now)?;
        galen_entry::emit!(ctx => CredentialRevoked {
            credential: credential.key(),
            issuer: credential.issuer,
            subject: credential.subject,
            reason: args.reason,
            by,
        });
        ctx.accounts.credential.invariant()
    }
}
