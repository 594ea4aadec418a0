//! `galen claim show`

use std::collections::BTreeMap;

use claims::state::Claim;
use solana_pubkey::Pubkey;

use super::remark::Finder;
use super::view::View;
use crate::chain::entity;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen claim show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim show ADDRESS
  galen claim show ADDRESS --output json")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let claim: Claim = entity::get(&cluster, &args.address)?;
    let mut finder = Finder::new(&cluster);
    Answer::new(&View::read(
        &mut finder,
        args.address,
        &claim,
        &BTreeMap::new(),
    )?)
}
