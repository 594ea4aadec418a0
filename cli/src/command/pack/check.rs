//! `galen pack check`

use std::fmt;

use galen_batch::Proof;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::{answer, Answer as Verdict, Dispensed, Facts, Holding, Path};
use galen_rules::Date;
use provenance::state::{BatchPage, Dispense, Node};
use serde::Serialize;
use solana_pubkey::Pubkey;
use solana_sdk_ids::sysvar::clock;

use super::named::Named;
use crate::chain::goods::{decoded, recall_of, status, Goods};
use crate::chain::organization::resolve;
use crate::cluster::{unix_time_of, Cluster};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack check BATCH batch.leaves --serial SN00000001 --org PHARMACY

Reads the ledger and sends nothing: no fee, no signature. Exit code 1 where the pack may not be sold.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// Who asks: an organization's address or id
    #[arg(long, value_name = "ORG")]
    org: Option<Pubkey>,
}

/// As JSON: `{"answer": "sellable" | "recalled" | "dispensed" | "expired" | "suspect" | "not_sellable" | "not_in_custody" |
/// "cannot_tell" | "unknown", "says": "..."}`.
#[derive(Serialize)]
struct Report {
    answer: &'static str,
    says: String,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let pack = args.named.find(&cluster)?;
    let asker = match &args.org {
        Some(name) => resolve(&cluster, name)?.0,
        None => Pubkey::default(),
    };
    let verdict = answer(&facts_of(&cluster, &pack.goods, &pack.proof, &asker)?);
    let (word, says) = words(&verdict);
    let is_sellable = verdict == Verdict::Sellable;
    Answer::new(&Report { answer: word, says }).map(|answer| answer.with_success(is_sellable))
}

/// What the ledger knows of a pack. All that is recorded on its path is read in one question: it is of one moment, and it is told
/// in one answer.
///
/// # Errors
/// `wrong_account`, `cluster_odd`, `cluster_unreachable`.
pub fn facts_of(cluster: &Cluster, goods: &Goods, proof: &Proof, asker: &Pubkey) -> Result<Facts> {
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
    let addresses: Vec<Pubkey> = nodes.chain(dispenses).chain(others).collect();
    let mut accounts = cluster.accounts(&addresses)?.into_iter().zip(&addresses);

    let mut path = Path::default();
    for ((place, holding), recall) in places
        .into_iter()
        .zip(path.holdings.iter_mut())
        .zip(path.recalls.iter_mut())
    {
        let node: Option<Node> = match place {
            Some(_) => {
                let (account, address) = accounts.next().ok_or_else(odd)?;
                decoded(account, address, "record")?
            }
            None => None,
        };
        let custody = node
            .map(|node| node.custody())
            .transpose()
            .map_err(|_| odd())?
            .flatten();
        *holding = custody.map(|custody| Holding {
            custodian: custody.custodian.to_bytes(),
            status: custody.status,
        });
        *recall = recall_of(node.as_ref());
    }
    let mut record: Option<Dispense> = None;
    for _ in &records {
        let (account, address) = accounts.next().ok_or_else(odd)?;
        record = record.or(decoded(account, address, "dispense")?);
    }
    let (page, _) = accounts.next().ok_or_else(odd)?;
    let is_marked = match page {
        Some(page) if page.owner == provenance::ID => {
            BatchPage::bit(&page.data, goods.batch.page_height, proof.index).map_err(|_| odd())?
        }
        _ => false,
    };
    let (clock, _) = accounts.next().ok_or_else(odd)?;
    let today = Date::from_unix(unix_time_of(clock.as_ref())?).ok_or_else(odd)?;
    Ok(Facts {
        is_member: proof.holds(&goods.batch.root),
        is_elsewhere: false,
        dispensed: dispensed(is_marked, record.as_ref(), &path, today),
        path,
        expiry: goods.batch.expiry().map_err(|_| odd())?,
        today,
        asker: asker.to_bytes(),
        is_custody_recorded: goods.batch.is_custody_recorded(),
    })
}

/// That the pack was dispensed, alone or with its case or pallet: by its bit on the page, or by what is recorded above it. Who and
/// when, the record says; where it is closed, who has the goods.
fn dispensed(
    is_marked: bool,
    record: Option<&Dispense>,
    path: &Path,
    today: Date,
) -> Option<Dispensed> {
    use galen_rules::provenance::Status;
    let holding = path.holding();
    let is_above = holding.is_some_and(|holding| holding.status == Status::Dispensed);
    if !is_marked && !is_above {
        return None;
    }
    let (premises, on) = match record {
        Some(record) => (
            record.pharmacy.to_bytes(),
            Date::from_unix(record.at).unwrap_or(today),
        ),
        None => (
            holding.map(|holding| holding.custodian).unwrap_or_default(),
            today,
        ),
    };
    Some(Dispensed {
        premises,
        on,
        is_handed_out: false,
    })
}

/// An answer, by its stable name and in words.
pub fn words(verdict: &Verdict) -> (&'static str, String) {
    match verdict {
        Verdict::Unknown => ("unknown", "Unknown: this pack is not in the batch.".to_owned()),
        Verdict::Recalled(recall) => (
            "recalled",
            format!(
                "Recalled by {}, class {:?}: not to be sold; back to who recalled it, to a reverse distributor or into destruction.",
                Pubkey::from(recall.issuer),
                recall.class
            ),
        ),
        Verdict::Dispensed(dispensed) => (
            "dispensed",
            format!(
                "Dispensed already, on {} by {}.",
                dispensed.on,
                Pubkey::from(dispensed.premises)
            ),
        ),
        Verdict::Expired => ("expired", "Expired.".to_owned()),
        Verdict::Suspect => ("suspect", "Suspect: its serial number is in two batches.".to_owned()),
        Verdict::NotSellable(found) => (
            "not_sellable",
            format!("Not to be sold: {}.", status(*found).replace('_', " ")),
        ),
        Verdict::NotInCustody => (
            "not_in_custody",
            "Genuine, but not in your custody: accept its shipment first.".to_owned(),
        ),
        Verdict::CannotTell => (
            "cannot_tell",
            "Cannot tell: in the batch and not dispensed, but nobody records its way, so that a copy would look the same.".to_owned(),
        ),
        Verdict::Sellable => ("sellable", "Genuine and sellable.".to_owned()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.says)
    }
}
