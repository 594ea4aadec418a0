//! `galen bond show`

use solana_pubkey::Pubkey;

use super::view::View;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen bond show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen bond show BOND")]
pub struct Args {
    /// The bond's address
    #[arg(value_name = "BOND")]
    bond: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    Answer::new(&View::read(&Cluster::connect(settings)?, args.bond)?)
}
