//! `galen dscsa statement`: transaction information, transaction statement and, where it is wanted, transaction history.
//!
//! Sources: FDCA 581(24) (transaction and what is none), 581(25) to (27) (history, information, statement), 582(g)(1) (product
//! identifiers of each package, electronically).

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use anchor_lang::Discriminator;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::Status;
use galen_rules::Date;
use provenance::convert::level_number;
use provenance::events::ShipmentOffered;
use provenance::state::{decode_zero_copy, Node};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::details::{Details, Party, Product};
use super::document::{self, Shipped};
use crate::chain::entity;
use crate::chain::goods::{Goods, PlaceName};
use crate::chain::history::{self, Entry, Event};
use crate::chain::text::facts;
use crate::chain::when::timestamp;
use crate::cluster::Cluster;
use crate::command::epcis::export::lot_name;
use crate::command::epcis::parties::{Parties, PartyFlag};
use crate::command::epcis::tell::{self, subtree, Course};
use crate::command::epcis::what::{is_apart, require_root, Lot};
use crate::config::Settings;
use crate::document::Written;
use crate::error::{CliError, Result};
use crate::output::{write_report, Answer};
use crate::store::Store;

/// What the seller states, by the letters of FDCA 581(27).
const STATEMENTS: [(&str, &str); 7] = [
    ("A", "is authorized as required under the Drug Supply Chain Security Act"),
    ("B", "received the product from a person that is authorized as required under the Drug Supply Chain Security Act"),
    ("C", "received transaction information and a transaction statement from the prior owner of the product, as required under section 582"),
    ("D", "did not knowingly ship a suspect or illegitimate product"),
    ("E", "had systems and processes in place to comply with verification requirements under section 582"),
    ("F", "did not knowingly provide false transaction information"),
    ("G", "did not knowingly alter the transaction history"),
];
/// As the industry's EPCIS guideline words it.
pub const LEGAL_NOTICE: &str =
    "Seller has complied with each applicable subsection of FDCA Sec. 581(27)(A)-(G).";
/// Where records name their batch, behind the discriminator.
const RECORD_BATCH: usize = 8;

/// Flags of `galen dscsa statement`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen dscsa statement --batch BATCH --leaves batch.leaves --place pallet:0 --details details.json
  galen dscsa statement --batch BATCH --leaves batch.leaves --place case:3 --details details.json --history --csv packs.csv
  galen dscsa statement --batch BATCH --leaves batch.leaves --place case:3 --details details.json --epcis > statement.epcis.json
  galen dscsa statement --batch BATCH --leaves batch.leaves --place case:3 --details details.json --exempt intracompany

DETAILS says what the ledger does not know:
  {\"product\": {\"name\": \"...\", \"strength\": \"10 mg\", \"dosage_form\": \"tablet\", \"ndc\": \"12345-678-90\", \"container_size\": \"30 tablets\"},
   \"parties\": [{\"organization\": \"ADDRESS\", \"name\": \"...\", \"address\": \"...\"}]}

It is of the last shipment of the place that came to something or is on offer: what was withdrawn, rejected or has lapsed is no sale.
What had gone its own way before, and what the recipient refused, is not listed. What is handed over without a change of ownership is no transaction (FDCA 581(24)(A)) and is
refused. The seller makes the seven statements; Galen writes them down, and checks none of them but what the ledger shows: a shipment
of suspect or illegitimate goods is refused.")]
pub struct Args {
    /// The batch's address
    #[arg(long, value_name = "BATCH")]
    batch: Pubkey,
    /// Its leaf file
    #[arg(long, value_name = "LEAVES")]
    leaves: PathBuf,
    /// What was shipped: batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(long, value_name = "PLACE")]
    place: PlaceName,
    /// Names and addresses
    #[arg(long, value_name = "DETAILS")]
    details: PathBuf,
    /// The sales before this one too, back to the manufacturer
    #[arg(long)]
    history: bool,
    /// Why it is no transaction though ownership goes over
    #[arg(long, value_enum, conflicts_with_all = ["history", "csv", "epcis"])]
    exempt: Option<Exemption>,
    /// Write a row for each pack, too; never over a file that exists
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// As an EPCIS document with the statement in its header
    #[arg(long, conflicts_with_all = ["csv", "history"])]
    epcis: bool,
    /// Which organization a GLN means, where the registry does not say
    #[arg(long, value_name = "GLN=ORG")]
    party: Vec<PartyFlag>,
}

/// What is no transaction (FDCA 581(24)(B)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Exemption {
    /// Within one company
    Intracompany,
    /// Among hospitals or others under common control
    CommonControl,
    /// For emergency medical reasons, a public health emergency included; no shortage alone
    Emergency,
    /// Dispensed on a prescription
    Prescription,
    /// Samples
    Sample,
    /// Blood and its components for transfusion
    Blood,
    /// Minimal quantities of a pharmacy to a practitioner, for office use
    OfficeUse,
    /// Of a charity to a nonprofit affiliate
    Charity,
    /// With the sale or merger of the business
    Merger,
}

impl Exemption {
    const fn section(self) -> &'static str {
        match self {
            Self::Intracompany => "581(24)(B)(i)",
            Self::CommonControl => "581(24)(B)(ii)",
            Self::Emergency => "581(24)(B)(iii)",
            Self::Prescription => "581(24)(B)(iv)",
            Self::Sample => "581(24)(B)(v)",
            Self::Blood => "581(24)(B)(vi)",
            Self::OfficeUse => "581(24)(B)(vii)",
            Self::Charity => "581(24)(B)(viii)",
            Self::Merger => "581(24)(B)(ix)",
        }
    }
}

/// Transaction information (FDCA 581(26)).
#[derive(Debug, Serialize)]
pub struct Information {
    /// The medicine.
    pub product: Product,
    gtin: String,
    /// As it is printed.
    pub lot: String,
    /// `2049-12-31`.
    pub expiry: String,
    containers: usize,
    /// Of the transaction. On the ledger sale and shipment are one step, so that no date of shipment is more than 24 hours later.
    date: String,
    /// Who sells it.
    pub from: Party,
    /// Who buys it.
    pub to: Party,
    transaction: String,
}

#[derive(Debug, Serialize)]
struct Statement {
    section: String,
    text: String,
}

/// As JSON: `{"information": {...}, "packs": [{"serial": "..."}], "statement": [...], "legal_notice": "...", "history": [...] or
/// null}`; or `{"exempt": {"kind": "...", "section": "..."}}`.
#[derive(Debug, Serialize)]
struct Report {
    information: Information,
    packs: Vec<String>,
    statement: Vec<Statement>,
    legal_notice: &'static str,
    history: Option<Vec<Information>>,
}

#[derive(Debug, Serialize)]
struct Exempt {
    transaction: bool,
    exempt: ExemptView,
}

#[derive(Debug, Serialize)]
struct ExemptView {
    kind: String,
    section: &'static str,
    information: Information,
}

/// Runs the command.
///
/// # Errors
/// `not_shipped`, `not_a_transaction`, `returned`, `not_sellable`, `file_exists`, those of DETAILS and of the leaf file, `history_incomplete`,
/// `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let goods = Goods::read(&cluster, args.batch)?;
    let mut lot = Lot::open(&lot_name(&goods), &args.leaves, &store, &cluster.genesis)?;
    require_root(&lot, &goods.batch.root)?;
    let details = Details::read(&args.details, &lot.gtin)?;
    let entries = history::of_batch(&cluster, &args.batch)?;
    let of = args.place.0;
    let shipment = Shipment::last(&entries, of, cluster.unix_time()?).ok_or_else(|| {
        let message = format!(
            "{} was never shipped as such, or every offer of it has come to nothing.",
            args.place
        );
        CliError::new("not_shipped", message)
    })?;
    require_transaction(shipment.offer)?;
    let packs = lot.packs_of(of, &shipment.apart)?;
    if packs.is_empty() {
        let message = format!(
            "All that was in {} goes its own way: nothing went with that shipment.",
            args.place
        );
        return Err(CliError::new("not_shipped", message));
    }
    let teller = Sales {
        goods: &goods,
        lot: &mut lot,
        details: &details,
        packs: packs.len(),
    };
    let information = teller.information(shipment.entry, shipment.offer)?;
    if let Some(exemption) = args.exempt {
        let kind = clap::ValueEnum::to_possible_value(&exemption);
        return Answer::new(&Exempt {
            transaction: false,
            exempt: ExemptView {
                kind: kind
                    .map(|value| value.get_name().to_owned())
                    .unwrap_or_default(),
                section: exemption.section(),
                information,
            },
        });
    }
    require_fit(&cluster, &goods, of, &shipment.apart)?;
    if args.epcis {
        let parties = Parties::read(&cluster, &args.party)?;
        let told = tell::document(&entries, teller.lot, &parties, None)?;
        let mut events = told.events.into_iter();
        let event = events.find(|told| {
            told.transactions.contains(&shipment.entry.signature)
                && told.event["bizStep"] == "shipping"
        });
        let shipped = Shipped {
            of,
            packs: &packs,
            registered: timestamp(entries.first().map_or(shipment.entry.at, |entry| entry.at)),
            event: event.map(|told| told.event).unwrap_or_default(),
        };
        let document = document::document(shipped, teller.lot, &parties, &information)?;
        return Answer::new(&Written(document));
    }
    let history = args
        .history
        .then(|| teller.before(&entries, shipment.index, of))
        .transpose()?;
    let report = Report {
        information,
        packs: packs.into_iter().map(|(_, serial)| serial).collect(),
        statement: STATEMENTS
            .iter()
            .map(|(letter, text)| Statement {
                section: format!("581(27)({letter})"),
                text: format!("The seller {text}."),
            })
            .collect(),
        legal_notice: LEGAL_NOTICE,
        history,
    };
    if let Some(path) = &args.csv {
        if path.exists() {
            let message = format!("{} exists; rows are never written over it.", path.display());
            return Err(CliError::new("file_exists", message));
        }
        write_report(path, &report, &report.csv()?)?;
    }
    Answer::new(&report)
}

/// A shipment that came to something, or still can.
struct Shipment<'a> {
    /// Where in the history it was offered.
    index: usize,
    entry: &'a Entry,
    offer: &'a ShipmentOffered,
    /// What was not part of it: what had gone its own way before, and what the recipient refused.
    apart: BTreeSet<Subtree>,
}

impl<'a> Shipment<'a> {
    /// The last one of a place: accepted, or on offer at `now`. What was withdrawn, rejected or has lapsed came to nothing.
    fn last(entries: &'a [Entry], of: Subtree, now: i64) -> Option<Self> {
        let mut course = Course::default();
        let mut offered = None;
        let mut accepted = None;
        for (index, entry) in entries.iter().enumerate() {
            course.note(&entry.event);
            if entry.event.place().map(subtree) != Some(of) {
                continue;
            }
            match &entry.event {
                Event::ShipmentOffered(offer) => offered = Some((index, entry, offer)),
                Event::ShipmentEnded(_) => offered = None,
                Event::ShipmentAccepted(_) => {
                    accepted = offered
                        .take()
                        .map(|offered| (offered, course.apart.clone()));
                }
                _ => {}
            }
        }
        let open = offered.filter(|(_, _, offer)| offer.accept_by >= now);
        let ((index, entry, offer), apart) = open.map(|open| (open, course.apart)).or(accepted)?;
        Some(Self {
            index,
            entry,
            offer,
            apart,
        })
    }
}

fn require_transaction(offer: &ShipmentOffered) -> Result<()> {
    if offer.is_return {
        return Err(CliError::new(
            "returned",
            "This is a return and no sale: the customer gives the product back, and no statement goes with it. Before it is sold again it is verified: `galen batch verify-request`.",
        ));
    }
    if !offer.is_sale {
        return Err(CliError::new(
            "not_a_transaction",
            "Ownership stays with the sender, so that this is no transaction (FDCA 581(24)(A)): no statement goes with it.",
        ));
    }
    Ok(())
}

/// Refuses a statement about goods that the ledger shows to be set aside or recalled: the place, what it is in, or what was
/// shipped with it.
fn require_fit(
    cluster: &Cluster,
    goods: &Goods,
    of: Subtree,
    apart: &BTreeSet<Subtree>,
) -> Result<()> {
    let refused = |place| {
        let message = format!("{} is set aside or recalled; the seller could not state that no suspect product was shipped (FDCA 581(27)(D)).", PlaceName(place));
        Err(CliError::new("not_sellable", message))
    };
    // What has a custody of its own has its own status, too; a recall is of all that is inside.
    let mut status = None;
    for place in goods.layout.path(of).into_iter().flatten().flatten() {
        let Some(node) = goods.node(cluster, place)? else {
            continue;
        };
        status = status.or(status_of(&node));
        if is_doubtful(status) || node.recall().is_some() {
            return refused(place);
        }
    }
    let nodes = entity::raw(
        cluster,
        &provenance::ID,
        Node::DISCRIMINATOR,
        &[(RECORD_BATCH, goods.address)],
    )?;
    for (_, account) in nodes {
        let Ok(node) = decode_zero_copy::<Node>(&account.data) else {
            continue;
        };
        let Some(place) = place_of(&node) else {
            continue;
        };
        let mut path = goods.layout.path(place).into_iter().flatten().flatten();
        let is_inside = place.level < of.level && path.any(|place| place == of);
        let is_part = is_inside && !is_apart(goods.layout, place, of.level, apart);
        if is_part && (is_doubtful(status_of(&node)) || node.recall().is_some()) {
            return refused(place);
        }
    }
    Ok(())
}

fn status_of(node: &Node) -> Option<Status> {
    node.status().ok().flatten()
}

fn is_doubtful(status: Option<Status>) -> bool {
    matches!(
        status,
        Some(Status::Suspect | Status::Illegitimate | Status::Quarantined)
    )
}

fn place_of(node: &Node) -> Option<Subtree> {
    let level = Level::ALL
        .into_iter()
        .find(|level| level_number(*level) == node.level)?;
    Some(Subtree {
        level,
        index: node.index,
    })
}

struct Sales<'a> {
    goods: &'a Goods,
    lot: &'a mut Lot,
    details: &'a Details,
    /// How many are shipped.
    packs: usize,
}

impl Sales<'_> {
    fn information(&self, entry: &Entry, offer: &ShipmentOffered) -> Result<Information> {
        let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        Ok(Information {
            product: self.details.product.clone(),
            gtin: self.lot.gtin.clone(),
            lot: self.lot.lot.clone(),
            expiry: day(Date::from_days(self.goods.batch.expiry)),
            containers: self.packs,
            date: day(Date::from_unix(entry.at)),
            from: self.details.party(&offer.sender)?,
            to: self.details.party(&offer.recipient)?,
            transaction: entry.signature.clone(),
        })
    }

    /// The accepted sales of what contained the place then, before this one, the first of them first (FDCA 581(25)).
    fn before(&self, entries: &[Entry], until: usize, of: Subtree) -> Result<Vec<Information>> {
        let layout = self.goods.layout;
        let path: Vec<Subtree> = layout.path(of).into_iter().flatten().flatten().collect();
        let mut course = Course::default();
        let mut offered: Vec<(&Entry, &ShipmentOffered)> = Vec::new();
        let mut sales = Vec::new();
        for entry in entries.iter().take(until) {
            course.note(&entry.event);
            match &entry.event {
                Event::ShipmentOffered(offer) => offered.push((entry, offer)),
                Event::ShipmentAccepted(accepted) => {
                    let place = subtree(accepted.place);
                    let was_part =
                        path.contains(&place) && !is_apart(layout, of, place.level, &course.apart);
                    let sale = offered
                        .iter()
                        .rev()
                        .find(|(_, offer)| offer.place == accepted.place);
                    if let Some((sold, offer)) = sale.filter(|(_, offer)| offer.is_sale && was_part)
                    {
                        sales.push(self.information(sold, offer)?);
                    }
                }
                _ => {}
            }
        }
        Ok(sales)
    }
}

impl Report {
    /// A row for each pack.
    fn csv(&self) -> Result<String> {
        let unwritable = |error: &dyn fmt::Display| {
            CliError::new(
                "report_unwritable",
                format!("The rows cannot be written: {error}."),
            )
        };
        let about = &self.information;
        let mut rows = csv::Writer::from_writer(Vec::new());
        let header = [
            "name",
            "strength",
            "dosage_form",
            "ndc",
            "container_size",
            "gtin",
            "serial",
            "lot",
            "expiry",
            "date",
            "from_name",
            "from_address",
            "to_name",
            "to_address",
        ];
        rows.write_record(header)
            .map_err(|error| unwritable(&error))?;
        for serial in &self.packs {
            let product = &about.product;
            let row = [
                &product.name,
                &product.strength,
                &product.dosage_form,
                &product.ndc,
                &product.container_size,
                &about.gtin,
                serial,
                &about.lot,
                &about.expiry,
                &about.date,
                &about.from.name,
                &about.from.address,
                &about.to.name,
                &about.to.address,
            ];
            rows.write_record(row).map_err(|error| unwritable(&error))?;
        }
        let bytes = rows.into_inner().map_err(|error| unwritable(&error))?;
        String::from_utf8(bytes).map_err(|error| unwritable(&error))
    }
}

impl Information {
    fn lines(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let product = &self.product;
        facts(
            f,
            &[
                (
                    "Product",
                    format!(
                        "{}, {}, {}",
                        product.name, product.strength, product.dosage_form
                    ),
                ),
                ("NDC", product.ndc.clone()),
                ("Container", product.container_size.clone()),
                ("Containers", self.containers.to_string()),
                ("Lot", format!("{}, expiry {}", self.lot, self.expiry)),
                ("Date", self.date.clone()),
                ("From", format!("{}, {}", self.from.name, self.from.address)),
                ("To", format!("{}, {}", self.to.name, self.to.address)),
            ],
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.information.lines(f)?;
        write!(f, "\n{LEGAL_NOTICE}")?;
        for statement in &self.statement {
            write!(f, "\n  {} {}", statement.section, statement.text)?;
        }
        for before in self.history.iter().flatten() {
            write!(f, "\n\nBefore:\n")?;
            before.lines(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Exempt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "No transaction: {} (FDCA {}); neither information nor statement is required.",
            self.exempt.kind, self.exempt.section
        )
    }
}
