//! `galen org accept-authority`

use registry::instructions::AcceptAuthorityArgs;
use registry::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen org accept-authority`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org accept-authority ORG -k new-authority.json

Signed by the key to which the authority was offered.")]
pub struct Args {
    /// The organization's address or id
    #[arg(value_name = "ORG")]
    organization: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// The program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (address, organization) = resolve(session.cluster(), &args.organization)?;
    if organization.authority == session.key() && organization.proposed_authority.is_none() {
        return Answer::new(&Change::unchanged(View::new(address, &organization)));
    }
    let accounts = accounts::AcceptAuthority {
        proposed_authority: session.key(),
        organization: address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, organization.sequence);
    let data = instruction::AcceptAuthority {
        args: AcceptAuthorityArgs { admin },
    };
    let intent = Intent::new("Take an organization over")
        .with("organization", address)
        .with("from", organization.authority)
        .with_admin(&admin);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), address)?,
        receipt,
    ))
}
