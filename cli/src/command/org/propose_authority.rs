//! `galen org propose-authority`

use registry::instructions::ProposeAuthorityArgs;
use registry::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::key_or_none;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen org propose-authority`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org propose-authority ORG KEY
  galen org propose-authority ORG --withdraw

Nothing changes until the other key accepts with `galen org accept-authority`.")]
pub struct Args {
    /// The organization's address or id
    #[arg(value_name = "ORG")]
    organization: Pubkey,
    /// The key to offer the authority to
    #[arg(value_name = "KEY", required_unless_present = "withdraw")]
    proposed: Option<Pubkey>,
    /// Withdraw an offer
    #[arg(long, conflicts_with = "proposed")]
    withdraw: bool,
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
    if organization.proposed_authority == args.proposed {
        return Answer::new(&Change::unchanged(View::new(address, &organization)));
    }
    let accounts = accounts::ProposeAuthority {
        authority: session.key(),
        organization: address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, organization.sequence);
    let data = instruction::ProposeAuthority {
        args: ProposeAuthorityArgs {
            admin,
            proposed: args.proposed,
        },
    };
    let intent = Intent::new("Offer an organization's authority")
        .with("organization", address)
        .with("to", key_or_none(args.proposed))
        .with_admin(&admin);
    let receipt = session.perform(&intent, registry::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), address)?,
        receipt,
    ))
}
