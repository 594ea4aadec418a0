//! Which places of which lots an event is about, who acts, and what is done.

use std::collections::BTreeSet;

use galen_epcis::{identify, Identifier};
use galen_rules::gs1;
use galen_rules::merkle::{Level, Subtree};
use serde_json::Value;
use solana_pubkey::Pubkey;

use super::super::deed::{deed_of, Deed};
use super::super::parties::Parties;
use super::super::validate;
use super::super::what::Lot;
use super::{digest_of, things};
use crate::error::{CliError, Result};

/// An event and what it comes to.
pub struct Mapped {
    /// Where it stands in the document.
    pub at: String,
    /// `ni:///sha-256;…?ver=CBV2.0`.
    pub hash: String,
    /// The hash's bytes.
    pub digest: [u8; 32],
    /// As it stands there.
    pub json: Value,
    /// What is to be done; nothing where only a container is noted; else why it cannot be mapped.
    pub steps: Result<Vec<Step>>,
    /// SSCCs that it tells the places of.
    pub containers: Vec<(usize, Subtree, String)>,
}

/// One thing to do.
#[derive(Debug, Clone)]
pub struct Step {
    /// Which of the lots.
    pub lot: usize,
    /// Of what.
    pub place: Subtree,
    /// What.
    pub deed: Deed,
    /// From whom, where it is handed over and the event says so.
    pub sender: Option<Pubkey>,
    /// To whom, where it is handed over.
    pub recipient: Option<Pubkey>,
    /// Whether ownership goes over.
    pub is_sale: bool,
    /// Whether a customer sends it back.
    pub is_return: bool,
}

/// Maps a document.
pub struct Mapper<'a> {
    lots: &'a mut Vec<Lot>,
    parties: &'a Parties,
    organization: Pubkey,
    year: u16,
}

impl<'a> Mapper<'a> {
    /// For one organisation's events.
    pub fn new(lots: &'a mut Vec<Lot>, parties: &'a Parties, organization: Pubkey) -> Self {
        Self {
            lots,
            parties,
            organization,
            year: 2026,
        }
    }

    /// All events of a valid document, in the order of time.
    ///
    /// # Errors
    /// What makes the document unreadable; an event that cannot be mapped says so itself.
    pub fn map(mut self, document: &Value) -> Result<Vec<Mapped>> {
        let created = document["creationDate"]
            .as_str()
            .or(document["eventTime"].as_str());
        if let Some(year) = created.and_then(|moment| moment.get(..4)?.parse().ok()) {
            self.year = year;
        }
        let events = galen_epcis::events(document).map_err(validate::of)?;
        let hashes = galen_epcis::hashes(document).map_err(validate::of)?;
        let mut order: Vec<_> = events.into_iter().zip(hashes).collect();
        order.sort_by_key(|((_, event), _)| {
            event["eventTime"].as_str().and_then(galen_epcis::moment)
        });
        // What the document itself takes back, by its id or its hash: that of the declaration, in which both are repeated.
        let is_declaration = |event: &Value| event["errorDeclaration"].is_object();
        let taken_back: BTreeSet<String> = order
            .iter()
            .filter(|((_, event), _)| is_declaration(event))
            .flat_map(|((_, event), hash)| {
                let id = event["eventID"].as_str().map(str::to_owned);
                id.into_iter().chain([hash.clone()])
            })
            .collect();
        let mut mapped = Vec::new();
        for ((at, event), hash) in order {
            let mut containers = Vec::new();
            let id = event["eventID"].as_str().unwrap_or_default();
            let is_taken_back = taken_back.contains(&hash) || taken_back.contains(id);
            let steps = match is_taken_back && !is_declaration(event) {
                true => {
                    let message = "The document takes this event back in an error declaration.";
                    Err(CliError::new("error_declaration", message))
                }
                false => self.event(event, &mut containers),
            };
            let steps = steps.map_err(|error| CliError {
                at: Some(match error.at {
                    Some(place) if at.is_empty() => place,
                    Some(place) => format!("{at}.{place}"),
                    None => at.clone(),
                }),
                ..error
            });
            mapped.push(Mapped {
                digest: digest_of(&hash),
                json: event.clone(),
                at,
                hash,
                steps,
                containers,
            });
        }
        Ok(mapped)
    }

    fn event(
        &mut self,
        event: &Value,
        containers: &mut Vec<(usize, Subtree, String)>,
    ) -> Result<Vec<Step>> {
        let deed = deed_of(event).map_err(|(code, message)| CliError::new(code, message))?;
        match deed {
            Deed::Aggregate => {
                containers.push(self.aggregate(event)?);
                return Ok(Vec::new());
            }
            Deed::Disaggregate => return Ok(Vec::new()),
            _ => {}
        }
        let (from, to) = self.hand_over(event, deed)?;
        let is_sale = deed == Deed::Ship && self.is_sale(event, from, to)?;
        let disposition = event["disposition"].as_str().map(galen_epcis::bare);
        let acts = match deed {
            Deed::Ship => from,
            Deed::Receive => to,
            _ => Some(self.organization),
        };
        if acts.is_some_and(|acts| acts != self.organization) {
            let message = "Another organization acts in this event; it captures it itself, or name it with --org.";
            return Err(CliError::new("other_party", message));
        }
        let places = self.places(event)?;
        if deed == Deed::Commission {
            self.require_whole(&places)?;
        }
        self.require_lot(event, &places)?;
        let steps = places.into_iter().map(|(lot, place)| Step {
            lot,
            place,
            deed,
            sender: from,
            recipient: to,
            is_sale,
            is_return: disposition == Some("returned"),
        });
        Ok(steps.collect())
    }

    /// Who hands over to whom: who possesses it, else who owns it.
    fn hand_over(&self, event: &Value, deed: Deed) -> Result<(Option<Pubkey>, Option<Pubkey>)> {
        if !matches!(deed, Deed::Ship | Deed::Receive | Deed::VoidShipping) {
            return Ok((None, None));
        }
        let either = |list| -> Result<Option<Pubkey>> {
            match self.role(event, list, "possessing_party")? {
                Some(party) => Ok(Some(party)),
                None => self.role(event, list, "owning_party"),
            }
        };
        let (from, to) = (either(SOURCE)?, either(DESTINATION)?);
        if deed == Deed::Ship && to.is_none() {
            let message = "The event does not say to whom it is shipped: destinationList names the possessing_party.";
            return Err(CliError {
                at: Some("destinationList".to_owned()),
                ..CliError::new("recipient_missing", message)
            });
        }
        Ok((from, to))
    }

    /// Whether ownership goes over to who receives it. Shipped to one and sold to another: the ledger has no such hand-over.
    fn is_sale(&self, event: &Value, from: Option<Pubkey>, to: Option<Pubkey>) -> Result<bool> {
        let before = self.role(event, SOURCE, "owning_party")?;
        let after = self.role(event, DESTINATION, "owning_party")?;
        let sender = from.unwrap_or(self.organization);
        match after {
            None => Ok(false),
            // It stays with its owner, whoever that is.
            Some(owner) if before == Some(owner) || owner == sender => Ok(false),
            Some(owner) if Some(owner) == to => Ok(true),
            Some(_) => {
                let message = "Whom it is sold to is not who receives it. On the ledger ownership goes over to who takes it over: sell it to the new owner, who hands it over from there without a sale.";
                Err(CliError {
                    at: Some("destinationList".to_owned()),
                    ..CliError::new("other_owner", message)
                })
            }
        }
    }

    fn role(&self, event: &Value, list: (&str, &str), role: &str) -> Result<Option<Pubkey>> {
        self.parties.in_role(event, list, role, self.year)
    }

    /// The places that an event is about, in the order of lots.
    fn places(&mut self, event: &Value) -> Result<Vec<(usize, Subtree)>> {
        let mut packs: Vec<BTreeSet<u64>> = vec![BTreeSet::new(); self.lots.len()];
        let mut places = BTreeSet::new();
        for (at, epc) in things(event) {
            match self.thing(epc).map_err(|error| with_place(error, &at))? {
                (lot, place) if place.level == Level::Pack => {
                    if let Some(packs) = packs.get_mut(lot) {
                        packs.insert(place.index);
                    }
                }
                whole => {
                    places.insert(whole);
                }
            }
        }
        let quantities = event["quantityList"].as_array();
        for (index, quantity) in quantities.into_iter().flatten().enumerate() {
            let at = format!("quantityList[{index}]");
            places.insert(
                self.quantity(quantity)
                    .map_err(|error| with_place(error, &at))?,
            );
        }
        for (index, (lot, packs)) in self.lots.iter().zip(&packs).enumerate() {
            places.extend(lot.places(packs).into_iter().map(|place| (index, place)));
        }
        if places.is_empty() {
            return Err(CliError::new(
                "nothing_named",
                "The event names no packs, cases or lots.",
            ));
        }
        Ok(places.into_iter().collect())
    }

    /// Where a pack, case or pallet is.
    fn thing(&mut self, epc: &Value) -> Result<(usize, Subtree)> {
        let text = epc.as_str().unwrap_or_default();
        let identifier =
            identify(text, self.year).map_err(|reason| CliError::new("bad_identifier", reason))?;
        match identifier {
            Identifier::Item { gtin, serial } => {
                let printed = printed_lot(text, self.year);
                let mut found = Vec::new();
                for (index, lot) in self
                    .lots
                    .iter_mut()
                    .enumerate()
                    .filter(|(_, lot)| lot.gtin == gtin)
                {
                    if let Some(pack) = lot.pack(&serial)? {
                        found.push((
                            index,
                            Subtree {
                                level: Level::Pack,
                                index: pack,
                            },
                        ));
                    }
                }
                let other_lot = |index: usize| {
                    let lot = self.lots.get(index).map(|lot| lot.lot.as_str());
                    printed.as_deref().filter(|printed| lot != Some(printed))
                };
                match found.as_slice() {
                    [(index, _)] if other_lot(*index).is_some() => {
                        let message = format!("{text} names another lot than the one whose leaf file has the pack {serial}: one of the two is wrong.");
                        Err(CliError::new("lot_mismatch", message))
                    }
                    [only] => Ok(*only),
                    [] => {
                        let message = format!("None of the leaf files has the pack {serial} of {gtin}; name its lot with --leaves.");
                        Err(CliError::new("unknown_serial", message))
                    }
                    _ => {
                        let message = format!("The pack {serial} of {gtin} is in two lots: one of them cannot be genuine.");
                        Err(CliError::new("serial_in_two_lots", message))
                    }
                }
            }
            Identifier::Logistic(sscc) => {
                let mut known = self.lots.iter().enumerate();
                let place = known.find_map(|(index, lot)| Some((index, lot.container(&sscc)?)));
                place.ok_or_else(|| {
                    let message = format!("No aggregation event has told what the SSCC {sscc} stands on; capture that one first.");
                    CliError::new("unknown_sscc", message)
                })
            }
            _ => {
                let message = format!("{text} is neither a pack by its GTIN and serial number nor a case or pallet by its SSCC.");
                Err(CliError::new("unknown_epc", message))
            }
        }
    }

    /// A whole lot by its quantity.
    fn quantity(&self, element: &Value) -> Result<(usize, Subtree)> {
        let class = element["epcClass"].as_str().unwrap_or_default();
        if !element["uom"].is_null() {
            let message = "A weight or a volume is no number of packs: `uom` is left out where packs are counted.";
            return Err(CliError::new("quantity_unmapped", message));
        }
        let quantity = element["quantity"].to_string();
        let named = match identify(class, self.year) {
            Ok(Identifier::Lot { gtin, lot }) => Some((gtin, lot)),
            _ => None,
        };
        let mut lots = self.lots.iter().enumerate();
        let found = lots.find(|(_, lot)| {
            named
                .as_ref()
                .is_some_and(|(gtin, name)| lot.gtin == *gtin && lot.lot == *name)
        });
        match found {
            Some((index, lot)) if is_count(&quantity, lot.leaves.count()) => Ok((
                index,
                Subtree {
                    level: Level::Batch,
                    index: 0,
                },
            )),
            Some((_, lot)) => {
                let message = format!("The lot {} has {} packs; which ones a part of it is, the event does not say. Name serial numbers or an SSCC.", lot.lot, lot.leaves.count());
                Err(CliError::new("quantity_unmapped", message))
            }
            None => {
                let message = format!("{class} is none of the lots whose leaf files were given.");
                Err(CliError::new("unknown_lot", message))
            }
        }
    }

    /// The lot that the event's master data names must be the one that its things are of.
    fn require_lot(&self, event: &Value, places: &[(usize, Subtree)]) -> Result<()> {
        let Some(named) = event["ilmd"]["cbvmda:lotNumber"].as_str() else {
            return Ok(());
        };
        let mut lots = places.iter().filter_map(|(lot, _)| self.lots.get(*lot));
        match lots.find(|lot| lot.lot != named) {
            None => Ok(()),
            Some(lot) => {
                let message = format!(
                    "The event's ilmd says the lot {named}; what it is about is of the lot {}.",
                    lot.lot
                );
                Err(CliError {
                    at: Some("ilmd.cbvmda:lotNumber".to_owned()),
                    ..CliError::new("lot_mismatch", message)
                })
            }
        }
    }

    /// Commissioning is of a whole lot: that is what is registered.
    fn require_whole(&self, places: &[(usize, Subtree)]) -> Result<()> {
        for (index, lot) in self.lots.iter().enumerate() {
            let of_lot = places.iter().filter(|(of, _)| *of == index);
            let count: u64 = of_lot
                .clone()
                .map(|(_, place)| lot.leaves.count_in(*place))
                .sum();
            if of_lot.count() > 0 && count != lot.leaves.count() {
                let message = format!("{count} of the {} packs of the lot {} are commissioned; a batch is registered as a whole, so its leaf file must have exactly those.", lot.leaves.count(), lot.lot);
                return Err(CliError::new("lot_incomplete", message));
            }
        }
        Ok(())
    }

    /// The place that an SSCC stands on, by what was packed into it.
    fn aggregate(&mut self, event: &Value) -> Result<(usize, Subtree, String)> {
        let parent = event["parentID"].as_str().unwrap_or_default();
        let Ok(Identifier::Logistic(sscc)) = identify(parent, self.year) else {
            return Err(CliError {
                at: Some("parentID".to_owned()),
                ..CliError::new("not_an_sscc", "Cases and pallets are named by their SSCC.")
            });
        };
        let mut packs = BTreeSet::new();
        let mut lots = BTreeSet::new();
        let children = event["childEPCs"].as_array();
        let mut within = BTreeSet::new();
        for (index, child) in children.into_iter().flatten().enumerate() {
            let (lot, place) = self
                .thing(child)
                .map_err(|error| with_place(error, &format!("childEPCs[{index}]")))?;
            lots.insert(lot);
            within.insert(place);
            if let Some(lot) = self.lots.get_mut(lot) {
                let inside = lot
                    .leaves
                    .packs_in(place)
                    .map_err(|error| crate::command::batch::view::refused(&lot.path, &error))?;
                packs.extend(inside.into_iter().map(|(pack, _)| pack));
            }
        }
        let refused = || {
            CliError::new("not_one_place", "What is packed here is not exactly one case or one pallet of the batch's tree; the tree was built for another packing.")
        };
        let lot = lots
            .first()
            .copied()
            .filter(|_| lots.len() == 1)
            .ok_or_else(refused)?;
        let of = self.lots.get_mut(lot).ok_or_else(refused)?;
        let [mut place]: [Subtree; 1] = of.places(&packs).try_into().map_err(|_| refused())?;
        // What has an only child is the level above that child.
        while place.level == Level::Pack || within.contains(&place) {
            place = above(of, place).ok_or_else(refused)?;
        }
        of.contain(place, &sscc);
        Ok((lot, place, sscc))
    }
}

const SOURCE: (&str, &str) = ("sourceList", "source");
const DESTINATION: (&str, &str) = ("destinationList", "destination");

/// The place above, where there is nothing else in it.
fn above(lot: &Lot, place: Subtree) -> Option<Subtree> {
    let layout = lot.leaves.layout();
    let level = match place.level {
        Level::Pack => Level::Case,
        Level::Case => Level::Pallet,
        _ => return None,
    };
    let up = layout
        .height(level)
        .saturating_sub(layout.height(place.level));
    let whole = Subtree {
        level,
        index: place.index.checked_shr(u32::from(up))?,
    };
    (lot.leaves.count_in(whole) == lot.leaves.count_in(place)).then_some(whole)
}

/// The lot that a pack's Digital Link names beside its serial number.
fn printed_lot(text: &str, year: u16) -> Option<String> {
    let message = gs1::is_link(text).then(|| gs1::parse(text, year).ok())??;
    message.value("10").map(str::to_owned)
}

/// Whether a number as it is written is this count: `30`, `30.0`.
fn is_count(written: &str, count: u64) -> bool {
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    whole.parse() == Ok(count) && fraction.bytes().all(|digit| digit == b'0')
}

fn with_place(error: CliError, at: &str) -> CliError {
    CliError {
        at: Some(at.to_owned()),
        ..error
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::what::tests::lot;
    use super::*;

    const GLNS: [&str; 3] = ["9506000134352", "0614141000012", "9524000000019"];

    fn party(number: u8) -> Pubkey {
        Pubkey::new_from_array([number; 32])
    }

    /// What the first party's events come to; `A1` has the packs `SN/000` to `SN/027`.
    fn mapped(events: &[Value]) -> Vec<Result<Vec<Step>>> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut lots = vec![lot(folder.path())];
        let known = [1, 2, 3].map(|number| (GLNS[usize::from(number) - 1], party(number)));
        let parties = Parties::of(&known);
        let document = json!({
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-01T09:00:00.000Z",
            "epcisBody": { "eventList": events },
        });
        let mapped = Mapper::new(&mut lots, &parties, party(1)).map(&document);
        let mapped = mapped.expect("read").into_iter();
        mapped.map(|event| event.steps).collect()
    }

    fn event(step: &str, more: &Value) -> Value {
        let mut event = json!({
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": step, "eventTimeZoneOffset": "+00:00",
            "eventTime": "2026-02-20T09:00:00.000Z",
        });
        let fields = event.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        event
    }

    fn code(event: Value) -> String {
        match mapped(&[event]).remove(0) {
            Ok(steps) => format!("{} steps", steps.len()),
            Err(error) => error.code,
        }
    }

    const PACK: &str = "https://id.gs1.org/01/09506000134352/21/SN%2F003";

    #[test]
    fn only_what_who_receives_it_comes_to_own_is_a_sale() {
        let list = |field: &str, owner: Option<usize>, holder: usize| -> Value {
            let uri = |party: usize| format!("https://id.gs1.org/417/{}", GLNS[party - 1]);
            let owner = owner.map(|owner| json!({ "type": "owning_party", field: uri(owner) }));
            let holder = json!({ "type": "possessing_party", field: uri(holder) });
            owner.into_iter().chain([holder]).collect()
        };
        let shipped = |before: Option<usize>, after: Option<usize>| {
            let more = json!({
                "epcList": [PACK],
                "sourceList": list("source", before, 1), "destinationList": list("destination", after, 2),
            });
            let steps = mapped(&[event("shipping", &more)]).remove(0);
            steps.map(|steps| steps.iter().all(|step| step.is_sale))
        };
        for (before, after, is_sale) in [
            (Some(1), Some(2), true),
            (None, Some(2), true),
            (Some(1), None, false),
            (None, Some(1), false),
            (Some(1), Some(1), false),
            (Some(3), Some(3), false),
        ] {
            assert_eq!(shipped(before, after), Ok(is_sale), "{before:?} {after:?}");
        }
        // Shipped to the second, sold to the third.
        for before in [None, Some(1)] {
            let error = shipped(before, Some(3)).expect_err("refused");
            assert_eq!(error.code, "other_owner");
        }
    }

    #[test]
    fn another_lot_and_what_is_no_count_are_refused() {
        let destroyed = |epc: &str| {
            code(event(
                "destroying",
                &json!({ "action": "DELETE", "epcList": [epc] }),
            ))
        };
        let printed =
            |lot: &str| format!("https://id.gs1.org/01/09506000134352/10/{lot}/21/SN%2F003");
        assert_eq!(destroyed(PACK), "1 steps");
        assert_eq!(destroyed(&printed("A1")), "1 steps");
        assert_eq!(destroyed(&printed("B7")), "lot_mismatch");

        let made = |lot: &str, uom: Option<&str>| {
            let mut quantity =
                json!({ "epcClass": "https://id.gs1.org/01/09506000134352/10/A1", "quantity": 28 });
            if let Some(uom) = uom {
                quantity["uom"] = json!(uom);
            }
            code(event(
                "commissioning",
                &json!({ "action": "ADD", "quantityList": [quantity], "ilmd": { "cbvmda:lotNumber": lot } }),
            ))
        };
        assert_eq!(made("A1", None), "1 steps");
        assert_eq!(made("B7", None), "lot_mismatch");
        assert_eq!(made("A1", Some("KGM")), "quantity_unmapped");
    }

    #[test]
    fn what_a_document_takes_back_is_not_mapped() {
        let id = "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8";
        let aside = |pack: &str, more: &Value| {
            let mut event = event(
                "holding",
                &json!({ "disposition": "damaged", "epcList": [pack] }),
            );
            let fields = event.as_object_mut().expect("an object");
            fields.extend(more.as_object().expect("an object").clone());
            event
        };
        let other = "https://id.gs1.org/01/09506000134352/21/SN%2F004";
        let third = "https://id.gs1.org/01/09506000134352/21/SN%2F005";
        let declaration = json!({ "declarationTime": "2026-02-21T00:00:00Z" });
        let mapped = mapped(&[
            // Taken back by its hash, by its id, and not at all.
            aside(PACK, &json!({})),
            aside(PACK, &json!({ "errorDeclaration": declaration })),
            aside(other, &json!({ "eventID": id })),
            aside(
                other,
                &json!({ "eventID": id, "errorDeclaration": declaration, "readPoint": { "id": "geo:1,2" } }),
            ),
            aside(third, &json!({})),
        ]);
        let refused: Vec<Option<&str>> = mapped
            .iter()
            .map(|steps| steps.as_ref().err().map(|error| error.code.as_str()))
            .collect();
        let taken = Some("error_declaration");
        assert_eq!(refused, [taken, taken, taken, taken, None]);
    }

    #[test]
    fn a_quantity_is_a_whole_number_however_it_is_written() {
        assert!(is_count("30", 30) && is_count("30.0", 30));
        assert!(!is_count("30.5", 30) && !is_count("3e1", 30) && !is_count("null", 0));
    }
}
