//! `galen operator list`

use registry::state::Operator;
use solana_pubkey::Pubkey;

use super::view::{List, View};
use crate::chain::entity::{self, offset};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen operator list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen operator list --org ORG
  galen operator list")]
pub struct Args {
    /// Only of this organization: its address or id
    #[arg(long = "org", value_name = "ORG")]
    organization: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let filter = match &args.organization {
        Some(name) => vec![(offset::OPERATOR_ORGANIZATION, resolve(&cluster, name)?.0)],
        None => Vec::new(),
    };
    let now = cluster.unix_time()?;
    let operators = entity::list::<Operator>(&cluster, &filter)?;
    Answer::new(&List(
        operators
            .iter()
            .map(|(address, operator)| View::new(*address, operator, now))
            .collect(),
    ))
}
