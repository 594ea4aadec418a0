//! What the ledger knows of a batch, told as EPCIS 2.0 events.
//!
//! An event that was captured on this machine comes back as it was, so that its hash is the same; everything else is told from
//! what the program wrote: always in the same words, with the time of its block.

use std::collections::{BTreeMap, BTreeSet};

use galen_rules::merkle::{Level, Subtree};
use galen_rules::Date;
use provenance::convert::{Place, StatusAction};
use provenance::events::ShipmentAccepted;
use provenance::state::monitor::ReadingSums;
use serde_json::{json, Map, Value};
use solana_pubkey::Pubkey;

use super::deed::{words_of, Words};
use super::parties::Parties;
use super::validate;
use super::what::Lot;
use crate::chain::history::{Entry, Event};
use crate::chain::when::timestamp;
use crate::error::{CliError, Result};
use crate::store::Store;

/// The standard context of EPCIS 2.0.
const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/// Faults that are about the order of events by their times.
const BY_TIME: [&str; 3] = ["commissioned_twice", "two_parents", "after_its_end"];
/// From this verdict on readings set goods aside.
const SETS_ASIDE: u8 = 2;

/// An event, and the transactions that it tells of.
pub struct Told {
    /// EPCIS 2.0.
    pub event: Value,
    /// `ni:///sha-256;…?ver=CBV2.0`.
    pub hash: String,
    /// Base58, in their order.
    pub transactions: Vec<String>,
}

/// A batch's events as a document.
pub struct Document {
    /// EPCIS 2.0.
    pub json: Value,
    /// Its events.
    pub events: Vec<Told>,
}

impl Document {
    /// Refuses to give out what is no valid EPCIS.
    ///
    /// # Errors
    /// `export_invalid`: a fault of Galen's.
    pub fn require_valid(self) -> Result<Self> {
        require_valid(&self.json)?;
        Ok(self)
    }
}

/// Refuses to give out a document that is no valid EPCIS.
///
/// # Errors
/// `export_invalid`: a fault of Galen's.
pub fn require_valid(json: &Value) -> Result<()> {
    // In which order things happened the ledger has decided, whatever times the captured events bear.
    let fault = validate::faults(json)?
        .into_iter()
        .find(|fault| !BY_TIME.contains(&fault.code.as_str()));
    match fault {
        None => Ok(()),
        Some(fault) => Err(CliError {
            code: "export_invalid".to_owned(),
            message: format!(
                "What the ledger tells would be no valid EPCIS; nothing is written: {}",
                fault.message
            ),
            at: fault.at,
        }),
    }
}

/// Tells a batch's history.
///
/// # Errors
/// `leaf_file_damaged`, `store_damaged`.
pub fn document(
    history: &[Entry],
    lot: &mut Lot,
    parties: &Parties,
    captured: Option<(&Store, &str)>,
) -> Result<Document> {
    let mut teller = Teller {
        lot,
        parties,
        course: Course::default(),
    };
    let mut prefixes = Map::new();
    let mut told: Vec<(Value, Vec<String>)> = Vec::new();
    let mut by_hash: BTreeMap<String, usize> = BTreeMap::new();
    for entry in history {
        let own = teller.event(entry)?;
        teller.course.note(&entry.event);
        let Some(own) = own else { continue };
        let original = captured
            .map(|(store, cluster)| store.event_of(cluster, &entry.signature))
            .transpose()?
            .flatten();
        if let Some(original) = original {
            if let Some(first) = by_hash.get(&original.hash) {
                if let Some((_, transactions)) = told.get_mut(*first) {
                    transactions.push(entry.signature.clone());
                }
                continue;
            }
            if let Some(event) = as_captured(&original.context, &original.event, &mut prefixes) {
                by_hash.insert(original.hash, told.len());
                told.push((recorded(event, entry.at), vec![entry.signature.clone()]));
                continue;
            }
        }
        told.push((own, vec![entry.signature.clone()]));
    }
    finish(told, prefixes)
}

/// The document of these events, each with its hash as its id. Of two that are told alike, or bear one id, the first has it: what
/// happens twice within a second the ledger tells twice in the same words.
///
/// # Errors
/// Those of hashing.
pub fn finish(told: Vec<(Value, Vec<String>)>, prefixes: Map<String, Value>) -> Result<Document> {
    let context = match prefixes.is_empty() {
        true => json!([CONTEXT]),
        false => json!([CONTEXT, prefixes]),
    };
    let events: Vec<&Value> = told.iter().map(|(event, _)| event).collect();
    // Made when the last thing happened: the same document whenever it is asked for.
    let created = ["eventTime", "recordTime"]
        .iter()
        .flat_map(|name| events.iter().filter_map(move |event| event[*name].as_str()))
        .filter_map(galen_epcis::moment)
        .max();
    let mut json = json!({
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created.unwrap_or_else(|| timestamp(0)),
        "epcisBody": { "eventList": events },
    });
    let hashes = galen_epcis::hashes(&json).map_err(validate::of)?;
    let mut list = Vec::new();
    let mut finished = Vec::new();
    let mut ids = BTreeSet::new();
    for ((mut event, transactions), hash) in told.into_iter().zip(hashes) {
        let own = event["eventID"].as_str().map(str::to_owned);
        let mut free = own.into_iter().chain([hash.clone()]);
        match (
            free.find(|id| ids.insert(id.clone())),
            event.as_object_mut(),
        ) {
            (Some(id), Some(fields)) => fields.insert("eventID".to_owned(), json!(id)),
            (_, fields) => fields.and_then(|fields| fields.remove("eventID")),
        };
        list.push(event.clone());
        finished.push(Told {
            event,
            hash,
            transactions,
        });
    }
    json["epcisBody"]["eventList"] = Value::Array(list);
    Ok(Document {
        json,
        events: finished,
    })
}

/// A captured event, if its prefixes mean the same as those of the document so far.
fn as_captured(context: &str, event: &str, prefixes: &mut Map<String, Value>) -> Option<Value> {
    let context: Value = serde_json::from_str(context).ok()?;
    let mut all = prefixes.clone();
    let parts = match context {
        Value::Array(parts) => parts,
        one => vec![one],
    };
    for part in parts.iter().filter_map(Value::as_object) {
        for (prefix, namespace) in part {
            let before = all.insert(prefix.clone(), namespace.clone());
            if before.is_some_and(|before| before != *namespace) {
                return None;
            }
        }
    }
    let event = serde_json::from_str(event).ok()?;
    *prefixes = all;
    Some(event)
}

/// When the ledger learned of it. An event that is dated after that keeps none.
fn recorded(mut event: Value, at: i64) -> Value {
    let recorded = timestamp(at);
    let happened = event["eventTime"].as_str().and_then(galen_epcis::moment);
    if let Some(fields) = event.as_object_mut() {
        match happened.is_some_and(|happened| happened <= recorded) {
            true => fields.insert("recordTime".to_owned(), json!(recorded)),
            false => fields.remove("recordTime"),
        };
    }
    event
}

/// Which places go their own way, by what has happened to them.
#[derive(Default, Clone)]
pub struct Course {
    /// What is at these is not part of what is done to a place around them.
    pub apart: BTreeSet<Subtree>,
    /// Those of them that have a record of their own, and stay apart.
    held: BTreeSet<Subtree>,
    /// Places whose story is over.
    gone: BTreeSet<Subtree>,
}

impl Course {
    /// Notes what an event means for the places around it.
    pub fn note(&mut self, event: &Event) {
        let Some(of) = event.place().map(subtree) else {
            return;
        };
        match event {
            Event::RecallIssued(_)
            | Event::RecallLifted(_)
            | Event::HandedOut(_)
            | Event::BatchRegistered(_) => return,
            Event::ScanReported(scan) if !scan.is_suspect => return,
            // Of a pack a bit is set and cleared again; whatever else is dispensed has a record.
            Event::PackDispensed(_) => {
                self.apart.insert(of);
                return;
            }
            Event::DispenseUndone(undone) => {
                let is_whole_pack = of.level == Level::Pack && undone.units == 0;
                if is_whole_pack && !self.held.contains(&of) {
                    self.apart.remove(&of);
                }
                return;
            }
            Event::StatusSet(status) if words_of(status.action).0 == "DELETE" => {
                self.gone.insert(of);
            }
            Event::ShipmentAccepted(accepted) => {
                self.held.extend(refused(accepted));
                self.apart.extend(refused(accepted));
            }
            _ => {}
        }
        self.held.insert(of);
        self.apart.insert(of);
    }
}

struct Teller<'a> {
    lot: &'a mut Lot,
    parties: &'a Parties,
    course: Course,
}

impl Teller<'_> {
    /// The event of an entry; none where EPCIS has no words for it, or nothing is left that it would be about.
    fn event(&mut self, entry: &Entry) -> Result<Option<Value>> {
        let whole = Subtree {
            level: Level::Batch,
            index: 0,
        };
        let of = entry.event.place().map_or(whole, subtree);
        let told = match &entry.event {
            Event::BatchRegistered(batch) => {
                let mut event = self.plain(entry, of, ("ADD", "commissioning", "active"))?;
                let expiry = Date::from_days(batch.expiry).map(|day| day.to_string());
                event["ilmd"] = json!({
                    "cbvmda:lotNumber": self.lot.lot,
                    "cbvmda:itemExpirationDate": expiry.unwrap_or_default(),
                });
                event
            }
            Event::PackDispensed(_) | Event::SubtreeDispensed(_) => {
                self.plain(entry, of, ("OBSERVE", "dispensing", "dispensed"))?
            }
            Event::PackFilled(fill) if fill.left == 0 => {
                self.plain(entry, of, ("OBSERVE", "dispensing", "dispensed"))?
            }
            Event::PackFilled(_) => {
                self.plain(entry, of, ("OBSERVE", "dispensing", "partially_dispensed"))?
            }
            Event::DispenseUndone(_) => {
                self.plain(entry, of, ("OBSERVE", "stocking", "sellable_accessible"))?
            }
            Event::HandedOut(_) => {
                self.plain(entry, of, ("OBSERVE", "retail_selling", "retail_sold"))?
            }
            Event::ShipmentOffered(offer) => {
                let disposition = if offer.is_return {
                    "returned"
                } else {
                    "in_transit"
                };
                let event = self.plain(entry, of, ("OBSERVE", "shipping", disposition))?;
                self.between(event, &offer.sender, &offer.recipient, offer.is_sale)
            }
            Event::ShipmentAccepted(accepted) => {
                // What was refused stays behind.
                let mut apart = self.course.apart.clone();
                apart.extend(refused(accepted));
                let words = ("OBSERVE", "receiving", "in_progress");
                let event = match accepted.refused.is_empty() {
                    true => self.plain(entry, of, words)?,
                    false => {
                        let told = self.parts(of, &apart)?;
                        event(entry, told, words)
                    }
                };
                let is_sale = accepted.owner == accepted.recipient;
                self.between(event, &accepted.sender, &accepted.recipient, is_sale)
            }
            Event::ShipmentEnded(ended) => {
                let event = self.plain(entry, of, ("OBSERVE", "void_shipping", "in_progress"))?;
                self.between(event, &ended.sender, &ended.recipient, false)
            }
            // Only a doubt has ended that stayed with what is gone: it is about what was set apart of it.
            Event::StatusSet(status)
                if status.old == status.new && status.action == StatusAction::Release =>
            {
                return Ok(None)
            }
            Event::StatusSet(status) => self.plain(entry, of, words_of(status.action))?,
            Event::RecallIssued(_) => {
                let mut event = self.plain(entry, of, ("OBSERVE", "holding", "recalled"))?;
                event["persistentDisposition"] = json!({ "set": ["recalled"] });
                event
            }
            Event::RecallLifted(_) => {
                let mut event = self.plain(entry, of, ("OBSERVE", "inspecting", ""))?;
                event["persistentDisposition"] = json!({ "unset": ["recalled"] });
                event
            }
            Event::ExcursionFound(found) => {
                let disposition = match found.sums.verdict >= SETS_ASIDE {
                    true => "non_sellable_other",
                    false => "in_progress",
                };
                let mut event =
                    self.plain(entry, of, ("OBSERVE", "sensor_reporting", disposition))?;
                event["sensorElementList"] = json!([{ "sensorReport": [report(&found.sums)] }]);
                event
            }
            // A scan is in EPCIS the partner's own event, which it captures where it likes.
            Event::ScanReported(_) => return Ok(None),
            Event::ExcursionAssessed(assessed) => {
                let action = match assessed.is_released {
                    true => StatusAction::Release,
                    false => StatusAction::Condemn,
                };
                self.plain(entry, of, words_of(action))?
            }
        };
        let is_empty = told["epcList"].as_array().is_some_and(Vec::is_empty);
        Ok(Some(told).filter(|_| !is_empty))
    }

    /// An event about a place, in these words.
    fn plain(&mut self, entry: &Entry, of: Subtree, words: Words) -> Result<Value> {
        // A recall is of all that is still there, whoever has it.
        let without = match entry.event {
            Event::RecallIssued(_) | Event::RecallLifted(_) => &self.course.gone,
            _ => &self.course.apart,
        };
        let told = self.lot.told(of, without)?;
        Ok(event(entry, told, words))
    }

    /// What is at a place without some of its parts: part by part.
    fn parts(&mut self, of: Subtree, without: &BTreeSet<Subtree>) -> Result<(&'static str, Value)> {
        let packs = self.lot.packs_of(of, without)?;
        let left = packs.into_iter().map(|(pack, _)| pack).collect();
        let mut epcs = Vec::new();
        for place in self.lot.places(&left) {
            let (list, told) = self.lot.told(place, &BTreeSet::new())?;
            if list != "epcList" {
                return Ok((list, told));
            }
            epcs.extend(told.as_array().cloned().unwrap_or_default());
        }
        Ok(("epcList", Value::Array(epcs)))
    }

    /// Who hands over to whom. Ownership is told only where it goes over.
    fn between(&self, mut event: Value, from: &Pubkey, to: &Pubkey, is_sale: bool) -> Value {
        let mut roles = vec!["possessing_party"];
        if is_sale {
            roles.push("owning_party");
        }
        let list = |field: &str, party: &Pubkey| -> Value {
            let uri = self.parties.uri(party);
            roles
                .iter()
                .map(|role| json!({ "type": role, field: uri }))
                .collect()
        };
        event["sourceList"] = list("source", from);
        event["destinationList"] = list("destination", to);
        event
    }
}

fn event(
    entry: &Entry,
    (list, told): (&'static str, Value),
    (action, step, disposition): Words,
) -> Value {
    let at = timestamp(entry.at);
    let mut event = json!({
        "type": "ObjectEvent",
        "eventTime": at,
        "eventTimeZoneOffset": "+00:00",
        "recordTime": at,
        "action": action,
        "epcList": [],
    });
    event[list] = told;
    for (name, word) in [("bizStep", step), ("disposition", disposition)] {
        if !word.is_empty() {
            event[name] = json!(word);
        }
    }
    if list == "quantityList" {
        if let Some(fields) = event.as_object_mut() {
            fields.remove("epcList");
        }
    }
    event
}

/// What a device's readings came to.
fn report(sums: &ReadingSums) -> Value {
    if sums.known_minutes == 0 {
        return json!({ "type": "Temperature", "exception": "ERROR_CONDITION" });
    }
    json!({
        "type": "Temperature",
        "minValue": celsius(sums.least),
        "maxValue": celsius(sums.greatest),
        "meanValue": celsius(sums.mean),
        "uom": "CEL",
        "exception": "ALARM_CONDITION",
    })
}

/// Thousandths of a degree as a decimal, digit by digit.
fn celsius(thousandths: i32) -> Value {
    let sign = if thousandths < 0 { "-" } else { "" };
    let size = thousandths.unsigned_abs();
    let text = format!("{sign}{}.{:03}", size / 1_000, size % 1_000);
    serde_json::from_str(&text).unwrap_or_default()
}

/// A place as the tree has it.
pub fn subtree(place: Place) -> Subtree {
    Subtree {
        level: place.level.into(),
        index: place.index,
    }
}

/// The places that the recipient of a shipment refused: they stay with the sender.
pub fn refused(accepted: &ShipmentAccepted) -> impl Iterator<Item = Subtree> + '_ {
    let level = below(accepted.place.level.into());
    accepted.refused.iter().filter_map(move |index| {
        Some(Subtree {
            level: level?,
            index: *index,
        })
    })
}

/// The level of what is directly in it.
fn below(level: Level) -> Option<Level> {
    match level {
        Level::Batch => Some(Level::Pallet),
        Level::Pallet => Some(Level::Case),
        Level::Case => Some(Level::Pack),
        Level::Pack => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event at a moment, perhaps with an id of its own.
    fn told(minute: u8, id: Option<&str>) -> (Value, Vec<String>) {
        let mut event = json!({
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "eventTimeZoneOffset": "+00:00",
            "eventTime": format!("2026-03-01T09:{minute:02}:00.000Z"),
            "quantityList": [{ "epcClass": "https://id.gs1.org/01/09506000134352/10/A1", "quantity": 6_000 }],
        });
        if let Some(id) = id {
            event["eventID"] = json!(id);
        }
        (event, vec!["signature".to_owned()])
    }

    #[test]
    fn what_is_told_twice_in_a_second_has_its_id_once() {
        let own = "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8";
        let events = vec![
            told(1, None),
            told(1, None),
            told(2, Some(own)),
            told(3, Some(own)),
        ];
        let document = finish(events, Map::new()).expect("told");
        let document = document.require_valid().expect("valid");
        let hashes = galen_epcis::hashes(&document.json).expect("hashes");
        let ids: Vec<Option<&str>> = document
            .events
            .iter()
            .map(|told| told.event["eventID"].as_str())
            .collect();
        assert_eq!(hashes[0], hashes[1]);
        let expected = [
            Some(hashes[0].as_str()),
            None,
            Some(own),
            Some(hashes[3].as_str()),
        ];
        assert_eq!(ids, expected);
    }

    #[test]
    fn degrees_are_told_to_the_thousandth() {
        for (thousandths, text) in [
            (5_250, "5.250"),
            (-250, "-0.250"),
            (0, "0.000"),
            (i32::MIN, "-2147483.648"),
        ] {
            assert_eq!(celsius(thousandths).to_string(), text);
        }
    }
}
