//! `galen product show`

use std::fmt;

use provenance::state::Product;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::register::gtin_of;
use crate::chain::entity;
use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen product show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen product show 09506000134352")]
pub struct Args {
    /// The GTIN, 14 digits
    #[arg(value_name = "GTIN")]
    gtin: String,
}

/// Runs the command.
///
/// # Errors
/// `bad_gtin`, `not_found`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let (address, _) = Product::find_address(&gtin_of(&args.gtin)?);
    let cluster = Cluster::connect(settings)?;
    Answer::new(&View::new(address, &entity::get(&cluster, &address)?))
}

/// As JSON: `{"address": "...", "gtin": "...", "manufacturer": "...", "registered_at": 1}`.
#[derive(Serialize)]
pub struct View {
    address: String,
    gtin: String,
    manufacturer: String,
    registered_at: i64,
}

impl View {
    /// A product that was read.
    pub fn new(address: Pubkey, product: &Product) -> Self {
        Self {
            address: address.to_string(),
            gtin: String::from_utf8_lossy(&product.gtin).into_owned(),
            manufacturer: product.manufacturer.to_string(),
            registered_at: product.registered_at,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Product", self.address.clone()),
                ("GTIN", self.gtin.clone()),
                ("Manufacturer", self.manufacturer.clone()),
                ("Registered", moment(self.registered_at)),
            ],
        )
    }
}
