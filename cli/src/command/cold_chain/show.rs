//! `galen cold-chain show`

use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::goods::{Goods, PlaceName};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen cold-chain show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain show BATCH case:3

Reads the ledger and sends nothing. Exit code 1 where the goods are to be set aside.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let goods = Goods::read(&cluster, args.batch)?;
    let view = View::read(&cluster, &goods, args.place.0)?;
    let is_within = view.is_within();
    Answer::new(&view).map(|answer| answer.with_success(is_within))
}
