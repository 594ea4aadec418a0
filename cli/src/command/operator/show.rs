//! `galen operator show`

use registry::state::Operator;

use super::view::{Name, View};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen operator show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen operator show --org ORG --key KEY")]
pub struct Args {
    #[command(flatten)]
    name: Name,
}

/// Runs the command.
///
/// # Errors
/// `not_found`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let (organization, _) = resolve(&cluster, &args.name.organization)?;
    let (address, _) = Operator::find_address(&organization, &args.name.key);
    Answer::new(&View::read(&cluster, address)?)
}
