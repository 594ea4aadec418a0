//! `galen batch close-record`

use provenance::state::Node;
use provenance::{accounts, instruction};
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::goods::{Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch close-record`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch close-record BATCH case:3
  galen batch close-record BATCH batch

By anybody, six years after the registration and a year after the expiry, once the pages are closed; the rent goes back to who paid
it. Running it again is fine.")]
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
/// `not_found`, `place_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let of = args.place.0;
    goods.records(of)?;
    let view = || PlaceView::read(cluster, &goods, of);
    let Some(node) = goods.node(cluster, of)? else {
        return Answer::new(&Change::unchanged(view()?));
    };
    let accounts = accounts::CloseNode {
        batch: goods.address,
        node: Node::address(&goods.address, of),
        payer: node.payer,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Close the record of a place")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("rent to", node.payer);
    let receipt = session.perform(
        &intent,
        provenance::ID,
        &accounts,
        &instruction::CloseNode {},
    )?;
    Answer::new(&Change::changed(view()?, receipt))
}
