//! `galen governance show`

use super::view::View;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen governance show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance show
  galen governance show -u localhost --output json")]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// `not_found` where the registry is not configured.
pub fn run(_args: &Args, settings: &Settings) -> Result<Answer> {
    Answer::new(&View::read(&Cluster::connect(settings)?)?)
}
