//! `galen org close`

use registry::state::OrganizationStatus;
use solana_pubkey::Pubkey;

use super::status::{set, Wanted};
use crate::chain::admin::AdminFlags;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen org close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org close ORG --reason 31

Signed by governance. A closed organization is never opened again.")]
pub struct Args {
    /// The organization's address or id
    #[arg(value_name = "ORG")]
    organization: Pubkey,
    /// Why: a number of your catalogue of reasons, not 0
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    reason: u16,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// Those of [`set`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let wanted = Wanted {
        title: "Close an organization for good",
        status: OrganizationStatus::Closed,
        reason: args.reason,
    };
    set(&wanted, &args.organization, &args.admin, settings)
}
