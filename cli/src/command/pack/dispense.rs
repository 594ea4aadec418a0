//! `galen pack dispense`

use std::fmt;

use provenance::instructions::DispensePackArgs;
use provenance::state::{Dispense, Node};
use provenance::{accounts, instruction};
use registry::state::Permission;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::named::{Named, Pack};
use crate::chain::change::Change;
use crate::chain::goods::argument;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack dispense`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack dispense BATCH batch.leaves --serial SN00000001 --org PHARMACY
  galen pack dispense BATCH batch.leaves --serial SN00000001 --org PHARMACY --handed-out

Signed by an operator of the pharmacy with the permission dispense-pack. A pack is dispensed once: the second time is refused, and
the ledger says by whom and when it was. What has been handed out is never undone.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// The pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// It leaves the pharmacy now
    #[arg(long)]
    handed_out: bool,
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
    let [Some(pack_node), Some(case_node), Some(pallet_node), Some(batch_node)] =
        goods.path(pack.place)?
    else {
        return Err(CliError::new(
            "place_unknown",
            "The batch has no such pack.",
        ));
    };
    debug_assert_eq!(pack_node, Node::address(&goods.address, pack.place));
    let accounts = accounts::DispensePack {
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
    let data = instruction::DispensePack {
        args: DispensePackArgs {
            proof: argument(goods, &pack.proof),
            is_handed_out: args.handed_out,
        },
    };
    let intent = Intent::new("Dispense a pack")
        .with("GTIN", String::from_utf8_lossy(&pack.proof.gtin))
        .with("serial", args.named.serial())
        .with("pharmacy", pharmacy)
        .with(
            "handed out",
            if args.handed_out {
                "yes: never undone"
            } else {
                "not yet"
            },
        );
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::created(View::read(cluster, &pack)?, receipt))
}

/// As JSON: `{"address": "...", "batch": "...", "serial": "...", "pharmacy": "...", "operator": "...", "at": 1,
/// "handed_out": false}`.
#[derive(Serialize)]
pub struct View {
    address: String,
    batch: String,
    serial: String,
    pharmacy: String,
    operator: String,
    at: i64,
    handed_out: bool,
}

impl View {
    /// The dispense of a pack.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, pack: &Pack) -> Result<Self> {
        let record = pack.goods.dispense(cluster, pack.place)?.ok_or_else(|| {
            CliError::new(
                "not_found",
                "There is no record that this pack was dispensed.",
            )
        })?;
        Ok(Self {
            address: Dispense::address(&pack.goods.address, pack.place).to_string(),
            batch: pack.goods.address.to_string(),
            serial: pack.proof.serial.clone(),
            pharmacy: record.pharmacy.to_string(),
            operator: record.operator.to_string(),
            at: record.at,
            handed_out: record.is_handed_out != 0,
        })
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Dispensed", self.serial.clone()),
                ("Record", self.address.clone()),
                ("Pharmacy", self.pharmacy.clone()),
                ("By", self.operator.clone()),
                ("At", moment(self.at)),
                (
                    "Handed out",
                    if self.handed_out { "yes" } else { "no" }.to_owned(),
                ),
            ],
        )
    }
}
