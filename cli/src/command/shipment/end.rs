//! `galen shipment end`

use galen_rules::merkle::Subtree;
use provenance::instructions::EndShipmentArgs;
use provenance::state::Shipment;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::goods::{Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen shipment end`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen shipment end BATCH case:3 --org PHARMACY      rejected by the recipient, or withdrawn by the sender
  galen shipment end BATCH case:3                     by anybody, once the offer has lapsed")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// The sender or the recipient: its address or id
    #[arg(long, value_name = "ORG")]
    org: Option<Pubkey>,
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
    let organization = args
        .org
        .as_ref()
        .map(|name| resolve(cluster, name).map(|(address, _)| address))
        .transpose()?;
    let (end, offer) = end(&session, &goods, of, organization)?;
    let intent = Intent::new("End a shipment")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("from", offer.sender)
        .with("to", offer.recipient);
    let receipt = session.execute(&intent, &[end], &[])?;
    Answer::new(&Change::changed(
        PlaceView::read(cluster, &goods, of)?,
        receipt,
    ))
}

/// The instruction that ends the offer of a place, and the offer; by nobody where it has lapsed.
///
/// # Errors
/// `not_found`, `place_unknown`, and those of the staff record.
pub fn end(
    session: &Session,
    goods: &Goods,
    of: Subtree,
    organization: Option<Pubkey>,
) -> Result<(Instruction, Shipment)> {
    let (shipment, offer) = goods.shipment(session.cluster(), of)?;
    let operator_record = organization
        .as_ref()
        .map(|organization| session.staff(organization, Permission::HandOver))
        .transpose()?;
    let accounts = accounts::EndShipment {
        operator: organization.map(|_| session.key()),
        operator_record,
        organization,
        batch: goods.address,
        node: goods.records(of)?.0,
        shipment,
        payer: offer.payer,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::EndShipment {
        args: EndShipmentArgs { place: of.into() },
    };
    let end = crate::chain::instruction(provenance::ID, &accounts, &data);
    Ok((end, offer))
}
