//! `galen plan show`

use solana_pubkey::Pubkey;

use super::view::View;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen plan show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen plan show PLAN
  galen plan show PLAN --output json

Procedure codes and names of categories stand on the ledger as keyed identifiers only.")]
pub struct Args {
    /// The plan's address
    #[arg(value_name = "PLAN")]
    plan: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    Answer::new(&View::read(&Cluster::connect(settings)?, args.plan)?)
}
