//! `galen shipment accept`

use galen_rules::merkle::{Level, Subtree};
use provenance::instructions::AcceptShipmentArgs;
use provenance::state::{Node, Shipment};
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::goods::{Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen shipment accept`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen shipment accept BATCH pallet:0
  galen shipment accept BATCH pallet:0 --refuse 1 --refuse 2

Signed by an operator of the recipient with the permission hand-over. What is refused, missing or damaged, stays with the sender: cases
of a pallet, packs of a case, pallets of a batch, by their numbers.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// Number of a child that stays with the sender
    #[arg(long, value_name = "NUMBER")]
    refuse: Vec<u64>,
    /// Number of the recipient's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    credential: u32,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `credential_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let of = args.place.0;
    let (accept, offer) = accept(&session, &goods, of, &args.refuse, args.credential)?;
    let recipient = offer.recipient;
    let intent = Intent::new("Accept a shipment")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("from", offer.sender)
        .with("to", recipient)
        .with("refused", args.refuse.len());
    let receipt = session.execute(&intent, &[accept], &[])?;
    Answer::new(&Change::changed(
        PlaceView::read(cluster, &goods, of)?,
        receipt,
    ))
}

/// The instruction that accepts what is on offer at a place, and the offer.
///
/// # Errors
/// `not_found`, `credential_missing`, `nothing_to_refuse`, and those of the staff record.
pub fn accept(
    session: &Session,
    goods: &Goods,
    of: Subtree,
    refuse: &[u64],
    credential: u32,
) -> Result<(Instruction, Shipment)> {
    let cluster = session.cluster();
    let (shipment, offer) = goods.shipment(cluster, of)?;
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    let recipient = offer.recipient;
    let accounts = accounts::AcceptShipment {
        operator: session.key(),
        operator_record: session.staff(&recipient, Permission::HandOver)?,
        recipient,
        credential: goods.credential(cluster, &recipient, credential)?,
        batch: goods.address,
        node,
        case_above,
        pallet_above,
        batch_above,
        shipment,
        payer: offer.payer,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::AcceptShipment {
        args: AcceptShipmentArgs {
            place: of.into(),
            refused: refuse.to_vec(),
        },
    };
    let mut accept = crate::chain::instruction(provenance::ID, &accounts, &data);
    if !refuse.is_empty() {
        let level = below(of.level)?;
        accept.accounts.extend(refuse.iter().map(|index| {
            let child = Subtree {
                level,
                index: *index,
            };
            AccountMeta::new(Node::address(&goods.address, child), false)
        }));
    }
    Ok((accept, offer))
}

/// The level of what is directly in it.
fn below(level: Level) -> Result<Level> {
    match level {
        Level::Batch => Ok(Level::Pallet),
        Level::Pallet => Ok(Level::Case),
        Level::Case => Ok(Level::Pack),
        Level::Pack => Err(CliError::new(
            "nothing_to_refuse",
            "A pack is accepted or rejected whole: `galen shipment end` rejects it.",
        )),
    }
}
