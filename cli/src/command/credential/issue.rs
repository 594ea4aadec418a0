//! `galen credential issue`

use registry::instructions::IssueCredentialArgs;
use registry::state::{Credential, CredentialTerms, Permission};
use registry::{accounts, instruction};

use super::view::{Name, View};
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::when::{moment, When};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen credential issue`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen credential issue --issuer REGULATOR --subject PHARMACY --kind 3 --until 2028-01-01
  galen credential issue --issuer REGULATOR --subject PHARMACY --kind 3 --number 1 --from 2028-01-01 --until +730d

Signed by an operator of the issuer with the permission issue-credential. A renewal takes another number.")]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// When it becomes valid [default: now]
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// When it ends: a date, a Unix time, or a span from now
    #[arg(long, value_name = "WHEN")]
    until: When,
}

/// Runs the command.
///
/// # Errors
/// `credential_differs`, `credential_revoked`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let named = args.name.resolve(session.cluster())?;
    if let Some(credential) = entity::find::<Credential>(session.cluster(), &named.address)? {
        refuse_difference(&credential, args)?;
        return Answer::new(&Change::unchanged(View::new(
            named.address,
            &credential,
            session.now,
        )));
    }
    let terms = CredentialTerms {
        kind: args.name.kind,
        number: args.name.number,
        valid_from: args
            .from
            .map_or(session.now, |when| when.resolve(session.now)),
        valid_until: args.until.resolve(session.now),
    };
    let accounts = accounts::IssueCredential {
        payer: session.payer(),
        operator_key: session.key(),
        operator: session.staff(&named.issuer, Permission::IssueCredential)?,
        issuer: named.issuer,
        subject: named.subject,
        credential: named.address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let data = instruction::IssueCredential {
        args: IssueCredentialArgs { terms },
    };
    let intent = Intent::new("Issue a credential")
        .with("issuer", named.issuer)
        .with("subject", named.subject)
        .with("kind", terms.kind)
        .with("number", terms.number)
        .with("valid from", moment(terms.valid_from))
        .with("until", moment(terms.valid_until));
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::created(
        View::read(session.cluster(), named.address)?,
        receipt,
    ))
}

/// A moment counts only where it was named as one: one counted from now is another at each run.
fn refuse_difference(there: &Credential, args: &Args) -> Result<()> {
    if there.is_revoked() {
        let message = format!(
            "The credential was revoked on {}, which is final; issue another --number.",
            moment(there.revoked_at)
        );
        return Err(CliError::new("credential_revoked", message));
    }
    for (what, is, asked) in [
        ("begins", there.valid_from, args.from),
        ("ends", there.valid_until, Some(args.until)),
    ] {
        match asked {
            Some(When::At(at)) if at != is => {
                let message = format!("The credential exists already and {what} {} and not {}; issue another --number.", moment(is), moment(at));
                return Err(CliError::new("credential_differs", message));
            }
            _ => {}
        }
    }
    Ok(())
}
