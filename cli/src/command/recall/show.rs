//! `galen recall show`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use galen_rules::merkle::{Layout, Subtree};
use provenance::convert::{level_of, recall_class, recall_depth};
use provenance::state::{Acknowledgement, BatchPage, Node, RecallEntry, RecallSlot};
use serde::Serialize;
use solana_account::Account;
use solana_pubkey::Pubkey;

use crate::chain::entity::{self, offset};
use crate::chain::goods::{
    class_name, class_word, depth_name, depth_word, records, slot_name, Goods, PlaceName,
};
use crate::chain::text::hex;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen recall show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen recall show BATCH batch
  galen recall show BATCH case:3 --output json

Who has acknowledged each recall in force at the place, in time or late, with how many packs; and who has not, of those who have
anything of what is recalled in custody now. Who has handed everything on is in the batch's events, not here. Exit code 1 where a
deadline has passed and somebody has not acknowledged.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// What was recalled: batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
}

/// As JSON: `{"batch": "...", "place": "batch", "recalls": [{"of": "manufacturer" | "regulator", "issuer": "...", "class": "1",
/// "depth": "consumer", "notice": "...", "number": 1, "issued_at": 1, "respond_by": 1, "acknowledged": [{"organization": "...",
/// "packs": 6, "at": 1, "in_time": true}], "silent": [{"organization": "...", "places": ["case:3"]}], "overdue": false}]}`; times are
/// Unix seconds.
#[derive(Serialize)]
struct View {
    batch: String,
    place: String,
    recalls: Vec<RecallView>,
}

#[derive(Serialize)]
struct RecallView {
    of: &'static str,
    issuer: String,
    class: &'static str,
    depth: &'static str,
    notice: String,
    number: u32,
    issued_at: i64,
    respond_by: i64,
    acknowledged: Vec<Acknowledged>,
    silent: Vec<Silent>,
    overdue: bool,
    #[serde(skip)]
    says: String,
}

/// Who has acknowledged.
#[derive(Serialize)]
struct Acknowledged {
    organization: String,
    packs: u64,
    at: i64,
    in_time: bool,
}

/// Who has something of what is recalled and has not.
#[derive(Serialize)]
struct Silent {
    organization: String,
    places: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `not_recalled`, `place_unknown`, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let goods = Goods::read(&cluster, args.batch)?;
    let of = args.place.0;
    let address = goods.records(of)?.0;
    let in_force = match goods.node(&cluster, of)? {
        Some(node) => goods.recalls(&cluster, of, &node)?,
        None => Vec::new(),
    };
    if in_force.is_empty() {
        let message = format!("There is no recall of {} in force.", args.place);
        return Err(CliError::new("not_recalled", message));
    }
    let said: Vec<(Pubkey, Acknowledgement)> =
        entity::list(&cluster, &[(offset::ACKNOWLEDGEMENT_NODE, address)])?;
    let holders = holders(&cluster, &goods, of)?;
    let now = cluster.unix_time()?;
    let view = View {
        batch: goods.address.to_string(),
        place: args.place.to_string(),
        recalls: in_force
            .into_iter()
            .map(|(slot, recall)| RecallView::new(slot, &recall, &said, &holders, now))
            .collect(),
    };
    let is_complete = view.recalls.iter().all(|recall| !recall.overdue);
    Answer::new(&view).map(|answer| answer.with_success(is_complete))
}

/// Who has something of a place in custody, and at which places: those at or below it where custody is recorded. A pack that was kept
/// for a claim has a record of its own, which stays when it is dispensed: what patients have nobody has in custody.
fn holders(
    cluster: &Cluster,
    goods: &Goods,
    of: Subtree,
) -> Result<BTreeMap<Pubkey, Vec<Subtree>>> {
    let mut held: Vec<(Pubkey, Subtree, u32)> = Vec::new();
    for (_, node, _) in records::<Node>(cluster, &goods.address)? {
        let (Some(level), Ok(Some(custody))) = (level_of(node.level), node.custody()) else {
            continue;
        };
        let place = Subtree {
            level,
            index: node.index,
        };
        if !custody.status.is_final() && is_within(goods.layout, place, of) {
            held.push((custody.custodian, place, node.units_taken));
        }
    }
    let pages: BTreeSet<Pubkey> = held
        .iter()
        .filter_map(|(_, place, _)| goods.page_of(*place))
        .collect();
    let addresses: Vec<Pubkey> = pages.into_iter().collect();
    let pages: BTreeMap<Pubkey, Option<Account>> = addresses
        .iter()
        .copied()
        .zip(cluster.accounts(&addresses)?)
        .collect();
    let mut holders: BTreeMap<Pubkey, Vec<Subtree>> = BTreeMap::new();
    for (custodian, place, units_taken) in held {
        let page = goods
            .page_of(place)
            .and_then(|page| pages.get(&page)?.as_ref());
        let is_marked = page
            .filter(|page| page.owner == provenance::ID)
            .is_some_and(|page| {
                BatchPage::bit(&page.data, goods.batch.page_height, place.index).unwrap_or(false)
            });
        // Where opening a bottle dispenses it, the pharmacy has the rest of it still.
        let is_open = (1..goods.batch.units).contains(&units_taken);
        if !is_marked || is_open {
            holders.entry(custodian).or_default().push(place);
        }
    }
    Ok(holders)
}

/// Whether a place is another one, or lies in it.
fn is_within(layout: Layout, place: Subtree, of: Subtree) -> bool {
    layout
        .path(place)
        .is_some_and(|path| path.into_iter().flatten().any(|one| one == of))
}

impl RecallView {
    fn new(
        slot: RecallSlot,
        recall: &RecallEntry,
        said: &[(Pubkey, Acknowledgement)],
        holders: &BTreeMap<Pubkey, Vec<Subtree>>,
        now: i64,
    ) -> Self {
        let mut said: Vec<&Acknowledgement> = said
            .iter()
            .map(|(_, said)| said)
            .filter(|said| said.number == recall.number)
            .collect();
        said.sort_by_key(|said| (said.at, said.organization));
        let silent: Vec<Silent> = holders
            .iter()
            // Who has issued it need not be told.
            .filter(|(holder, _)| **holder != recall.issuer)
            .filter(|(holder, _)| !said.iter().any(|said| said.organization == **holder))
            .map(|(holder, places)| Silent {
                organization: holder.to_string(),
                places: places
                    .iter()
                    .map(|place| PlaceName(*place).to_string())
                    .collect(),
            })
            .collect();
        let (class, depth) = (recall_class(recall.class), recall_depth(recall.depth));
        Self {
            of: slot_name(slot),
            issuer: recall.issuer.to_string(),
            class: class.map_or("unset", class_name),
            depth: depth_name(depth),
            notice: hex(&recall.notice),
            number: recall.number,
            issued_at: recall.issued_at,
            respond_by: recall.respond_by,
            overdue: !silent.is_empty() && now > recall.respond_by,
            acknowledged: said
                .into_iter()
                .map(|said| Acknowledged {
                    organization: said.organization.to_string(),
                    packs: said.packs,
                    at: said.at,
                    in_time: said.is_in_time,
                })
                .collect(),
            silent,
            says: format!(
                "class {}, {}",
                class.map_or("not set yet", class_word),
                depth_word(depth)
            ),
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (number, recall) in self.recalls.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(
                f,
                "{} of {}, recalled by {} ({}): {}, number {}, since {}, to be acknowledged by {}",
                self.place,
                self.batch,
                recall.issuer,
                recall.of,
                recall.says,
                recall.number,
                moment(recall.issued_at),
                moment(recall.respond_by)
            )?;
            for said in &recall.acknowledged {
                write!(
                    f,
                    "\n  {}  {} packs, {}, {}",
                    said.organization,
                    said.packs,
                    moment(said.at),
                    if said.in_time { "in time" } else { "late" }
                )?;
            }
            for silent in &recall.silent {
                write!(
                    f,
                    "\n  {}  not acknowledged{}, has {}",
                    silent.organization,
                    if recall.overdue { ", overdue" } else { "" },
                    silent.places.join(", ")
                )?;
            }
        }
        Ok(())
    }
}
