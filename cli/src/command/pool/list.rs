//! `galen pool list`

use claims::state::Pool;
use solana_pubkey::Pubkey;

use super::view::{List, View};
use crate::chain::entity::{self, offset};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pool list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool list
  galen pool list --insurer ORG")]
pub struct Args {
    /// Only of this insurer: its address or id
    #[arg(long, value_name = "ORG")]
    insurer: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let filter = match &args.insurer {
        Some(name) => vec![(offset::POOL_INSURER, resolve(&cluster, name)?.0)],
        None => Vec::new(),
    };
    let views = entity::list::<Pool>(&cluster, &filter)?
        .iter()
        .map(|(address, pool)| View::new(*address, pool))
        .collect::<Result<_>>()?;
    Answer::new(&List(views))
}
