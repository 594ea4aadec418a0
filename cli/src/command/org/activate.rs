//! `galen org activate`

use registry::state::OrganizationStatus;
use solana_pubkey::Pubkey;

use super::status::{set, Wanted};
use crate::chain::admin::AdminFlags;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen org activate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org activate ORG

Signed by governance. Admits an organization that is pending, and ends a suspension.")]
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
/// Those of [`set`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let wanted = Wanted {
        title: "Activate an organization",
        status: OrganizationStatus::Active,
        reason: 0,
    };
    set(&wanted, &args.organization, &args.admin, settings)
}
