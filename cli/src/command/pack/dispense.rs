//! `galen pack dispense`

use std::fmt;

use galen_rules::merkle::Level;
use provenance::instructions::{DispensePackArgs, DispenseSubtreeArgs};
use provenance::state::{BatchPage, Dispense, DispenseKind};
use provenance::{accounts, instruction};
use registry::state::Permission;
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::named::{Named, Pack, Whole};
use crate::chain::change::Change;
use crate::chain::goods::{argument, subtree_proof, PlaceName};
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
  galen pack dispense BATCH batch.leaves --serial SN00000001 --org PHARMACY --whole case

Signed by an operator of the pharmacy with the permission dispense-pack. A pack is dispensed once: the second time is refused, and
the answer says by whom and when it was. What has been handed out is never undone. With --whole, all packs of the case or pallet
that the pack is in are dispensed in one record; none of them may be dispensed yet.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// The pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// All of what the pack is part of
    #[arg(long, value_enum)]
    whole: Option<Whole>,
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
    let pack = args.named.find_whole(cluster, args.whole)?;
    let (pharmacy, _) = resolve(cluster, &args.org)?;
    let dispense = dispense(&session, &pack, pharmacy, args.credential, args.handed_out)?;
    let intent = Intent::new("Dispense")
        .with("what", PlaceName(pack.place))
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
    let receipt = session
        .execute(&intent, &[dispense], &[])
        .map_err(|error| with_the_first(cluster, &pack, error))?;
    Answer::new(&Change::created(View::read(cluster, &pack)?, receipt))
}

/// The refusal of a second dispense, with who dispensed first and when, while its record is kept.
fn with_the_first(cluster: &Cluster, pack: &Pack, error: CliError) -> CliError {
    if error.code != "already_dispensed" {
        return error;
    }
    match pack.goods.dispensed(cluster, pack.place) {
        Ok(Some(first)) => CliError {
            message: format!(
                "{} It was dispensed on {} by {}, at the hand of {}.",
                error.message,
                moment(first.at),
                first.pharmacy,
                first.operator
            ),
            ..error
        },
        _ => error,
    }
}

/// The instruction that dispenses a pack, or all of the case or pallet that is its place.
///
/// # Errors
/// `credential_missing`, `not_on_one_page`, `place_unknown`, and those of the staff record.
pub fn dispense(
    session: &Session,
    pack: &Pack,
    pharmacy: Pubkey,
    credential: u32,
    is_handed_out: bool,
) -> Result<Instruction> {
    let parties = Parties {
        operator: session.key(),
        operator_record: session.staff(&pharmacy, Permission::DispensePack)?,
        pharmacy,
        credential: pack
            .goods
            .credential(session.cluster(), &pharmacy, credential)?,
    };
    match pack.place.level {
        Level::Pack => one(pack, &parties, is_handed_out),
        _ => whole(pack, &parties, is_handed_out),
    }
}

/// Who dispenses.
struct Parties {
    operator: Pubkey,
    operator_record: Pubkey,
    pharmacy: Pubkey,
    credential: Pubkey,
}

fn one(pack: &Pack, parties: &Parties, is_handed_out: bool) -> Result<Instruction> {
    let goods = &pack.goods;
    let [pack_node, case_node, pallet_node, batch_node] = pack.records()?;
    let accounts = accounts::DispensePack {
        operator: parties.operator,
        operator_record: parties.operator_record,
        pharmacy: parties.pharmacy,
        credential: parties.credential,
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
            is_handed_out,
        },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}

fn whole(pack: &Pack, parties: &Parties, is_handed_out: bool) -> Result<Instruction> {
    let goods = &pack.goods;
    let (node, [_, pallet_above, batch_above]) = goods.records(pack.place)?;
    let (hash, siblings) = subtree_proof(goods, &pack.proof, pack.place).ok_or_else(|| {
        let message = format!(
            "{} does not lie on one page of 2^{} packs; dispense its cases one by one.",
            PlaceName(pack.place),
            goods.batch.page_height
        );
        CliError::new("not_on_one_page", message)
    })?;
    let page = goods.page_number(pack.proof.index);
    let accounts = accounts::DispenseSubtree {
        operator: parties.operator,
        operator_record: parties.operator_record,
        pharmacy: parties.pharmacy,
        credential: parties.credential,
        batch: goods.address,
        page: BatchPage::address(&goods.address, page),
        node,
        pallet_above,
        batch_above: batch_above.unwrap_or_default(),
        dispense: Dispense::address(&goods.address, pack.place),
        claim: None,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::DispenseSubtree {
        args: DispenseSubtreeArgs {
            place: pack.place.into(),
            hash,
            siblings,
            is_handed_out,
        },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}

/// As JSON: `{"address": "...", "batch": "...", "place": "pack:3", "serial": "...", "kind": "dispensed" | "reserved",
/// "pharmacy": "...", "operator": "...", "claim": "..." or null, "at": 1, "reserved_until": 1 or null, "handed_out": false}`.
#[derive(Serialize)]
pub struct View {
    address: String,
    batch: String,
    place: String,
    serial: String,
    kind: &'static str,
    pharmacy: String,
    operator: String,
    claim: Option<String>,
    at: i64,
    reserved_until: Option<i64>,
    handed_out: bool,
}

impl View {
    /// The dispense of a pack, or of what it is part of; or what keeps it for a claim.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, pack: &Pack) -> Result<Self> {
        Ok(Self::new(pack, &record(cluster, pack)?))
    }

    /// A record that was read.
    pub fn new(pack: &Pack, record: &Dispense) -> Self {
        let is_reserved = record.kind() == DispenseKind::Reserved;
        Self {
            address: Dispense::address(&pack.goods.address, pack.place).to_string(),
            batch: pack.goods.address.to_string(),
            place: PlaceName(pack.place).to_string(),
            serial: pack.proof.serial.clone(),
            kind: if is_reserved { "reserved" } else { "dispensed" },
            pharmacy: record.pharmacy.to_string(),
            operator: record.operator.to_string(),
            claim: (record.claim != Pubkey::default()).then(|| record.claim.to_string()),
            at: record.at,
            reserved_until: is_reserved.then_some(record.reserved_until),
            handed_out: record.is_handed_out != 0,
        }
    }
}

/// The record of a dispense or a reservation.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn record(cluster: &Cluster, pack: &Pack) -> Result<Dispense> {
    pack.goods.dispense(cluster, pack.place)?.ok_or_else(|| {
        let message = format!(
            "There is no record that {} was dispensed or reserved.",
            PlaceName(pack.place)
        );
        CliError::new("not_found", message)
    })
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let title = match self.kind {
            "reserved" => "Reserved",
            _ => "Dispensed",
        };
        let mut rows = vec![
            (title, format!("{}, {}", self.serial, self.place)),
            ("Record", self.address.clone()),
            ("Pharmacy", self.pharmacy.clone()),
            ("By", self.operator.clone()),
            ("At", moment(self.at)),
        ];
        if let Some(claim) = &self.claim {
            rows.push(("Claim", claim.clone()));
        }
        match self.reserved_until {
            Some(until) => rows.push(("Until", moment(until))),
            None => rows.push((
                "Handed out",
                if self.handed_out { "yes" } else { "no" }.to_owned(),
            )),
        }
        facts(f, &rows)
    }
}
