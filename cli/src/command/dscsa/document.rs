//! A sale as an EPCIS document: what each package is (FDCA 582(g)(1)), what it is packed in, its shipping, and in the header the
//! transaction statement and the names of product and parties.

use std::collections::BTreeMap;

use galen_rules::merkle::{Level, Subtree};
use serde_json::{json, Map, Value};

use super::details::Party;
use super::statement::{Information, LEGAL_NOTICE};
use crate::command::epcis::parties::Parties;
use crate::command::epcis::tell;
use crate::command::epcis::what::Lot;
use crate::error::Result;

const NAMESPACE: &str = "http://epcis.gs1us.org/hc/ns";

/// A pack by its index and its serial number.
type Pack = (u64, String);

/// What was shipped.
pub struct Shipped<'a> {
    /// The place.
    pub of: Subtree,
    /// The packs of it that were part of the shipment.
    pub packs: &'a [Pack],
    /// When the batch was registered, as EPCIS writes moments: since then the tree says what is in what.
    pub registered: String,
    /// The shipping event as the ledger tells it.
    pub event: Value,
}

/// The document of a sale.
///
/// # Errors
/// `export_invalid`: a fault of Galen's.
pub fn document(
    shipped: Shipped,
    lot: &Lot,
    parties: &Parties,
    information: &Information,
) -> Result<Value> {
    let serials = shipped.packs.iter().map(|(_, serial)| lot.item(serial));
    let made = json!({
        "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "disposition": "active",
        "eventTime": shipped.registered, "eventTimeZoneOffset": "+00:00", "recordTime": shipped.registered,
        "epcList": serials.collect::<Vec<_>>(),
        "ilmd": { "cbvmda:lotNumber": information.lot, "cbvmda:itemExpirationDate": information.expiry },
    });
    let mut events = vec![made];
    let names = match lot.sscc(shipped.of) {
        Some(sscc) => {
            aggregate(
                lot,
                shipped.of,
                shipped.packs,
                &shipped.registered,
                &mut events,
            );
            vec![sscc]
        }
        None => contents(
            lot,
            shipped.of,
            shipped.packs,
            &shipped.registered,
            &mut events,
        ),
    };
    let mut event = shipped.event;
    if let Some(fields) = event.as_object_mut() {
        fields.remove("quantityList");
        fields.remove("eventID");
        fields.insert("epcList".to_owned(), json!(names));
    }
    events.push(event);
    let told = events.into_iter().map(|event| (event, Vec::new()));
    let mut document = tell::finish(told.collect(), Map::new())?.json;
    document["@context"] = match document["@context"].take() {
        Value::Array(mut parts) => {
            parts.push(json!({ "gs1ushc": NAMESPACE }));
            Value::Array(parts)
        }
        one => json!([one, { "gs1ushc": NAMESPACE }]),
    };
    document["epcisHeader"] = header(lot, parties, information);
    tell::require_valid(&document)?;
    Ok(document)
}

/// The event that tells what is in a case or on a pallet, and those of what is in that, the innermost first.
fn aggregate(lot: &Lot, of: Subtree, packs: &[Pack], at: &str, events: &mut Vec<Value>) {
    let children = contents(lot, of, packs, at, events);
    events.push(json!({
        "type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "disposition": "in_progress",
        "eventTime": at, "eventTimeZoneOffset": "+00:00", "recordTime": at,
        "parentID": lot.sscc(of), "childEPCs": children,
    }));
}

/// What is directly in a place: cases and pallets that have an SSCC, and the packs that are in none.
fn contents(
    lot: &Lot,
    of: Subtree,
    packs: &[Pack],
    at: &str,
    events: &mut Vec<Value>,
) -> Vec<String> {
    let layout = lot.leaves.layout();
    let mut names = Vec::new();
    let mut inside: BTreeMap<Subtree, Vec<Pack>> = BTreeMap::new();
    for (index, serial) in packs {
        let pack = Subtree {
            level: Level::Pack,
            index: *index,
        };
        let around = layout.path(pack).into_iter().flatten().flatten();
        let outermost = around
            .filter(|place| place.level < of.level && lot.sscc(*place).is_some())
            .max_by_key(|place| place.level);
        match outermost {
            Some(place) => inside
                .entry(place)
                .or_default()
                .push((*index, serial.clone())),
            None => names.push(lot.item(serial)),
        }
    }
    for (place, packs) in inside {
        aggregate(lot, place, &packs, at, events);
        names.extend(lot.sscc(place));
    }
    names
}

fn header(lot: &Lot, parties: &Parties, information: &Information) -> Value {
    let attribute = |name: &str, text: &str| json!({ "id": format!("urn:epcglobal:cbv:mda#{name}"), "attribute": text });
    // Under the same name as in the events, so that the two link.
    let party = |party: &Party| {
        let address = party.organization.parse().ok();
        let id = address.map_or_else(
            || party.organization.clone(),
            |address| parties.uri(&address),
        );
        json!({ "id": id, "attributes": [
            attribute("name", &party.name),
            attribute("streetAddressOne", &party.address),
        ] })
    };
    let product = &information.product;
    json!({
        "gs1ushc:dscsaTransactionStatement": {
            "gs1ushc:affirmTransactionStatement": true,
            "gs1ushc:legalNotice": LEGAL_NOTICE,
        },
        "epcisMasterData": { "vocabularyList": [
            {
                "type": "urn:epcglobal:epcis:vtype:EPCClass",
                "vocabularyElementList": [{ "id": format!("https://id.gs1.org/01/{}", lot.gtin), "attributes": [
                    attribute("additionalTradeItemIdentification", &product.ndc),
                    attribute("regulatedProductName", &product.name),
                    attribute("dosageFormType", &product.dosage_form),
                    attribute("strengthDescription", &product.strength),
                    attribute("netContentDescription", &product.container_size),
                ] }],
            },
            {
                "type": "urn:epcglobal:epcis:vtype:Party",
                "vocabularyElementList": [party(&information.from), party(&information.to)],
            },
        ] },
    })
}
