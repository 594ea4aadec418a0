//! `galen org show`

use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen org show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org show ORG")]
pub struct Args {
    /// The organization's address or id
    #[arg(value_name = "ORG")]
    organization: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let (address, organization) = resolve(&Cluster::connect(settings)?, &args.organization)?;
    Answer::new(&View::new(address, &organization))
}
