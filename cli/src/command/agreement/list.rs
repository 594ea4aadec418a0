//! `galen agreement list`

use claims::state::Agreement;
use solana_pubkey::Pubkey;

use super::view::{List, View};
use crate::chain::entity::{self, offset};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement list --pool POOL
  galen agreement list --provider ORG")]
pub struct Args {
    /// Only of this pool
    #[arg(long, value_name = "POOL")]
    pool: Option<Pubkey>,
    /// Only with this provider: its address or id
    #[arg(long, value_name = "ORG")]
    provider: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let provider = args
        .provider
        .as_ref()
        .map(|name| resolve(&cluster, name))
        .transpose()?;
    let filters: Vec<(usize, Pubkey)> = [
        args.pool.map(|pool| (offset::AGREEMENT_POOL, pool)),
        provider.map(|(address, _)| (offset::AGREEMENT_PROVIDER, address)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let now = cluster.unix_time()?;
    let agreements = entity::list::<Agreement>(&cluster, &filters)?;
    Answer::new(&List(
        agreements
            .iter()
            .map(|(address, agreement)| View::new(*address, agreement, now))
            .collect(),
    ))
}
