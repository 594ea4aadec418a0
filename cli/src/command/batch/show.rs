//! `galen batch show`

use std::fmt;

use galen_rules::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

use super::view::LayoutView;
use crate::chain::goods::Goods;
use crate::chain::text::{facts, hex};
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen batch show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch show BATCH
  galen batch show BATCH --location https://packs.example/A1.leaves

The ledger has a hash of where the leaf file is served, not the address: the file names every pack. Who was given an address holds it
against the ledger with --location; exit code 1 where another one was registered.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// Where the leaf file is said to be served
    #[arg(long, value_name = "URL")]
    location: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let goods = Goods::read(&cluster, args.batch)?;
    let mut view = View::new(&goods);
    view.location_registered = args
        .location
        .as_ref()
        .map(|said| goods.batch.location == *Sha256::digest(said.as_bytes()));
    let is_other = view.location_registered == Some(false);
    Answer::new(&view).map(|answer| answer.with_success(!is_other))
}

/// As JSON: `{"address": "...", "product": "...", "manufacturer": "...", "gtin": "...", "lot": "...", "expiry": "2028-03-31",
/// "quantity": 1, "root": "...", "layout": {...}, "page_height": 12, "pages": 0, "custody_recorded": true, "units": 0, "opening_dispenses": false, "scan_kmh": 0, "scan_limit": 0, "bond": null, "cover": 0, "leaf_file": "...",
/// "location": "...", "location_registered": true or null where none was said, "registered_at": 1}`.
#[derive(Serialize)]
pub struct View {
    address: String,
    product: String,
    manufacturer: String,
    gtin: String,
    lot: String,
    expiry: Option<String>,
    quantity: u64,
    root: String,
    layout: LayoutView,
    page_height: u8,
    pages: u32,
    custody_recorded: bool,
    units: u32,
    opening_dispenses: bool,
    scan_kmh: u16,
    scan_limit: u8,
    bond: Option<String>,
    cover: u64,
    leaf_file: String,
    location: String,
    location_registered: Option<bool>,
    registered_at: i64,
}

impl View {
    /// A batch that was read.
    pub fn new(goods: &Goods) -> Self {
        let batch = &goods.batch;
        let lot = batch
            .lot
            .split(|byte| *byte == 0)
            .next()
            .unwrap_or_default();
        Self {
            address: goods.address.to_string(),
            product: batch.product.to_string(),
            manufacturer: batch.manufacturer.to_string(),
            gtin: String::from_utf8_lossy(&batch.gtin).into_owned(),
            lot: String::from_utf8_lossy(lot).into_owned(),
            expiry: Date::from_days(batch.expiry).map(|day| day.to_string()),
            quantity: batch.quantity,
            root: hex(&batch.root),
            layout: goods.layout.into(),
            page_height: batch.page_height,
            pages: batch.pages,
            custody_recorded: batch.is_custody_recorded(),
            units: batch.units,
            opening_dispenses: batch.opening_dispenses(),
            scan_kmh: batch.scan_kmh,
            scan_limit: batch.scan_limit,
            bond: batch.is_covered().then(|| batch.bond.to_string()),
            cover: batch.cover,
            leaf_file: hex(&batch.leaf_file),
            location: hex(&batch.location),
            location_registered: None,
            registered_at: batch.registered_at,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Batch", self.address.clone()),
                ("GTIN", self.gtin.clone()),
                ("Lot", self.lot.clone()),
                ("Expiry", self.expiry.clone().unwrap_or_default()),
                ("Packs", self.quantity.to_string()),
                ("Manufacturer", self.manufacturer.clone()),
                ("Root", self.root.clone()),
                ("Leaf file", format!("SHA-256 {}", self.leaf_file)),
                (
                    "Location",
                    match self.location_registered {
                        None => format!("SHA-256 {}", self.location),
                        Some(true) => "the one that was said".to_owned(),
                        Some(false) => "not the one that was said".to_owned(),
                    },
                ),
                (
                    "Pages",
                    format!("{} of 2^{} packs each", self.pages, self.page_height),
                ),
                (
                    "Custody",
                    if self.custody_recorded {
                        "recorded"
                    } else {
                        "not recorded"
                    }
                    .to_owned(),
                ),
                (
                    "Base units",
                    match (self.units, self.opening_dispenses) {
                        (0, _) => "a pack is not filled from".to_owned(),
                        (units, false) => format!("{units} a pack"),
                        (units, true) => format!("{units} a pack, dispensed when it is opened"),
                    },
                ),
                (
                    "Scans",
                    match self.scan_limit {
                        0 => "not judged".to_owned(),
                        limit => format!(
                            "suspect after {limit} that are faster than {} km/h",
                            self.scan_kmh
                        ),
                    },
                ),
                (
                    "Bond",
                    self.bond.as_ref().map_or_else(
                        || "none".to_owned(),
                        |bond| format!("{bond}, up to {} a pack", money(self.cover)),
                    ),
                ),
                ("Registered", moment(self.registered_at)),
            ],
        )
    }
}
