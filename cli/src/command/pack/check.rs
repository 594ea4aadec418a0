//! `galen pack check`

use std::fmt;

use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::{answer, Answer as Verdict, Dispensed, Facts, Holding, Path};
use galen_rules::Date;
use provenance::state::BatchPage;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::named::{Named, Pack};
use crate::chain::goods::{recall_of, status};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
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
/// Those of the leaf file, `page_closed`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let pack = args.named.find(&cluster)?;
    let asker = match &args.org {
        Some(name) => resolve(&cluster, name)?.0,
        None => Pubkey::default(),
    };
    let verdict = answer(&facts_of(&cluster, &pack, &asker)?);
    let (word, says) = words(&verdict);
    let is_sellable = verdict == Verdict::Sellable;
    Answer::new(&Report { answer: word, says }).map(|answer| answer.with_success(is_sellable))
}

/// What the ledger knows of a pack.
fn facts_of(cluster: &Cluster, pack: &Pack, asker: &Pubkey) -> Result<Facts> {
    let goods = &pack.goods;
    let odd = || CliError::new("wrong_account", "An account of the batch cannot be read.");
    let places = goods.layout.path(pack.place).ok_or_else(odd)?;
    let mut path = Path::default();
    for ((place, holding), recall) in places
        .into_iter()
        .zip(path.holdings.iter_mut())
        .zip(path.recalls.iter_mut())
    {
        let node = place
            .map(|place| goods.node(cluster, place))
            .transpose()?
            .flatten();
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
    let now = cluster.unix_time()?;
    let today = Date::from_unix(now).ok_or_else(odd)?;
    Ok(Facts {
        is_member: pack.proof.holds(&goods.batch.root),
        is_elsewhere: false,
        dispensed: dispensed(cluster, pack, &path, today)?,
        path,
        expiry: goods.batch.expiry().map_err(|_| odd())?,
        today,
        asker: asker.to_bytes(),
        is_custody_recorded: goods.batch.is_custody_recorded(),
    })
}

/// That the pack was dispensed, alone or with its case or pallet.
fn dispensed(
    cluster: &Cluster,
    pack: &Pack,
    path: &Path,
    today: Date,
) -> Result<Option<Dispensed>> {
    use galen_rules::provenance::Status;
    let goods = &pack.goods;
    let page = BatchPage::address(&goods.address, goods.page_number(pack.place.index));
    let is_marked = match cluster.account(&page)? {
        Some(account) if account.owner == provenance::ID => {
            BatchPage::bit(&account.data, goods.batch.page_height, pack.place.index).map_err(
                |_| CliError::new("wrong_account", "The page of the pack cannot be read."),
            )?
        }
        _ => false,
    };
    let holding = path.holding();
    let is_above = holding.is_some_and(|holding| holding.status == Status::Dispensed);
    if !is_marked && !is_above {
        return Ok(None);
    }
    let mut premises = holding.map(|holding| holding.custodian).unwrap_or_default();
    let mut on = today;
    for level in [Level::Pack, Level::Case, Level::Pallet] {
        let up = goods.layout.height(level);
        let of = Subtree {
            level,
            index: pack.place.index >> up,
        };
        if let Some(record) = goods.dispense(cluster, of)? {
            premises = record.pharmacy.to_bytes();
            on = Date::from_unix(record.at).unwrap_or(today);
            break;
        }
    }
    Ok(Some(Dispensed {
        premises,
        on,
        is_handed_out: false,
    }))
}

fn words(verdict: &Verdict) -> (&'static str, String) {
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
