//! `galen predetermination list`

use std::collections::BTreeMap;

use claims::state::Predetermination;
use solana_pubkey::Pubkey;

use super::view::{List, View};
use crate::chain::entity::{self, offset};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen predetermination list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen predetermination list --pool POOL
  galen predetermination list --provider CLINIC --held --output json")]
pub struct Args {
    /// Only of this pool
    #[arg(long, value_name = "ADDRESS")]
    pool: Option<Pubkey>,
    /// Only of this provider, by its organization's address or id
    #[arg(long, value_name = "KEY")]
    provider: Option<Pubkey>,
    /// Only about this member's account
    #[arg(long, value_name = "ADDRESS")]
    member: Option<Pubkey>,
    /// Only those whose price the insurer holds
    #[arg(long)]
    held: bool,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let provider = args
        .provider
        .map(|key| resolve(&cluster, &key))
        .transpose()?;
    let filters: Vec<(usize, Pubkey)> = [
        args.pool.map(|key| (offset::PREDETERMINATION_POOL, key)),
        provider.map(|(key, _)| (offset::PREDETERMINATION_PROVIDER, key)),
        args.member
            .map(|key| (offset::PREDETERMINATION_MEMBER, key)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut answers = entity::list::<Predetermination>(&cluster, &filters)?;
    answers.retain(|(_, answer)| !args.held || answer.hold_until != 0);
    answers.sort_by_key(|(_, answer)| answer.service_date);
    let views = answers
        .iter()
        .map(|(address, answer)| View::of(*address, answer, &BTreeMap::new()));
    Answer::new(&List(views.collect::<Result<_>>()?))
}
