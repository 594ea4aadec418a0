//! `galen product register`

use galen_rules::gs1::has_check_digit;
use provenance::instructions::RegisterProductArgs;
use provenance::state::Product;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::show::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen product register`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen product register 09506000134352 --org MANUFACTURER

Signed by an operator of the manufacturer with the permission manage-batch. A GTIN has one maker; running it again is fine.")]
pub struct Args {
    /// The GTIN, 14 digits
    #[arg(value_name = "GTIN")]
    gtin: String,
    /// The manufacturer: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
}

/// The bytes of a GTIN.
///
/// # Errors
/// `bad_gtin`.
pub fn gtin_of(text: &str) -> Result<[u8; 14]> {
    text.as_bytes()
        .try_into()
        .ok()
        .filter(|gtin: &[u8; 14]| has_check_digit(gtin))
        .ok_or_else(|| {
            let message =
                format!("`{text}` is not a GTIN of 14 digits, the last one a check digit.");
            CliError::new("bad_gtin", message)
        })
}

/// Runs the command.
///
/// # Errors
/// `bad_gtin`, `product_of_other`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let gtin = gtin_of(&args.gtin)?;
    let session = Session::open(settings)?;
    let (manufacturer, _) = resolve(session.cluster(), &args.org)?;
    let (product, _) = Product::find_address(&gtin);
    if let Some(there) = entity::find::<Product>(session.cluster(), &product)? {
        if there.manufacturer != manufacturer {
            let message = format!(
                "{} is registered already, by {}.",
                args.gtin, there.manufacturer
            );
            return Err(CliError::new("product_of_other", message));
        }
        return Answer::new(&Change::unchanged(View::new(product, &there)));
    }
    let register = register(&session, manufacturer, gtin)?;
    let intent = Intent::new("Register a product")
        .with("GTIN", &args.gtin)
        .with("manufacturer", manufacturer);
    let receipt = session.execute(&intent, &[register], &[])?;
    let there = entity::get(session.cluster(), &product)?;
    Answer::new(&Change::created(View::new(product, &there), receipt))
}

/// The instruction that registers a product.
///
/// # Errors
/// Those of the staff record.
pub fn register(session: &Session, manufacturer: Pubkey, gtin: [u8; 14]) -> Result<Instruction> {
    let (product, _) = Product::find_address(&gtin);
    let accounts = accounts::RegisterProduct {
        operator: session.key(),
        operator_record: session.staff(&manufacturer, Permission::ManageBatch)?,
        manufacturer,
        product,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::RegisterProduct {
        args: RegisterProductArgs { gtin },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}
