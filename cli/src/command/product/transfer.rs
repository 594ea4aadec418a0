//! `galen product transfer`

use provenance::state::Product;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::register::gtin_of;
use super::show::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::command::governance::view;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen product transfer`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen product transfer 09506000134352 --to MANUFACTURER

Signed by an operator of the manufacturer that owns the product, with the permission manage-batch; or by governance, where somebody has
registered another's GTIN. Batches stay with whoever registered them; later ones are the new owner's. Running it again is fine.")]
pub struct Args {
    /// The GTIN, 14 digits
    #[arg(value_name = "GTIN")]
    gtin: String,
    /// The manufacturer that will own it: its address or id
    #[arg(long, value_name = "ORG")]
    to: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `bad_gtin`, `not_found`, those of the staff record, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let (product, _) = Product::find_address(&gtin_of(&args.gtin)?);
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let (recipient, _) = resolve(cluster, &args.to)?;
    let there: Product = entity::get(cluster, &product)?;
    let owner = there.manufacturer;
    if owner == recipient {
        return Answer::new(&Change::unchanged(View::new(product, &there)));
    }
    let (config, governing) = view::read(cluster)?;
    let operator_record = if governing.governance == session.key() {
        None
    } else {
        Some(session.staff(&owner, Permission::ManageBatch)?)
    };
    let decides = operator_record.map_or("governance", |_| "its owner");
    let accounts = accounts::TransferProduct {
        authority: session.key(),
        operator_record,
        manufacturer: owner,
        recipient,
        config,
        product,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Give a product to another manufacturer")
        .with("GTIN", &args.gtin)
        .with("from", owner)
        .with("to", recipient)
        .with("decided by", decides);
    let data = instruction::TransferProduct {};
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    let there = entity::get(session.cluster(), &product)?;
    Answer::new(&Change::changed(View::new(product, &there), receipt))
}
