//! What `galen org activate`, `suspend` and `close` share: governance sets an organization's status.

use registry::instructions::SetOrganizationStatusArgs;
use registry::state::OrganizationStatus;
use registry::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::{Status, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::command::governance::view;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// The status to set, and why: 0 with `Active`, another number with the rest.
pub struct Wanted {
    /// In the imperative.
    pub title: &'static str,
    /// The status.
    pub status: OrganizationStatus,
    /// Why.
    pub reason: u16,
}

/// Sets the status, unless it is set.
///
/// # Errors
/// `status_reason_differs` where the status is set for another reason, and the program's refusals.
pub fn set(
    wanted: &Wanted,
    name: &Pubkey,
    admin: &AdminFlags,
    settings: &Settings,
) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (address, organization) = resolve(session.cluster(), name)?;
    if organization.status == wanted.status {
        if organization.status_reason != wanted.reason {
            let message = format!(
                "The organization is {} already, for reason {} and not {}; a reason is not changed afterwards.",
                Status::from(organization.status), organization.status_reason, wanted.reason
            );
            return Err(CliError::new("status_reason_differs", message));
        }
        return Answer::new(&Change::unchanged(View::new(address, &organization)));
    }
    let (config, governance) = view::read(session.cluster())?;
    let accounts = accounts::SetOrganizationStatus {
        governance: session.key(),
        config,
        organization: address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = admin.at(session.now, governance.sequence);
    let data = instruction::SetOrganizationStatus {
        args: SetOrganizationStatusArgs {
            admin,
            status: wanted.status,
            reason: wanted.reason,
        },
    };
    let intent = Intent::new(wanted.title)
        .with("organization", address)
        .with(
            "identifier",
            super::view::identifier(&organization.identifier),
        )
        .with("status now", Status::from(organization.status))
        .with("reason", wanted.reason)
        .with_admin(&admin);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), address)?,
        receipt,
    ))
}
