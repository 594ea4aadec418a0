//! `galen operator add`

use registry::instructions::AddOperatorArgs;
use registry::state::{Operator, Permissions};
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
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen operator add`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen operator add --org ORG --key KEY --permissions submit-claim
  galen operator add --org ORG --key KEY --permissions publish-plan,enrol-member --expires 2027-12-31

Signed by the organization's authority, which does no daily work itself: it may add its own key. Running it again is
fine; a revoked key is never added again.")]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// What the key may do
    #[arg(
        long,
        value_name = "PERMISSION",
        required = true,
        value_delimiter = ','
    )]
    permissions: Vec<Power>,
    /// When it ends: a date, a Unix time, or a span from now [default: +365d]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `operator_differs`, `operator_revoked`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (organization, there) = resolve(session.cluster(), &args.name.organization)?;
    let (address, _) = Operator::find_address(&organization, &args.name.key);
    let wanted = set_of(&args.permissions);
    if let Some(operator) = entity::find::<Operator>(session.cluster(), &address)? {
        refuse_difference(&operator, wanted, args.expires)?;
        return Answer::new(&Change::unchanged(View::new(
            address,
            &operator,
            session.now,
        )));
    }
    let expires_at = args
        .expires
        .unwrap_or(When::A_YEAR_FROM_NOW)
        .resolve(session.now);
    let accounts = accounts::AddOperator {
        payer: session.payer(),
        authority: session.key(),
        organization,
        operator: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, there.sequence);
    let data = instruction::AddOperator {
        args: AddOperatorArgs {
            admin,
            key: args.name.key,
            permissions: wanted,
            expires_at,
        },
    };
    let intent = Intent::new("Give a staff key permissions")
        .with("organization", organization)
        .with("key", args.name.key)
        .with("permissions", permissions(wanted).join(", "))
        .with("expires", moment(expires_at))
        .with_admin(&admin);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::created(
        View::read(session.cluster(), address)?,
        receipt,
    ))
}

/// An expiry counts only where it was named as a moment: one counted from now is another at each run.
fn refuse_difference(there: &Operator, wanted: Permissions, expires: Option<When>) -> Result<()> {
    if there.is_revoked() {
        let message = format!(
            "The key was revoked on {}, which is final; add another key.",
            moment(there.revoked_at)
        );
        return Err(CliError::new("operator_revoked", message));
    }
    let differs = |what: &str, is: String, asked: String| {
        let message = format!("The key has an operator record already, with {what} {is} and not {asked}. Change it with `galen operator update`.");
        Err(CliError::new("operator_differs", message))
    };
    if there.permissions != wanted {
        return differs(
            "permissions",
            permissions(there.permissions).join(", "),
            permissions(wanted).join(", "),
        );
    }
    match expires {
        Some(When::At(at)) if at != there.expires_at => {
            differs("expiry", moment(there.expires_at), moment(at))
        }
        _ => Ok(()),
    }
}
