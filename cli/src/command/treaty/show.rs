//! `galen treaty show`

use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::entity;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen treaty show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty show TREATY")]
pub struct Args {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let treaty = entity::get(&Cluster::connect(settings)?, &args.treaty)?;
    Answer::new(&View::of(args.treaty, &treaty)?)
}
