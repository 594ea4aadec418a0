//! `galen treaty list`

use claims::state::Treaty;
use solana_pubkey::Pubkey;

use super::view::{List, View};
use crate::chain::entity::{self, offset};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen treaty list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty list --pool POOL
  galen treaty list --reinsurer ORG")]
pub struct Args {
    /// Only of this pool
    #[arg(long, value_name = "POOL")]
    pool: Option<Pubkey>,
    /// Only of this reinsurer: its address or id
    #[arg(long, value_name = "ORG")]
    reinsurer: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let reinsurer = args
        .reinsurer
        .as_ref()
        .map(|name| resolve(&cluster, name))
        .transpose()?;
    let filters: Vec<(usize, Pubkey)> = [
        args.pool.map(|pool| (offset::TREATY_POOL, pool)),
        reinsurer.map(|(address, _)| (offset::TREATY_REINSURER, address)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut treaties = entity::list::<Treaty>(&cluster, &filters)?;
    treaties.sort_by_key(|(_, treaty)| (treaty.pool, treaty.number));
    let views = treaties
        .iter()
        .map(|(address, treaty)| View::of(*address, treaty));
    Answer::new(&List(views.collect::<Result<_>>()?))
}
