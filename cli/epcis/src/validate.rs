//! Whether a document is EPCIS 2.0: by the official schema, and then by what a schema cannot say.
//!
//! Sources: EPCIS 2.0, sections 7.3 and 7.4 (events, times, error declarations); CBV 2.0, sections 7 and 8 (vocabularies,
//! identifiers); the rules for parents and commissioning that repositories apply (one parent at a time, commissioned once).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::document;
use crate::identifier::{identify, Identifier};
use crate::namespaces::Namespaces;
use crate::schema;
use crate::time_stamp;
use crate::vocabulary;
use crate::{hashes, EpcisError};

/// The year in which codes are read where the document tells none.
const DEFAULT_YEAR: u16 = 2026;
/// Prefixes of the standard context.
const STANDARD_PREFIXES: [&str; 8] = [
    "epcis", "cbv", "cbvmda", "gs1", "rdfs", "owl", "xsd", "dcterms",
];
const EPC_LISTS: [&str; 4] = ["epcList", "childEPCs", "inputEPCList", "outputEPCList"];
const QUANTITY_LISTS: [&str; 4] = [
    "quantityList",
    "childQuantityList",
    "inputQuantityList",
    "outputQuantityList",
];

/// What documents call themselves.
const DOCUMENTS: [&str; 2] = ["EPCISDocument", "EPCISQueryDocument"];

/// Everything that is wrong with a document, in its order; empty where nothing is. What the schema finds comes alone: the
/// other checks need a document of its form. What neither calls itself an EPCIS document nor has events is told as that: the schema
/// would name every form that it could have had.
///
/// # Errors
/// `schema_damaged`: a fault of this build.
pub fn validate(document: &Value) -> Result<Vec<EpcisError>, EpcisError> {
    let is_called_so = document["type"]
        .as_str()
        .is_some_and(|name| DOCUMENTS.contains(&name));
    if !is_called_so {
        let none = document::events(document).err();
        if let Some(error) = none.filter(|error| error.code == "not_epcis") {
            return Ok(vec![error]);
        }
    }
    let mut found = schema::violations(document)?;
    if found.is_empty() {
        found = Checks::of(document).map_or_else(|error| vec![error], Checks::run);
    }
    Ok(found)
}

struct Checks<'a> {
    document: &'a Value,
    events: Vec<(String, &'a Value)>,
    year: u16,
    prefixes: BTreeSet<String>,
    found: Vec<EpcisError>,
}

impl<'a> Checks<'a> {
    fn of(document: &'a Value) -> Result<Self, EpcisError> {
        let events = document::events(document)?;
        let told = document["creationDate"]
            .as_str()
            .or_else(|| document["eventTime"].as_str());
        let year = told
            .and_then(|moment| moment.get(..4))
            .and_then(|year| year.parse().ok())
            .unwrap_or(DEFAULT_YEAR);
        let mut prefixes: BTreeSet<String> = Namespaces::of(document)?
            .prefixes()
            .map(str::to_owned)
            .collect();
        prefixes.extend(STANDARD_PREFIXES.map(str::to_owned));
        Ok(Self {
            document,
            events,
            year,
            prefixes,
            found: Vec::new(),
        })
    }

    fn run(mut self) -> Vec<EpcisError> {
        let version = self.document["schemaVersion"].as_str();
        if version.is_some_and(|version| version != "2.0" && !version.starts_with("2.0.")) {
            self.add(
                "other_version",
                "schemaVersion",
                "Galen reads EPCIS 2.0; documents of 1.2 are converted first.",
            );
        }
        for (at, event) in self.events.clone() {
            self.times(&at, event);
            self.words(&at, event);
            self.identifiers(&at, event);
            if let Some(fields) = event.as_object() {
                self.prefixes(&at, fields);
            }
        }
        self.event_ids();
        self.histories();
        self.found
    }

    fn add(&mut self, code: &'static str, at: impl Into<String>, message: impl Into<String>) {
        self.found.push(EpcisError::new(code, at, message));
    }

    fn times(&mut self, at: &str, event: &Value) {
        let text = |value: &Value| value.as_str().and_then(time_stamp::canonical);
        let Some(moment) = text(&event["eventTime"]) else {
            let message = "A moment has date, time and offset: 2026-03-01T09:00:00.000+01:00.";
            return self.add("invalid_time", field(at, "eventTime"), message);
        };
        // Canonical moments are in UTC and of one length: their order is that of their texts.
        if text(&event["recordTime"]).is_some_and(|recorded| recorded < moment) {
            let message =
                "The event was recorded before it happened; one of the two times is wrong.";
            self.add("recorded_before_event", field(at, "recordTime"), message);
        }
        if text(&self.document["creationDate"]).is_some_and(|created| created < moment) {
            let message =
                "The event happened after the document was made; one of the two times is wrong.";
            self.add("event_after_document", field(at, "eventTime"), message);
        }
        if text(&event["errorDeclaration"]["declarationTime"])
            .is_some_and(|declared| declared < moment)
        {
            let message = "The error was declared before the event happened.";
            self.add(
                "declared_before_event",
                field(at, "errorDeclaration.declarationTime"),
                message,
            );
        }
        let elements = event["sensorElementList"].as_array();
        for (index, element) in elements.into_iter().flatten().enumerate() {
            let times = &element["sensorMetadata"];
            let (start, end) = (text(&times["startTime"]), text(&times["endTime"]));
            if start.zip(end).is_some_and(|(start, end)| start > end) {
                let place = format!("sensorElementList[{index}].sensorMetadata.endTime");
                self.add(
                    "times_reversed",
                    field(at, &place),
                    "It ended before it began.",
                );
            }
        }
    }

    /// Words of GS1's own vocabularies that there are not; the schema knows the bare ones only.
    fn words(&mut self, at: &str, event: &Value) {
        let single = [("bizStep", "bizStep"), ("disposition", "disposition")];
        let mut written: Vec<(String, &str, &Value)> = single
            .iter()
            .map(|(name, kind)| (field(at, name), *kind, &event[*name]))
            .collect();
        for part in ["set", "unset"] {
            let list = event["persistentDisposition"][part].as_array();
            for (index, word) in list.into_iter().flatten().enumerate() {
                let place = format!("persistentDisposition.{part}[{index}]");
                written.push((field(at, &place), "disposition", word));
            }
        }
        for (place, kind, word) in written {
            if word
                .as_str()
                .is_some_and(|word| vocabulary::is_unknown(kind, word))
            {
                let message = format!("CBV 2.0 has no such {kind}.");
                self.add("not_in_vocabulary", place, message);
            }
        }
    }

    fn identifiers(&mut self, at: &str, event: &Value) {
        for list in EPC_LISTS {
            let mut seen = BTreeSet::new();
            for (index, epc) in event[list].as_array().into_iter().flatten().enumerate() {
                let place = field(at, &format!("{list}[{index}]"));
                let Some(identifier) = self.identifier(&place, epc) else {
                    continue;
                };
                if !identifier.is_instance() {
                    let message = "This names a lot or a product; lists of EPCs name single things. It belongs into the list of quantities.";
                    self.add("class_in_epc_list", place.clone(), message);
                }
                let names_one = matches!(
                    identifier,
                    Identifier::Item { .. } | Identifier::Logistic(_)
                );
                if names_one && !seen.insert(identifier) {
                    let message = "This is in the list already, perhaps in another form.";
                    self.add("repeated_item", place, message);
                }
            }
        }
        for list in QUANTITY_LISTS {
            for (index, element) in event[list].as_array().into_iter().flatten().enumerate() {
                let place = field(at, &format!("{list}[{index}].epcClass"));
                if let Some(identifier) = self.identifier(&place, &element["epcClass"]) {
                    if !identifier.is_class() {
                        let message = "This names a single thing; quantities are of a lot or a product. It belongs into the list of EPCs.";
                        self.add("instance_as_class", place, message);
                    }
                }
            }
        }
        let parent = self.identifier(&field(at, "parentID"), &event["parentID"]);
        if parent.is_some() {
            let children = event["childEPCs"].as_array();
            for (index, child) in children.into_iter().flatten().enumerate() {
                if child == &event["parentID"] {
                    let place = field(at, &format!("childEPCs[{index}]"));
                    self.add("own_parent", place, "Nothing is packed into itself.");
                }
            }
        }
        for (name, path) in [
            ("readPoint", "readPoint.id"),
            ("bizLocation", "bizLocation.id"),
        ] {
            self.identifier(&field(at, path), &event[name]["id"]);
        }
        for (list, name) in [
            ("sourceList", "source"),
            ("destinationList", "destination"),
            ("bizTransactionList", "bizTransaction"),
        ] {
            for (index, pair) in event[list].as_array().into_iter().flatten().enumerate() {
                self.identifier(&field(at, &format!("{list}[{index}].{name}")), &pair[name]);
            }
        }
    }

    /// What an identifier names; none where there is none, or a wrong one, which is noted.
    fn identifier(&mut self, at: &str, value: &Value) -> Option<Identifier> {
        match identify(value.as_str()?, self.year) {
            Ok(identifier) => Some(identifier),
            Err(reason) => {
                self.add("bad_identifier", at, reason);
                None
            }
        }
    }

    /// Extensions whose prefix stands for nothing: no reader can tell whose they are.
    fn prefixes(&mut self, at: &str, fields: &Map<String, Value>) {
        for (name, value) in fields.iter().filter(|(name, _)| *name != "@context") {
            let place = field(at, name);
            if let Some((prefix, rest)) = name.split_once(':') {
                if !self.prefixes.contains(prefix) && !rest.starts_with("//") && prefix != "urn" {
                    let message =
                        format!("The document's @context does not say what `{prefix}` stands for.");
                    self.add("undeclared_prefix", place.clone(), message);
                }
            }
            self.prefixes_within(&place, value);
        }
    }

    fn prefixes_within(&mut self, at: &str, value: &Value) {
        match value {
            Value::Object(fields) => self.prefixes(at, fields),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.prefixes_within(&format!("{at}[{index}]"), item);
                }
            }
            _ => {}
        }
    }

    fn event_ids(&mut self) {
        let hashes = match hashes(self.document) {
            Ok(hashes) => hashes,
            Err(error) => return self.found.push(error),
        };
        let mut seen = BTreeMap::new();
        for ((at, event), hash) in self.events.clone().into_iter().zip(hashes) {
            let Some(id) = event["eventID"].as_str() else {
                continue;
            };
            let place = field(&at, "eventID");
            let is_declaration = event["errorDeclaration"].is_object();
            if id.starts_with("ni:///sha-256;") && id.ends_with("?ver=CBV2.0") && id != hash {
                let message = format!("This is the hash of another event; this one's is {hash}.");
                self.add("event_id_is_not_the_hash", place.clone(), message);
            }
            // An error declaration repeats the event that it is about.
            if let (Some(first), false) = (seen.insert(id, at), is_declaration) {
                let message = format!("The event {first} has the same id.");
                self.add("repeated_event_id", place, message);
            }
        }
    }

    /// What cannot have happened after what the document tells before, by the time of the events.
    fn histories(&mut self) {
        let mut order = self.events.clone();
        order.retain(|(_, event)| !event["errorDeclaration"].is_object());
        order.sort_by_key(|(_, event)| event["eventTime"].as_str().and_then(time_stamp::canonical));
        let mut commissioned: BTreeMap<Identifier, String> = BTreeMap::new();
        let mut gone: BTreeMap<Identifier, String> = BTreeMap::new();
        let mut parents: BTreeMap<Identifier, Identifier> = BTreeMap::new();
        for (at, event) in order {
            let step = event["bizStep"]
                .as_str()
                .map(vocabulary::bare)
                .unwrap_or_default();
            let action = event["action"].as_str().unwrap_or_default();
            let (epcs, children) = (
                self.named(&at, event, "epcList"),
                self.named(&at, event, "childEPCs"),
            );
            if event["type"] == "ObjectEvent" {
                for (place, epc) in epcs {
                    let message = match (action, step) {
                        ("ADD", "commissioning") => {
                            gone.remove(&epc);
                            commissioned.insert(epc, at.clone()).map(|first| {
                                (
                                    "commissioned_twice",
                                    format!("{first} has commissioned it already."),
                                )
                            })
                        }
                        ("DELETE", _) => {
                            gone.insert(epc, at.clone());
                            None
                        }
                        _ => gone.get(&epc).map(|end| {
                            ("after_its_end", format!("{end} has taken it out already."))
                        }),
                    };
                    if let Some((code, message)) = message {
                        self.add(code, place, message);
                    }
                }
            }
            if event["type"] == "AggregationEvent" {
                let parent = event["parentID"]
                    .as_str()
                    .and_then(|id| identify(id, self.year).ok());
                for (place, child) in children {
                    match (action, &parent) {
                        ("ADD", Some(parent)) => {
                            let before = parents.insert(child, parent.clone());
                            if before.is_some_and(|before| before != *parent) {
                                let message = "It is in another parent already, and was not unpacked from there.";
                                self.add("two_parents", place, message);
                            }
                        }
                        ("DELETE", _) => {
                            parents.remove(&child);
                        }
                        _ => {}
                    }
                }
                // All that was in it is unpacked where no children are named.
                if action == "DELETE" && event["childEPCs"].as_array().is_none_or(Vec::is_empty) {
                    if let Some(parent) = parent {
                        parents.retain(|_, of| *of != parent);
                    }
                }
            }
        }
    }

    fn named(&self, at: &str, event: &Value, list: &str) -> Vec<(String, Identifier)> {
        let items = event[list].as_array();
        let placed = items
            .into_iter()
            .flatten()
            .enumerate()
            .filter_map(|(index, epc)| {
                let identifier = identify(epc.as_str()?, self.year).ok()?;
                let is_epc = matches!(
                    identifier,
                    Identifier::Item { .. } | Identifier::Logistic(_)
                );
                is_epc.then(|| (field(at, &format!("{list}[{index}]")), identifier))
            });
        placed.collect()
    }
}

fn field(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}
