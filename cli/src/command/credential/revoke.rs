//! `galen credential revoke`

use registry::instructions::RevokeCredentialArgs;
use registry::state::{Credential, Permission};
use registry::{accounts, instruction};

use super::view::{Name, View};
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen credential revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen credential revoke --issuer REGULATOR --subject PHARMACY --kind 3 --reason 7

The record stays, so that revoked is never mistaken for never issued. What was done under it before stays right.")]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// Why: a number of the issuer's catalogue, not 0
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    reason: u16,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `revocation_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let named = args.name.resolve(session.cluster())?;
    let credential: Credential = entity::get(session.cluster(), &named.address)?;
    if revoked_already(&credential, args.reason)? {
        let view = View::new(named.address, &credential, session.now);
        return Answer::new(&Change::unchanged(view));
    }
    let accounts = accounts::RevokeCredential {
        operator_key: session.key(),
        operator: session.staff(&named.issuer, Permission::IssueCredential)?,
        issuer: named.issuer,
        credential: named.address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let data = instruction::RevokeCredential {
        args: RevokeCredentialArgs {
            reason: args.reason,
        },
    };
    let intent = Intent::new("Revoke a credential for good")
        .with("credential", named.address)
        .with("issuer", named.issuer)
        .with("subject", named.subject)
        .with("kind", credential.kind)
        .with("number", credential.number)
        .with("reason", args.reason);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), named.address)?,
        receipt,
    ))
}

/// Whether the credential has been taken back for this reason.
///
/// # Errors
/// `revocation_differs` where it was for another.
pub fn revoked_already(credential: &Credential, reason: u16) -> Result<bool> {
    if credential.is_revoked() && credential.revocation_reason != reason {
        let message = format!(
            "The credential was revoked for reason {} and not {reason}; a reason is not changed afterwards.",
            credential.revocation_reason
        );
        return Err(CliError::new("revocation_differs", message));
    }
    Ok(credential.is_revoked())
}
