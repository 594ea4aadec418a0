//! `galen cold-chain register`

use provenance::instructions::RegisterDeviceArgs;
use provenance::state::Monitor;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::goods::{zero_copy, Goods, PlaceName};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen cold-chain register`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain register BATCH case:3 --org WHOLESALER --device 8nTQ...

Signed by an operator of who has the goods, with the permission hand-over; the batch must have a storage profile. Time counts
from now on: what the device does not report is a gap, and gaps are excursions. Another device takes over where the one before
stopped. Running it again is fine.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// Who has the goods: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// The public key of the device
    #[arg(long, value_name = "KEY")]
    device: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `place_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let (organization, _) = resolve(cluster, &args.org)?;
    let of = args.place.0;
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    let address = Monitor::address(&goods.address, of);
    let present = zero_copy::<Monitor>(cluster, &address, "monitor")?;
    if let Some(monitor) = present.filter(|monitor| monitor.watching() == Some(args.device)) {
        return Answer::new(&Change::unchanged(View::new(&goods, of, &monitor)));
    }
    let accounts = accounts::RegisterDevice {
        operator: session.key(),
        operator_record: session.staff(&organization, Permission::HandOver)?,
        organization,
        batch: goods.address,
        node,
        case_above,
        pallet_above,
        batch_above,
        monitor: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::RegisterDevice {
        args: RegisterDeviceArgs {
            place: args.place.argument(),
            device: args.device,
        },
    };
    let intent = Intent::new("Register a device")
        .with("over", format!("{} of {}", args.place, goods.address))
        .with("device", args.device)
        .with(
            "instead of",
            present
                .and_then(|monitor| monitor.watching())
                .map_or("none".to_owned(), |device| device.to_string()),
        );
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    let view = View::read(cluster, &goods, of)?;
    Answer::new(&match present {
        Some(_) => Change::changed(view, receipt),
        None => Change::created(view, receipt),
    })
}
