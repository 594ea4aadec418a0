//! An organisation states something about another.

use anchor_lang::prelude::*;

use crate::error::RegistryError;
use crate::events::CredentialIssued;
use crate::state::{Credential, CredentialTerms, Operator, Organization, Permission};

/// What is stated.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct IssueCredentialArgs {
    /// Kind, number and window of the credential.
    pub terms: CredentialTerms,
}

/// Accounts of `issue_credential`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: IssueCredentialArgs)]
pub struct IssueCredential<'info> {
    /// Pays the rent of the credential.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Staff key of the issuer.
    pub operator_key: Signer<'info>,
    /// Its record; compared in `validate`.
    pub operator: Box<Account<'info, Operator>>,
    /// States it.
    #[account(constraint = issuer.is_active() @ RegistryError::OrganizationNotActive)]
    pub issuer: Box<Account<'info, Organization>>,
    /// About whom it is stated: any other organisation.
    #[account(
        constraint = subject.key() != issuer.key() @ RegistryError::CredentialToSelf
    )]
    pub subject: Box<Account<'info, Organization>>,
    /// The credential.
    #[account(
        init,
        payer = payer,
        space = 8 + Credential::INIT_SPACE,
        seeds = [
            Credential::SEED,
            issuer.key().as_ref(),
            subject.key().as_ref(),
            &args.terms.kind.to_le_bytes(),
            &args.terms.number.to_le_bytes()
        ],
        bump
    )]
    pub credential: Box<Account<'info, Credential>>,
    /// Creates the account.
    pub system_program: Program<'info, System>,
}

impl IssueCredential<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        self.subject.require_open()?;
        self.operator
            .authorize(
                &self.issuer.key(),
                self.operator_key.key,
                Permission::IssueCredential,
                now,
            )
            .map_err(|refusal| RegistryError::from(refusal).into())
    }

    /// Creates the credential.
    pub fn handle(ctx: Context<Self>, args: IssueCredentialArgs) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        ctx.accounts.validate(now)?;
        let issuer = ctx.accounts.issuer.key();
        let subject = ctx.accounts.subject.key();
        let credential = &mut ctx.accounts.credential;
        credential.set_inner(Credential::new(
            ctx.bumps.credential,
            issuer,
            subject,
            args.terms,
            now,
        )?);
        galen_entry::emit!(ctx => CredentialIssued {
            credential: credential.key(),
            issuer,
            subject,
            kind: args.terms.kind,
            number: args.terms.number,
            valid_from: args.terms.valid_from,
            valid_until: args.terms.valid_until,
        });
        ctx.accounts.credential.invariant()
    }
}
