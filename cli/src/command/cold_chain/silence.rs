//! `galen cold-chain silence`

use provenance::instructions::CountSilenceArgs;
use provenance::state::Monitor;
use provenance::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::goods::{Goods, PlaceName};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen cold-chain silence`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain silence BATCH case:3

By anybody, once the device has not reported for more than a day: the time is a gap, and the goods are set aside.")]
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
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let of = args.place.0;
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    View::read(cluster, &goods, of)?;
    let accounts = accounts::CountSilence {
        batch: goods.address,
        node,
        case_above,
        pallet_above,
        batch_above,
        monitor: Monitor::address(&goods.address, of),
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::CountSilence {
        args: CountSilenceArgs {
            place: args.place.argument(),
        },
    };
    let intent = Intent::new("Count the silence of a device")
        .with("over", format!("{} of {}", args.place, goods.address));
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(View::read(cluster, &goods, of)?, receipt))
}
