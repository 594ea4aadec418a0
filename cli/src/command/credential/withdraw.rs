//! `galen credential withdraw`

use registry::instructions::WithdrawCredentialArgs;
use registry::state::Credential;
use registry::{accounts, instruction};

use super::revoke::revoked_already;
use super::view::{Name, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::command::governance::view;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen credential withdraw`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen credential withdraw --issuer REGULATOR --subject PHARMACY --kind 3 --reason 7

Signed by governance, where the issuer is suspended or closed and so cannot take it back itself. Suspending an issuer leaves what it
has stated as it is: each credential that is not to be relied on any more is taken back by itself. The record stays.")]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// Why: a number of governance's catalogue, not 0
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    reason: u16,
    #[command(flatten)]
    admin: AdminFlags,
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
    let (config, governance) = view::read(session.cluster())?;
    let accounts = accounts::WithdrawCredential {
        governance: session.key(),
        config,
        issuer: named.issuer,
        credential: named.address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, governance.sequence);
    let data = instruction::WithdrawCredential {
        args: WithdrawCredentialArgs {
            admin,
            reason: args.reason,
        },
    };
    let intent = Intent::new("Take back a credential in its issuer's place, for good")
        .with("credential", named.address)
        .with("issuer", named.issuer)
        .with("subject", named.subject)
        .with("kind", credential.kind)
        .with("number", credential.number)
        .with("reason", args.reason)
        .with_admin(&admin);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), named.address)?,
        receipt,
    ))
}
