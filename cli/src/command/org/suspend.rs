//! `galen org suspend`

use registry::state::OrganizationStatus;
use solana_pubkey::Pubkey;

use super::status::{set, Wanted};
use crate::chain::admin::AdminFlags;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen org suspend`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org suspend ORG --reason 12

Signed by governance. A suspended organization can act no more until it is activated again; its operators can still be
revoked.")]
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
        title: "Suspend an organization",
        status: OrganizationStatus::Suspended,
        reason: args.reason,
    };
    set(&wanted, &args.organization, &args.admin, settings)
}
