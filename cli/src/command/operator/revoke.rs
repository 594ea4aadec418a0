//! `galen operator revoke`

use registry::instructions::RevokeOperatorArgs;
use registry::state::Operator;
use registry::{accounts, instruction};

use super::view::{Name, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::permissions;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen operator revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen operator revoke --org ORG --key KEY

Final: the record stays and says since when, and the key is never added again.")]
pub struct Args {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (organization, there) = resolve(session.cluster(), &args.name.organization)?;
    let (address, _) = Operator::find_address(&organization, &args.name.key);
    let operator: Operator = entity::get(session.cluster(), &address)?;
    if operator.is_revoked() {
        return Answer::new(&Change::unchanged(View::new(
            address,
            &operator,
            session.now,
        )));
    }
    let accounts = accounts::RevokeOperator {
        authority: session.key(),
        organization,
        operator: address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, there.sequence);
    let data = instruction::RevokeOperator {
        args: RevokeOperatorArgs { admin },
    };
    let intent = Intent::new("Revoke a staff key for good")
        .with("organization", organization)
        .with("key", args.name.key)
        .with("permissions", permissions(operator.permissions).join(", "))
        .with_admin(&admin);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), address)?,
        receipt,
    ))
}
