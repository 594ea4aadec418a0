//! `galen plan list`

use claims::state::Plan;
use solana_pubkey::Pubkey;

use super::view::{List, Summary};
use crate::chain::entity::{self, offset};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen plan list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen plan list
  galen plan list --pool POOL")]
pub struct Args {
    /// Only of this pool
    #[arg(long, value_name = "POOL")]
    pool: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let filter: Vec<_> = args
        .pool
        .iter()
        .map(|pool| (offset::PLAN_POOL, *pool))
        .collect();
    let plans = entity::list::<Plan>(&Cluster::connect(settings)?, &filter)?;
    Answer::new(&List(
        plans
            .iter()
            .map(|(address, plan)| Summary::new(*address, plan))
            .collect(),
    ))
}
