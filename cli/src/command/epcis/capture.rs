//! `galen epcis capture`: events of a document become transactions.
//!
//! `map` says what each event does and to which places, without the ledger; `act` makes the instructions; this file runs them, in
//! the order of time, and notes which event became which transaction.

mod act;
mod map;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use galen_rules::merkle::Subtree;
use serde::Serialize;
use serde_json::Value;
use solana_pubkey::Pubkey;

use super::deed::Deed;
use super::parties::{Parties, PartyFlag};
use super::tell::{self, subtree};
use super::validate;
use super::what::{Lot, LotFlag};
use crate::chain::goods::{zero_copy, Goods, PlaceName};
use crate::chain::history::{self, Event};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::chain::when::timestamp;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::CapturedEvent;
use map::{Mapped, Mapper};

/// Flags of `galen epcis capture`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen epcis capture shipped.json --leaves A1=batch.leaves --org WHOLESALER --plan
  galen epcis capture shipped.json --leaves A1=batch.leaves --org WHOLESALER --yes
  galen epcis capture made.json --leaves A1=batch.leaves --org MANUFACTURER --credentials-from REGULATOR --trading-kind 7 \\
    --returns-kind 8 --location https://packs.example/A1.leaves

Commissioning registers the batch, shipping offers, receiving accepts, dispensing dispenses; holding, inspecting, destroying and the
like set the status; recalled goods are recalled. docs/epcis.md has the table. Aggregation events send nothing: they tell which case or
pallet an SSCC stands on. An event that cannot be mapped is refused with its place, and nothing is sent, unless --skip-unmapped. An
event that is on the ledger already is found by its hash and not sent again. Where the event's hash can be written, it is: as the
documents of a shipment, the reason of a status, the notice of a recall.")]
pub struct Args {
    /// The document
    #[arg(value_name = "DOCUMENT")]
    document: PathBuf,
    /// A lot and its leaf file; one for each lot that the document is about
    #[arg(long, value_name = "LOT=LEAVES", required = true)]
    leaves: Vec<LotFlag>,
    /// Whose events these are: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// Which organization a GLN means, where the registry does not say
    #[arg(long, value_name = "GLN=ORG")]
    party: Vec<PartyFlag>,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    plan: bool,
    /// Leave out events that cannot be mapped
    #[arg(long)]
    skip_unmapped: bool,
    #[command(flatten)]
    terms: act::Terms,
}

/// As JSON: `{"events": [{"at": "epcisBody.eventList[0]", "hash": "ni:///...", "outcome": "planned" | "waits" | "sent" | "already" |
/// "noted" | "unmapped", "acts": [{"instruction": "offer_shipment", "place": "case:0", "batch": "...", "program": "...",
/// "accounts": [{"key": "...", "signs": true, "writable": true}], "data": "..."}], "transactions": ["..."], "error": {...}}]}`.
#[derive(Serialize)]
struct Report {
    events: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    at: String,
    hash: String,
    outcome: Outcome,
    acts: Vec<act::View>,
    transactions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<CliError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Would be sent.
    Planned,
    /// Would be sent once an earlier event is on the ledger.
    Waits,
    /// Is on the ledger now.
    Sent,
    /// Was on the ledger before.
    Already,
    /// Nothing is sent for it.
    Noted,
    /// Cannot be sent.
    Unmapped,
}

/// Runs the command.
///
/// # Errors
/// What the document is refused for; the first event that cannot be mapped, with its place; what the cluster or the program
/// refuses, with the event that it was about.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let json = document::json(&args.document)?;
    validate::require(&args.document, &json)?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let (organization, _) = resolve(cluster, &args.org)?;
    let parties = Parties::read(cluster, &args.party)?;
    let store = &session.ledger.store;
    let mut lots = Vec::new();
    for flag in &args.leaves {
        lots.push(Lot::open(&flag.lot, &flag.leaves, store, &cluster.genesis)?);
    }
    let mapped = Mapper::new(&mut lots, &parties, organization).map(&json)?;
    if !args.skip_unmapped && !args.plan {
        refuse_unmapped(&mapped)?;
    }
    let known = lots
        .iter_mut()
        .map(|lot| Known::read(&session, lot, &parties))
        .collect::<Result<Vec<_>>>()?;
    let mut capture = Capture {
        session: &session,
        lots,
        known,
        terms: &args.terms,
        context: json["@context"].to_string(),
        organization,
    };
    if args.plan {
        let events: Vec<Row> = capture.plan(&mapped)?;
        let is_whole =
            args.skip_unmapped || events.iter().all(|row| row.outcome != Outcome::Unmapped);
        return Ok(Answer::new(&Report { events })?.with_success(is_whole));
    }
    capture.confirm(&mapped)?;
    let events = capture.send(&mapped)?;
    Answer::new(&Report { events })
}

fn refuse_unmapped(mapped: &[Mapped]) -> Result<()> {
    let mut unmapped = mapped.iter().filter_map(|event| event.steps.as_ref().err());
    let Some(first) = unmapped.next() else {
        return Ok(());
    };
    let more = match unmapped.count() {
        0 => String::new(),
        more => format!(" {more} more events cannot be mapped: --plan lists them."),
    };
    Err(CliError {
        message: format!(
            "Nothing was sent. {}{more} --skip-unmapped leaves such events out.",
            first.message
        ),
        ..first.clone()
    })
}

/// What the ledger has of a lot.
#[derive(Default)]
struct Known {
    /// Hashes of the events as which its history is told.
    hashes: BTreeMap<String, Vec<String>>,
    /// Event hashes that were written with a shipment, a status or a recall of a place, and in which transaction.
    digests: BTreeMap<([u8; 32], Subtree), String>,
    /// Offers that were accepted, withdrawn or rejected.
    ends: Vec<End>,
}

/// How an offer ended.
struct End {
    place: Subtree,
    sender: Pubkey,
    recipient: Pubkey,
    is_accepted: bool,
    /// Unix second.
    at: i64,
    signature: String,
    /// The hash of the event that the journal says it was.
    event: Option<String>,
}

impl Known {
    fn read(session: &Session, lot: &mut Lot, parties: &Parties) -> Result<Self> {
        let cluster = session.cluster();
        let there = zero_copy::<provenance::state::Batch>(cluster, &lot.batch, "batch")?;
        if there.is_none() {
            return Ok(Self::default());
        }
        let goods = Goods::read(cluster, lot.batch)?;
        super::what::require_root(lot, &goods.batch.root)?;
        let entries = history::of_batch(cluster, &lot.batch)?;
        let mut known = Self::default();
        // As told by whoever knows the SSCCs, and by whoever does not; from the ledger alone. The journal tells a whole event of
        // any one of its transactions: one that was stopped half-way would count as done.
        let containers = lot.exchange_containers(BTreeMap::new());
        let plain = tell::document(&entries, lot, parties, None);
        lot.exchange_containers(containers);
        let named = tell::document(&entries, lot, parties, None)?;
        for told in plain?.events.into_iter().chain(named.events) {
            // What the ledger tells twice in the same words is several transactions.
            let transactions = known.hashes.entry(told.hash).or_default();
            for transaction in told.transactions {
                if !transactions.contains(&transaction) {
                    transactions.push(transaction);
                }
            }
        }
        let (store, cluster) = (&session.ledger.store, &cluster.genesis);
        for entry in &entries {
            let end = match &entry.event {
                Event::ShipmentAccepted(end) => Some((end.sender, end.recipient, true)),
                Event::ShipmentEnded(end) => Some((end.sender, end.recipient, false)),
                _ => None,
            };
            if let (Some((sender, recipient, is_accepted)), Some(place)) =
                (end, entry.event.place())
            {
                known.ends.push(End {
                    place: subtree(place),
                    sender,
                    recipient,
                    is_accepted,
                    at: entry.at,
                    signature: entry.signature.clone(),
                    event: store
                        .event_of(cluster, &entry.signature)?
                        .map(|event| event.hash),
                });
            }
            let digest = match &entry.event {
                Event::ShipmentOffered(offer) => offer.documents,
                Event::StatusSet(status) => status.reason,
                Event::RecallIssued(recall) => recall.recall.notice,
                _ => continue,
            };
            if let Some(place) = entry.event.place() {
                known
                    .digests
                    .insert((digest, subtree(place)), entry.signature.clone());
            }
        }
        Ok(known)
    }

    /// The receipt, the withdrawal or the rejection on the ledger that an event tells of: of the same place, by this
    /// organisation, between whom the event names, not before it happened, and not known to be another event. A receipt that was
    /// recorded must not accept a later offer of the same place.
    fn ended(&self, event: &Mapped, step: &map::Step, by: Pubkey) -> Option<&End> {
        if !matches!(step.deed, Deed::Receive | Deed::VoidShipping) {
            return None;
        }
        let happened = event.json["eventTime"]
            .as_str()
            .and_then(galen_epcis::moment);
        let is_named =
            |named: Option<Pubkey>, party: Pubkey| named.is_none_or(|named| named == party);
        self.ends.iter().find(|end| {
            let is_accepted = step.deed == Deed::Receive;
            let is_by = by == end.recipient || (!is_accepted && by == end.sender);
            // Blocks have whole seconds.
            let recorded = timestamp(end.at.saturating_add(1));
            end.place == step.place
                && end.is_accepted == is_accepted
                && is_by
                && is_named(step.sender, end.sender)
                && is_named(step.recipient, end.recipient)
                && end.event.as_ref().is_none_or(|hash| *hash == event.hash)
                && happened
                    .as_ref()
                    .is_some_and(|happened| *happened < recorded)
        })
    }
}

struct Capture<'a> {
    session: &'a Session<'a>,
    lots: Vec<Lot>,
    known: Vec<Known>,
    terms: &'a act::Terms,
    context: String,
    organization: Pubkey,
}

impl Capture<'_> {
    fn plan(&mut self, mapped: &[Mapped]) -> Result<Vec<Row>> {
        // Batches of which something would be sent before.
        let mut changed = BTreeSet::new();
        let mut rows = Vec::new();
        for event in mapped {
            let mut row = Row::of(event);
            rows.push(match self.settled(event, &mut row)? {
                true => row,
                false => {
                    for step in event.steps.iter().flatten() {
                        match self.act(event, step) {
                            Ok(acts) => {
                                if !acts.is_empty() {
                                    changed.insert(step.lot);
                                }
                                row.acts.extend(acts.iter().map(act::View::of));
                            }
                            Err(error) if changed.contains(&step.lot) => {
                                row.outcome = Outcome::Waits;
                                row.error = Some(error);
                            }
                            Err(error) => return Err(placed(event, error)),
                        }
                    }
                    if row.acts.is_empty() && row.outcome == Outcome::Planned {
                        row.outcome = Outcome::Already;
                    }
                    row
                }
            });
        }
        Ok(rows)
    }

    /// Asks once for all of it.
    fn confirm(&self, mapped: &[Mapped]) -> Result<()> {
        let mut intent = Intent::new("Capture EPCIS events").with("as", self.organization);
        for event in mapped {
            for step in event.steps.iter().flatten() {
                intent = intent.with(
                    &event.at,
                    format!("{:?} {}", step.deed, PlaceName(step.place)),
                );
            }
        }
        self.session.ledger.confirm(&intent)
    }

    fn send(&mut self, mapped: &[Mapped]) -> Result<Vec<Row>> {
        let session = self.session;
        let store = &session.ledger.store;
        let cluster = session.cluster().genesis.clone();
        let mut rows = Vec::new();
        for event in mapped {
            let mut row = Row::of(event);
            if event.steps.is_ok() {
                store.note_event(
                    &cluster,
                    &CapturedEvent {
                        hash: event.hash.clone(),
                        context: self.context.clone(),
                        event: event.json.to_string(),
                    },
                )?;
            }
            if !self.settled(event, &mut row)? {
                for step in event.steps.iter().flatten() {
                    let known = self.known.get(step.lot);
                    let ended = known.and_then(|known| known.ended(event, step, self.organization));
                    if let Some(end) = ended {
                        // From now on the journal knows which event it was.
                        store.note_event_transaction(&cluster, &end.signature, &event.hash)?;
                        row.transactions.push(end.signature.clone());
                    }
                    for act in self
                        .act(event, step)
                        .map_err(|error| placed(event, error))?
                    {
                        let receipt = self
                            .session
                            .send(act.name, std::slice::from_ref(&act.instruction), &[])
                            .map_err(|error| placed(event, error))?;
                        store.note_event_transaction(&cluster, &receipt.signature, &event.hash)?;
                        row.acts.push(act::View::of(&act));
                        row.transactions.push(receipt.signature);
                    }
                }
                row.outcome = match row.acts.is_empty() {
                    true => Outcome::Already,
                    false => Outcome::Sent,
                };
            }
            for (lot, place, sscc) in &event.containers {
                if let Some(lot) = self.lots.get(*lot) {
                    let place = PlaceName(*place).to_string();
                    store.note_container(&cluster, sscc, &lot.batch.to_string(), &place)?;
                }
            }
            if event.steps.is_ok() {
                store.note_event_done(&cluster, &event.hash)?;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// Whether there is nothing to send for an event, and why.
    fn settled(&self, event: &Mapped, row: &mut Row) -> Result<bool> {
        let Ok(steps) = &event.steps else {
            row.outcome = Outcome::Unmapped;
            row.error = event.steps.as_ref().err().cloned();
            return Ok(true);
        };
        if steps.is_empty() {
            row.outcome = Outcome::Noted;
            return Ok(true);
        }
        let (store, cluster) = (&self.session.ledger.store, &self.session.cluster().genesis);
        let mut known = self.known.iter();
        let told = known.find_map(|known| known.hashes.get(&event.hash));
        let transactions = match told {
            Some(transactions) => transactions.clone(),
            None if store.is_event_done(cluster, &event.hash)? => {
                store.transactions_of_event(cluster, &event.hash)?
            }
            None => return Ok(false),
        };
        row.outcome = Outcome::Already;
        row.transactions = transactions;
        Ok(true)
    }

    /// The instructions of a step; none where it is on the ledger already.
    fn act(&mut self, event: &Mapped, step: &map::Step) -> Result<Vec<act::Act>> {
        let odd = || {
            CliError::new(
                "unknown_serial",
                "The event is about a lot that was not given.",
            )
        };
        let known = self.known.get(step.lot).ok_or_else(odd)?;
        if known.digests.contains_key(&(event.digest, step.place))
            || known.ended(event, step, self.organization).is_some()
        {
            return Ok(Vec::new());
        }
        let lot = self.lots.get_mut(step.lot).ok_or_else(odd)?;
        act::acts(
            self.session,
            lot,
            self.terms,
            self.organization,
            event,
            step,
        )
    }
}

/// An error with the event that it is about.
fn placed(event: &Mapped, error: CliError) -> CliError {
    CliError {
        at: Some(event.at.clone()),
        ..error
    }
}

impl Row {
    fn of(event: &Mapped) -> Self {
        Self {
            at: event.at.clone(),
            hash: event.hash.clone(),
            outcome: Outcome::Planned,
            acts: Vec::new(),
            transactions: Vec::new(),
            error: None,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (index, row) in self.events.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let outcome = match row.outcome {
                Outcome::Planned => "would be sent",
                Outcome::Waits => "would be sent after those before it",
                Outcome::Sent => "sent",
                Outcome::Already => "on the ledger already",
                Outcome::Noted => "noted; nothing is sent for it",
                Outcome::Unmapped => "left out",
            };
            write!(f, "{}  {outcome}", row.at)?;
            for act in &row.acts {
                write!(f, "\n  {act}")?;
            }
            for transaction in &row.transactions {
                write!(f, "\n  {transaction}")?;
            }
            if let Some(error) = &row.error {
                write!(f, "\n  {error}")?;
            }
        }
        Ok(())
    }
}

/// The 32 bytes of an event's hash, as the ledger keeps them.
fn digest_of(hash: &str) -> [u8; 32] {
    let digits = hash
        .strip_prefix("ni:///sha-256;")
        .and_then(|rest| rest.split('?').next())
        .unwrap_or_default();
    crate::chain::text::unhex_array(digits).unwrap_or_default()
}

impl fmt::Display for act::View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {} of {}", self.instruction, self.place, self.batch)
    }
}

/// What an act is printed as.
impl act::View {
    fn of(act: &act::Act) -> Self {
        Self {
            instruction: act.name,
            place: PlaceName(act.place).to_string(),
            batch: act.batch.to_string(),
            program: act.instruction.program_id.to_string(),
            accounts: act
                .instruction
                .accounts
                .iter()
                .map(|meta| act::AccountView {
                    key: meta.pubkey.to_string(),
                    signs: meta.is_signer,
                    writable: meta.is_writable,
                })
                .collect(),
            data: hex(&act.instruction.data),
        }
    }
}

/// The field of an event that holds its things.
fn things(event: &Value) -> impl Iterator<Item = (String, &Value)> {
    let list = event["epcList"].as_array();
    list.into_iter()
        .flatten()
        .enumerate()
        .map(|(index, epc)| (format!("epcList[{index}]"), epc))
}

#[cfg(test)]
mod tests {
    use galen_rules::merkle::Level;
    use serde_json::json;

    use super::*;

    fn party(number: u8) -> Pubkey {
        Pubkey::new_from_array([number; 32])
    }

    /// A case that the first party handed to the second, accepted at noon; of which the journal says what it was, or nothing.
    fn known(is_accepted: bool, event: Option<&str>) -> Known {
        let end = End {
            place: place(3),
            sender: party(1),
            recipient: party(2),
            is_accepted,
            // 2026-03-01T12:00:00Z
            at: 1_772_366_400,
            signature: "signature".to_owned(),
            event: event.map(str::to_owned),
        };
        Known {
            ends: vec![end],
            ..Known::default()
        }
    }

    fn place(index: u64) -> Subtree {
        Subtree {
            level: Level::Case,
            index,
        }
    }

    fn step(deed: Deed, sender: Option<Pubkey>, index: u64) -> map::Step {
        map::Step {
            lot: 0,
            place: place(index),
            deed,
            sender,
            recipient: None,
            is_sale: false,
            is_return: false,
        }
    }

    fn event(moment: &str) -> Mapped {
        Mapped {
            at: String::new(),
            hash: "this".to_owned(),
            digest: [0; 32],
            json: json!({ "eventTime": moment }),
            steps: Ok(Vec::new()),
            containers: Vec::new(),
        }
    }

    #[test]
    fn a_receipt_is_on_the_ledger_where_its_acceptance_is() {
        let (before, after) = ("2026-03-01T12:59:59+01:00", "2026-03-01T12:00:01Z");
        let receive = |sender| step(Deed::Receive, sender, 3);
        let accepted = known(true, None);
        for (moment, step, by, is_there) in [
            (before, receive(None), 2, true),
            (before, receive(Some(party(1))), 2, true),
            // Of another sender, another place, by another, later than the acceptance.
            (before, receive(Some(party(3))), 2, false),
            (before, step(Deed::Receive, None, 4), 2, false),
            (before, receive(None), 3, false),
            (before, receive(None), 1, false),
            (after, receive(None), 2, false),
            (before, step(Deed::VoidShipping, None, 3), 1, false),
        ] {
            let ended = accepted.ended(&event(moment), &step, party(by));
            assert_eq!(ended.is_some(), is_there, "{moment} {step:?} {by}");
        }
        // What the journal knows to be another event's is not this one's.
        for (journal, is_there) in [("this", true), ("other", false)] {
            let known = known(true, Some(journal));
            let ended = known.ended(&event(before), &receive(None), party(2));
            assert_eq!(ended.is_some(), is_there);
        }
        // Withdrawn by the one, rejected by the other.
        let withdrawn = known(false, None);
        for by in [1, 2] {
            let void = step(Deed::VoidShipping, None, 3);
            assert!(withdrawn.ended(&event(before), &void, party(by)).is_some());
        }
        assert!(withdrawn
            .ended(&event(before), &receive(None), party(2))
            .is_none());
    }
}
