//! `galen trial show`

use solana_pubkey::Pubkey;

use super::view::View;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial show TRIAL
  galen trial show TRIAL --output json")]
pub struct Args {
    /// The trial's address
    #[arg(value_name = "TRIAL")]
    trial: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    Answer::new(&View::read(&cluster, args.trial)?)
}
