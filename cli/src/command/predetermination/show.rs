//! `galen predetermination show`

use std::collections::BTreeMap;

use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::entity;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen predetermination show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen predetermination show ADDRESS")]
pub struct Args {
    /// The answer's account
    address: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let answer = entity::get(&cluster, &args.address)?;
    Answer::new(&View::of(args.address, &answer, &BTreeMap::new())?)
}
