//! `galen operator update`

use registry::instructions::UpdateOperatorArgs;
use registry::state::Operator;
use registry::{accounts, instruction};

use super::view::{set_of, Name, Power, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::permissions;
use crate::chain::when::{moment, When};
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen operator update`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen operator update --org ORG --key KEY --expires 2028-12-31
  galen operator update --org ORG --key KEY --permissions submit-claim,fund

What is not named stays as it is.")]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// What the key may do from now on
    #[arg(
        long,
        value_name = "PERMISSION",
        value_delimiter = ',',
        required_unless_present = "expires"
    )]
    permissions: Option<Vec<Power>>,
    /// When it ends: a date, a Unix time, or a span from now
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
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
    let wanted = args
        .permissions
        .as_deref()
        .map_or(operator.permissions, set_of);
    let expires_at = args
        .expires
        .map_or(operator.expires_at, |when| when.resolve(session.now));
    if !operator.is_revoked() && wanted == operator.permissions && expires_at == operator.expires_at
    {
        return Answer::new(&Change::unchanged(View::new(
            address,
            &operator,
            session.now,
        )));
    }
    let accounts = accounts::UpdateOperator {
        authority: session.key(),
        organization,
        operator: address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, there.sequence);
    let data = instruction::UpdateOperator {
        args: UpdateOperatorArgs {
            admin,
            permissions: wanted,
            expires_at,
        },
    };
    let intent = Intent::new("Change what a staff key may do")
        .with("organization", organization)
        .with("key", args.name.key)
        .with("permissions", permissions(wanted).join(", "))
        .with("before", permissions(operator.permissions).join(", "))
        .with("expires", moment(expires_at))
        .with("before", moment(operator.expires_at))
        .with_admin(&admin);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), address)?,
        receipt,
    ))
}
