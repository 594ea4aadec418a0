//! `galen pack check`

use std::fmt;

use galen_batch::Proof;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::{
    answer, opened, readings, today, Answer as Verdict, Dispensed, Facts, Kept, Lacking, Path,
    Readings, Record, Reservation, Status,
};
use galen_rules::Date;
use provenance::convert::profile;
use provenance::state::{BatchPage, Custody, Dispense, DispenseKind, Monitor, Node};
use serde::Serialize;
use solana_pubkey::Pubkey;
use solana_sdk_ids::sysvar::clock;

use super::named::Named;
use crate::chain::goods::{class_word, decoded, depth_word, status, Goods};
use crate::chain::organization::resolve;
use crate::chain::when::{self, moment};
use crate::cluster::{unix_time_of, Cluster};
use crate::command::batch::against::Against;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack check BATCH batch.leaves --serial SN00000001 --org PHARMACY
  galen pack check BATCH batch.leaves --serial SN00000001 --org PHARMACY --against leaf-files/

Reads the ledger and sends nothing: no fee, no signature. Of a batch with limits of temperature a pack is sellable only as long as a
device reports from where it lies, and has done so since who asks received it, or somebody has assessed it since. A serial number that
is in another batch of the product, too, is suspect: looked into are the files *.leaves beside LEAVES and in the folder leaves of the home
folder (--home), as far as their batches are registered, and those that --against names. Exit code 1 where the pack may not be sold.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// Who asks: an organization's address or id
    #[arg(long, value_name = "ORG")]
    org: Option<Pubkey>,
    #[command(flatten)]
    against: Against,
}

/// As JSON: `{"answer": "sellable" | "recalled" | "dispensed" | "expired" | "suspect" | "not_sellable" | "reserved" | "opened" |
/// "not_in_custody" | "cannot_tell" | "no_page" | "no_readings" | "unknown", "says": "...", "readings_since": "..."}`; the last one where
/// there are limits of temperature, and readings of how what could be sold else was kept.
#[derive(Serialize)]
struct Report {
    answer: &'static str,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    readings_since: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `wrong_account`, `cluster_behind`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let pack = args.named.find(&cluster)?;
    let asker = match &args.org {
        Some(name) => resolve(&cluster, name)?.0,
        None => Pubkey::default(),
    };
    let leaves = args.named.leaves();
    let mut others = args
        .against
        .open_with_those_at_hand(&pack.goods, leaves, settings)?;
    let (mut facts, readings) = facts_of(&cluster, &pack.goods, &pack.proof, &asker)?;
    facts.is_elsewhere = others.share(args.named.serial(), &cluster, &pack.goods, settings)?;
    let verdict = answer(&facts).lacking(readings.lacking);
    let (word, says) = words(&verdict, args.org.is_some());
    let is_sellable = verdict == Verdict::Sellable;
    let is_told = is_sellable || matches!(verdict, Verdict::NoReadings(_));
    let readings_since = readings.since.filter(|_| is_told).map(moment);
    Answer::new(&Report {
        answer: word,
        says,
        readings_since,
    })
    .map(|answer| answer.with_success(is_sellable))
}

/// What the ledger knows of a pack, but whether its serial number is in another batch, too; and how far readings of how it was kept reach,
/// where there are limits to that. All that is recorded on its path is read in one question: it is of one moment, and it is told in
/// one answer.
///
/// # Errors
/// `wrong_account`, `cluster_odd`, `cluster_behind`, `wrong_clock`, `cluster_unreachable`.
pub fn facts_of(
    cluster: &Cluster,
    goods: &Goods,
    proof: &Proof,
    asker: &Pubkey,
) -> Result<(Facts, Readings)> {
    let odd = || CliError::new("wrong_account", "An account of the batch cannot be read.");
    let place = Subtree {
        level: Level::Pack,
        index: proof.index,
    };
    let places = goods.layout.path(place).ok_or_else(odd)?;
    let records: Vec<Subtree> = places.into_iter().flatten().collect();
    let nodes = records.iter().map(|of| Node::address(&goods.address, *of));
    let dispenses = records
        .iter()
        .map(|of| Dispense::address(&goods.address, *of));
    let number = goods.page_number(proof.index);
    let others = [BatchPage::address(&goods.address, number), clock::ID];
    let monitors = records
        .iter()
        .map(|of| Monitor::address(&goods.address, *of));
    let addresses: Vec<Pubkey> = nodes
        .chain(dispenses)
        .chain(others)
        .chain(monitors)
        .collect();
    let mut accounts = cluster.accounts(&addresses)?.into_iter().zip(&addresses);

    let mut recorded = [Record::default(); 4];
    let mut deciding: Option<Custody> = None;
    let mut taken: u32 = 0;
    let mut kept_at = [Kept::default(); 4];
    for ((place, of_place), kept) in places
        .into_iter()
        .zip(&mut recorded)
        .zip(kept_at.iter_mut())
    {
        let node: Option<Node> = match place {
            Some(of) => {
                let (account, address) = accounts.next().ok_or_else(odd)?;
                let node: Option<Node> = decoded(account, address, "record")?;
                if of.level == Level::Pack {
                    taken = node.map_or(0, |node| node.units_taken);
                }
                node
            }
            None => None,
        };
        let Some(node) = node else { continue };
        deciding = deciding.or(node.custody().map_err(|_| odd())?);
        *of_place = node.as_rule().map_err(|_| odd())?;
        kept.custodian = of_place.holding.map(|holding| holding.custodian);
        kept.since = of_place.holding.map(|holding| holding.at);
    }
    let mut kept: Vec<Dispense> = Vec::new();
    for _ in &records {
        let (account, address) = accounts.next().ok_or_else(odd)?;
        kept.extend(decoded::<Dispense>(account, address, "dispense")?);
    }
    let (page, _) = accounts.next().ok_or_else(odd)?;
    let mark = page
        .filter(|page| page.owner == provenance::ID)
        .map(|page| BatchPage::bit(&page.data, goods.batch.page_height, proof.index))
        .transpose()
        .map_err(|_| odd())?;
    let (clock, _) = accounts.next().ok_or_else(odd)?;
    let now = unix_time_of(clock.as_ref())?;
    cluster.require_current(now)?;
    for (_, kept) in places
        .into_iter()
        .zip(kept_at.iter_mut())
        .filter(|(place, _)| place.is_some())
    {
        let (account, address) = accounts.next().ok_or_else(odd)?;
        let monitor: Option<Monitor> = decoded(account, address, "monitor")?;
        kept.watch = monitor.map(|monitor| monitor.as_rule());
    }
    let read = profile(goods.batch.storage).map(|_| readings(&kept_at, now));
    let is_above = deciding.is_some_and(|custody| custody.status == Status::Dispensed);
    let facts = Facts {
        is_member: proof.holds(&goods.batch.root),
        is_elsewhere: false,
        is_dispensed: mark == Some(true) || is_above,
        dispensed: dispensed(&kept, deciding),
        reservation: kept
            .iter()
            .find(|record| record.is_reservation_in_force(now))
            .map(|record| Reservation {
                pharmacy: record.pharmacy.to_bytes(),
                claim: record.claim.to_bytes(),
                until: record.reserved_until,
            }),
        path: Path::of(&recorded),
        opened: opened(goods.batch.units, taken),
        is_page_open: mark.is_some(),
        expiry: goods.batch.expiry().map_err(|_| odd())?,
        today: today(now, when::offset()).ok_or_else(odd)?,
        asker: asker.to_bytes(),
        is_custody_recorded: goods.batch.is_custody_recorded(),
    };
    Ok((facts, read.unwrap_or_default()))
}

/// Where and when a pack was dispensed, alone or with its case or pallet: its record says so, until that is closed; of what was
/// dispensed as a whole, or filled from until it was empty, the place's own record does. A reservation says nothing of it.
fn dispensed(kept: &[Dispense], deciding: Option<Custody>) -> Option<Dispensed> {
    let of = |premises: Pubkey, at: i64, is_handed_out| {
        Some(Dispensed {
            premises: premises.to_bytes(),
            on: Date::from_unix(at)?,
            is_handed_out,
        })
    };
    let record = kept
        .iter()
        .find(|record| record.kind() == DispenseKind::Dispensed);
    match (record, deciding) {
        (Some(record), _) => of(record.pharmacy, record.at, record.is_handed_out != 0),
        (None, Some(custody)) if custody.status == Status::Dispensed => {
            of(custody.custodian, custody.at, false)
        }
        _ => None,
    }
}

/// An answer, by its stable name and in words; `is_asker_named` where it is known who asks.
pub fn words(verdict: &Verdict, is_asker_named: bool) -> (&'static str, String) {
    match verdict {
        Verdict::Unknown => ("unknown", "Unknown: this pack is not in the batch.".to_owned()),
        Verdict::Recalled(recall) => (
            "recalled",
            format!(
                "Recalled by {}, class {}, {}: not to be sold; back to who recalled it, to a reverse distributor or into destruction.",
                Pubkey::from(recall.issuer),
                class_word(recall.class),
                depth_word(recall.depth)
            ),
        ),
        Verdict::Dispensed(Some(dispensed)) => (
            "dispensed",
            format!(
                "Dispensed already, on {} by {}.",
                dispensed.on,
                Pubkey::from(dispensed.premises)
            ),
        ),
        Verdict::Dispensed(None) => (
            "dispensed",
            "Dispensed already; when and by whom is no longer on the ledger.".to_owned(),
        ),
        Verdict::Expired => ("expired", "Expired.".to_owned()),
        Verdict::Suspect => ("suspect", "Suspect: its serial number is in two batches.".to_owned()),
        Verdict::NotSellable(found) => (
            "not_sellable",
            format!("Not to be sold: {}.", status(*found).replace('_', " ")),
        ),
        Verdict::Reserved(kept) => (
            "reserved",
            format!(
                "Kept for the claim {} at {} until {}: dispensed for that claim only.",
                Pubkey::from(kept.claim),
                Pubkey::from(kept.pharmacy),
                moment(kept.until)
            ),
        ),
        Verdict::Opened(opened) => (
            "opened",
            format!(
                "Opened: {} base units are left in it. Not to be sold whole or taken back; its pharmacy fills from it with `galen pack fill`.",
                opened.left
            ),
        ),
        Verdict::NotInCustody if !is_asker_named => (
            "not_in_custody",
            "Genuine, not expired, not recalled, never dispensed, and in somebody's custody: who has it may sell it. Say with --org who asks.".to_owned(),
        ),
        Verdict::NotInCustody => (
            "not_in_custody",
            "Genuine, but not in your custody: accept its shipment first.".to_owned(),
        ),
        Verdict::CannotTell => (
            "cannot_tell",
            "Cannot tell: in the batch and not dispensed, but nobody records its way, so that a copy would look the same.".to_owned(),
        ),
        Verdict::NoPage => (
            "no_page",
            "Cannot tell: in the batch, but its page is not on the ledger, so that nobody can dispense it. Its manufacturer opens it with `galen batch open-page`.".to_owned(),
        ),
        Verdict::NoReadings(why) => (
            "no_readings",
            format!(
                "Genuine, in your custody, not expired, not recalled, never dispensed; but nobody can say that it was kept as it must be: {}.",
                match why {
                    Lacking::Never => "there are no readings of its temperature",
                    Lacking::Silent => "its device has not reported for more than a day",
                    Lacking::Partly => "readings of its temperature begin more than four hours after you received it",
                }
            ),
        ),
        Verdict::Sellable => ("sellable", "Genuine and sellable.".to_owned()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.says)?;
        match &self.readings_since {
            Some(since) => write!(f, " Readings of its temperature since {since}."),
            None => Ok(()),
        }
    }
}
