//! `galen epcis export`: a batch's history on the ledger as EPCIS 2.0.

use std::path::PathBuf;

use solana_pubkey::Pubkey;

use super::parties::{Parties, PartyFlag};
use super::tell;
use super::what::{require_root, Lot};
use crate::chain::goods::Goods;
use crate::chain::history;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document::Written;
use crate::error::Result;
use crate::output::Answer;
use crate::store::Store;

/// Flags of `galen epcis export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen epcis export --batch BATCH --leaves batch.leaves > batch.epcis.json
  galen epcis export --batch BATCH --leaves batch.leaves --party 9524000000019=WHOLESALER

Reads the batch's transactions and sends nothing. Each event carries its hash as eventID; exported again it is the same. What was
captured with this store comes back as it was captured, with the ledger's recordTime. Parties are named by the GLN under which they
are registered, else as solana:ADDRESS. Cases and pallets are named by the SSCC that an aggregation event told, else by the
serial numbers in them; the whole batch, or more than 5,000 packs, by their quantity. The document names serial numbers: it is for
those who may know them.")]
pub struct Args {
    /// The batch's address
    #[arg(long, value_name = "BATCH")]
    batch: Pubkey,
    /// Its leaf file
    #[arg(long, value_name = "LEAVES")]
    leaves: PathBuf,
    /// Which organization a GLN means, where the registry does not say
    #[arg(long, value_name = "GLN=ORG")]
    party: Vec<PartyFlag>,
    /// Tell everything from the ledger alone, also what was captured with this store
    #[arg(long)]
    ledger_only: bool,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_leaf_file`, `history_incomplete`, `cluster_unreachable`, and those of leaf file and store.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let goods = Goods::read(&cluster, args.batch)?;
    let mut lot = Lot::open(&lot_name(&goods), &args.leaves, &store, &cluster.genesis)?;
    require_root(&lot, &goods.batch.root)?;
    let parties = Parties::read(&cluster, &args.party)?;
    let entries = history::of_batch(&cluster, &args.batch)?;
    let captured = (!args.ledger_only).then_some((&store, cluster.genesis.as_str()));
    let document = tell::document(&entries, &mut lot, &parties, captured)?.require_valid()?;
    Answer::new(&Written(document.json))
}

/// A batch's lot number, as it is printed.
pub fn lot_name(goods: &Goods) -> String {
    let lot = goods.batch.lot.split(|byte| *byte == 0).next();
    String::from_utf8_lossy(lot.unwrap_or_default()).into_owned()
}
