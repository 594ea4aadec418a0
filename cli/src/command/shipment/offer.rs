//! `galen shipment offer`

use std::path::PathBuf;

use galen_rules::merkle::Subtree;
use provenance::instructions::OfferShipmentArgs;
use provenance::state::{Shipment, ShipmentTerms};
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::goods::{digest_of, Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::when::Span;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen shipment offer`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen shipment offer BATCH pallet:0 --from MANUFACTURER --to WHOLESALER --within 7d --documents invoice.pdf
  galen shipment offer BATCH case:3 --from WHOLESALER --to PHARMACY --within 7d --documents invoice.pdf
  galen shipment offer BATCH case:3 --from PHARMACY --to WHOLESALER --within 7d --documents note.pdf --return

Signed by an operator of the sender with the permission hand-over. Until the recipient accepts, it stays in the sender's custody and
cannot be sold.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// The sender: its address or id
    #[arg(long, value_name = "ORG")]
    from: Pubkey,
    /// The recipient: its address or id
    #[arg(long, value_name = "ORG")]
    to: Pubkey,
    /// How long it can be accepted: at most 90d
    #[arg(long, value_name = "SPAN")]
    within: Span,
    /// The documents that go with it; their hash is written
    #[arg(long, value_name = "FILE")]
    documents: PathBuf,
    /// Hand over possession only, not ownership
    #[arg(long)]
    without_sale: bool,
    /// Sent back by a customer: to be verified before it is sold again
    #[arg(long = "return")]
    is_return: bool,
    /// Number of the sender's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    credential: u32,
    /// Number of the recipient's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    recipient_credential: u32,
}

/// Runs the command.
///
/// # Errors
/// `place_unknown`, `credential_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let (sender, _) = resolve(cluster, &args.from)?;
    let (recipient, _) = resolve(cluster, &args.to)?;
    let of = args.place.0;
    let terms = ShipmentTerms {
        accept_within: args.within.seconds(),
        is_sale: !args.without_sale,
        is_return: args.is_return,
        documents: digest_of(&args.documents)?,
    };
    let parties = Parties {
        sender,
        credential: args.credential,
        recipient,
        recipient_credential: args.recipient_credential,
    };
    let offer = offer(&session, &goods, of, &parties, terms)?;
    let intent = Intent::new("Offer to hand over")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("from", sender)
        .with("to", recipient)
        .with(
            "ownership",
            if terms.is_sale { "goes over" } else { "stays" },
        );
    let receipt = session.execute(&intent, &[offer], &[])?;
    Answer::new(&Change::changed(
        PlaceView::read(cluster, &goods, of)?,
        receipt,
    ))
}

/// Who hands over to whom, and under which of their credentials.
pub struct Parties {
    /// The sender's organisation account.
    pub sender: Pubkey,
    /// Number of its credential.
    pub credential: u32,
    /// The recipient's organisation account.
    pub recipient: Pubkey,
    /// Number of its credential.
    pub recipient_credential: u32,
}

/// The instruction that offers a place.
///
/// # Errors
/// `place_unknown`, `credential_missing`, and those of the staff record.
pub fn offer(
    session: &Session,
    goods: &Goods,
    of: Subtree,
    parties: &Parties,
    terms: ShipmentTerms,
) -> Result<Instruction> {
    let cluster = session.cluster();
    let (sender, recipient) = (parties.sender, parties.recipient);
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    let accounts = accounts::OfferShipment {
        operator: session.key(),
        operator_record: session.staff(&sender, Permission::HandOver)?,
        sender,
        credential: goods.credential(cluster, &sender, parties.credential)?,
        recipient,
        recipient_credential: goods.credential(
            cluster,
            &recipient,
            parties.recipient_credential,
        )?,
        batch: goods.address,
        page: goods.page_of(of),
        node,
        case_above,
        pallet_above,
        batch_above,
        shipment: Shipment::address(&goods.address, of),
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::OfferShipment {
        args: OfferShipmentArgs {
            place: of.into(),
            terms,
        },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}
