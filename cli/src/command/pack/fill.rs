//! `galen pack fill`

use std::fmt;

use provenance::instructions::FillPackArgs;
use provenance::state::Dispense;
use provenance::{accounts, instruction};
use registry::state::Permission;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::named::{Named, Pack};
use crate::chain::change::Change;
use crate::chain::goods::{argument, status, PlaceName};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::facts;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack fill`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack fill BATCH batch.leaves --serial SN00000001 --org PHARMACY --units 30
  galen pack fill BATCH batch.leaves --serial SN00000001 --org PHARMACY --total 60

Signed by an operator of the pharmacy with the permission dispense-pack; the batch must have been registered with --units. The pack
counts as dispensed once it is empty. `--units` takes so many out each time it is run; `--total` takes what is missing until so many have
been taken out of the pack since it was opened, so running it again takes nothing.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// The pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// Base units to take out (tablets of a bottle)
    #[arg(long, value_name = "COUNT", required_unless_present = "total")]
    units: Option<u32>,
    /// Take out what is missing to so many base units taken out of the pack in all
    #[arg(long, value_name = "COUNT", conflicts_with = "units")]
    total: Option<u32>,
    /// Number of the pharmacy's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    credential: u32,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `credential_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let pack = args.named.find(cluster)?;
    let (pharmacy, _) = resolve(cluster, &args.org)?;
    let goods = &pack.goods;
    let taken = goods
        .node(cluster, pack.place)?
        .map_or(0, |node| node.units_taken);
    let missing = args.total.map(|total| total.saturating_sub(taken));
    if missing == Some(0) && taken > 0 {
        return Answer::new(&Change::unchanged(View::read(cluster, &pack)?));
    }
    // Nothing at all is refused by the program, by its name.
    let units = args.units.or(missing).unwrap_or_default();
    let [pack_node, case_node, pallet_node, batch_node] = pack.records()?;
    let accounts = accounts::FillPack {
        operator: session.key(),
        operator_record: session.staff(&pharmacy, Permission::DispensePack)?,
        pharmacy,
        credential: goods.credential(cluster, &pharmacy, args.credential)?,
        batch: goods.address,
        page: goods.page_of(pack.place).unwrap_or_default(),
        pack_node,
        case_node,
        pallet_node,
        batch_node,
        dispense: Dispense::address(&goods.address, pack.place),
        claim: None,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::FillPack {
        args: FillPackArgs {
            proof: argument(goods, &pack.proof),
            units,
        },
    };
    let intent = Intent::new("Fill from a pack")
        .with("serial", args.named.serial())
        .with("units", units)
        .with("pharmacy", pharmacy);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(View::read(cluster, &pack)?, receipt))
}

/// As JSON: `{"batch": "...", "place": "pack:3", "serial": "...", "status": "partially_dispensed", "units_taken": 30,
/// "units_left": 70}`.
#[derive(Serialize)]
struct View {
    batch: String,
    place: String,
    serial: String,
    status: String,
    units_taken: u32,
    units_left: u32,
}

impl View {
    /// What is left in a pack.
    fn read(cluster: &Cluster, pack: &Pack) -> Result<Self> {
        let missing = || CliError::new("not_found", "Nothing is recorded of this pack.");
        let node = pack.goods.node(cluster, pack.place)?.ok_or_else(missing)?;
        let custody = node.custody().ok().flatten().ok_or_else(missing)?;
        Ok(Self {
            batch: pack.goods.address.to_string(),
            place: PlaceName(pack.place).to_string(),
            serial: pack.proof.serial.clone(),
            status: status(custody.status),
            units_taken: node.units_taken,
            units_left: pack.goods.batch.units.saturating_sub(node.units_taken),
        })
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Pack", format!("{}, {}", self.serial, self.place)),
                ("Status", self.status.replace('_', " ")),
                ("Units taken", self.units_taken.to_string()),
                ("Units left", self.units_left.to_string()),
            ],
        )
    }
}
