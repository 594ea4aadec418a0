//! What an EPCIS event does to goods, and in which words the ledger's doings are told. docs/epcis.md has the table.

use provenance::convert::StatusAction;
use serde_json::Value;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Made: the batch is registered.
    Commission,
    /// Put into a case or onto a pallet: where the tree has it, nothing is sent.
    Aggregate,
    /// Taken out of it: nothing is sent, the first hand-over of a part detaches it.
    Disaggregate,
    /// Offered to another.
    Ship,
    /// Accepted.
    Receive,
    /// An offer withdrawn or rejected.
    VoidShipping,
    /// Given to a patient.
    Dispense,
    /// Set aside, released, destroyed and the like.
    Status(StatusAction),
    /// Recalled.
    Recall,
}

/// Action, business step and disposition; an empty word is left out.
pub type Words = (&'static str, &'static str, &'static str);

/// How a status that was set is told.
pub fn words_of(action: StatusAction) -> Words {
    match action {
        StatusAction::Pack => ("OBSERVE", "packing", "in_progress"),
        StatusAction::Verify => ("OBSERVE", "inspecting", "sellable_accessible"),
        StatusAction::Quarantine => ("OBSERVE", "holding", "non_sellable_other"),
        StatusAction::Suspect => ("OBSERVE", "holding", "no_pedigree_match"),
        StatusAction::Release => ("OBSERVE", "inspecting", "conformant"),
        StatusAction::Condemn => ("OBSERVE", "inspecting", "non_conformant"),
        StatusAction::Destroy => ("DELETE", "destroying", "destroyed"),
        StatusAction::ReportTheft => ("OBSERVE", "", "stolen"),
        StatusAction::Export => ("DELETE", "departing", "unavailable"),
        StatusAction::Decommission => ("DELETE", "decommissioning", "inactive"),
    }
}

/// Steps that hand over.
const HAND_OVERS: [&str; 4] = ["shipping", "receiving", "accepting", "void_shipping"];
/// Steps after which goods are what they were not before, recalled or not.
const ENDS: [&str; 5] = [
    "commissioning",
    "dispensing",
    "destroying",
    "departing",
    "decommissioning",
];

/// What an event does; else why it does nothing here, by name and in words.
///
/// # Errors
/// `error_declaration`, `not_on_ledger`, `units_unknown`, `two_things`.
pub fn deed_of(event: &Value) -> Result<Deed, (&'static str, String)> {
    let word = |value: &Value| value.as_str().map_or("", galen_epcis::bare).to_owned();
    let (step, disposition) = (word(&event["bizStep"]), word(&event["disposition"]));
    let action = event["action"].as_str().unwrap_or_default();
    let kind = event["type"].as_str().unwrap_or_default();
    let nothing = || {
        let message = format!("The ledger records nothing for {kind} {action} with the business step `{step}` and the disposition `{disposition}`.");
        Err(("not_on_ledger", message))
    };
    if event["errorDeclaration"].is_object() {
        let message = "An error declaration takes an event back. The ledger takes nothing back: record what is so now.";
        return Err(("error_declaration", message.to_owned()));
    }
    match (kind, action) {
        ("AggregationEvent", "ADD") => return Ok(Deed::Aggregate),
        ("AggregationEvent", "DELETE") => return Ok(Deed::Disaggregate),
        ("ObjectEvent" | "TransactionEvent", _) => {}
        _ => return nothing(),
    }
    let set = event["persistentDisposition"]["set"].as_array();
    let mut set = set.into_iter().flatten().map(word);
    // A hand-over of recalled goods is a hand-over: who recalls them says so in an event of its own.
    let is_recalled = disposition == "recalled" || set.any(|word| word == "recalled");
    if is_recalled && !HAND_OVERS.contains(&step.as_str()) {
        if ENDS.contains(&step.as_str()) {
            let message = format!("The event recalls, and does `{step}`: the ledger records one of the two. Tell the recall in an event of its own, holding and recalled.");
            return Err(("two_things", message));
        }
        return Ok(Deed::Recall);
    }
    if disposition == "stolen" {
        return Ok(Deed::Status(StatusAction::ReportTheft));
    }
    // Nothing is handed over or looked at by being taken out.
    if action == "DELETE" && !ENDS.contains(&step.as_str()) {
        return nothing();
    }
    let status = |action| Ok(Deed::Status(action));
    match (step.as_str(), disposition.as_str()) {
        ("commissioning", _) if action == "ADD" => Ok(Deed::Commission),
        ("shipping", _) => Ok(Deed::Ship),
        ("receiving" | "accepting", _) => Ok(Deed::Receive),
        ("void_shipping", _) => Ok(Deed::VoidShipping),
        ("dispensing", "partially_dispensed") => {
            let message = "Of a pack that is opened the ledger counts units, which EPCIS has no field for: `galen pack fill` records it.";
            Err(("units_unknown", message.to_owned()))
        }
        ("dispensing", "dispensed" | "") => Ok(Deed::Dispense),
        ("packing", "in_progress") => status(StatusAction::Pack),
        (
            "holding" | "inspecting",
            "no_pedigree_match" | "mismatch_instance" | "mismatch_class",
        ) => status(StatusAction::Suspect),
        (
            "holding",
            "non_sellable_other" | "damaged" | "unavailable" | "needs_replacement" | "expired"
            | "non_conformant",
        ) => status(StatusAction::Quarantine),
        ("inspecting", "conformant") => status(StatusAction::Release),
        ("inspecting", "sellable_accessible" | "sellable_not_accessible") => {
            status(StatusAction::Verify)
        }
        ("inspecting", "non_conformant") => status(StatusAction::Condemn),
        ("destroying", _) => status(StatusAction::Destroy),
        ("departing", "unavailable") if action == "DELETE" => status(StatusAction::Export),
        ("decommissioning", _) => status(StatusAction::Decommission),
        _ => nothing(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ACTIONS: [StatusAction; 10] = [
        StatusAction::Pack,
        StatusAction::Verify,
        StatusAction::Quarantine,
        StatusAction::Suspect,
        StatusAction::Release,
        StatusAction::Condemn,
        StatusAction::Destroy,
        StatusAction::ReportTheft,
        StatusAction::Export,
        StatusAction::Decommission,
    ];

    #[test]
    fn what_is_told_of_a_status_is_read_as_that_status() {
        for action in ACTIONS {
            let (verb, step, disposition) = words_of(action);
            for prefix in ["", "https://ref.gs1.org/cbv/"] {
                let mut event = json!({ "type": "ObjectEvent", "action": verb });
                let lists = [
                    ("bizStep", "BizStep-", step),
                    ("disposition", "Disp-", disposition),
                ];
                for (name, list, word) in lists.into_iter().filter(|(_, _, word)| !word.is_empty())
                {
                    let list = if prefix.is_empty() { "" } else { list };
                    event[name] = json!(format!("{prefix}{list}{word}"));
                }
                assert_eq!(deed_of(&event), Ok(Deed::Status(action)), "{event}");
            }
        }
    }

    #[test]
    fn a_recall_is_found_in_whatever_words() {
        let event = |step: &str, disposition: &str, set: &[&str]| json!({ "type": "ObjectEvent", "action": "OBSERVE", "bizStep": step, "disposition": disposition, "persistentDisposition": { "set": set } });
        let full = "https://ref.gs1.org/cbv/Disp-recalled";
        for (step, disposition, set) in [
            ("holding", "recalled", [].as_slice()),
            ("holding", full, &[]),
            ("holding", "damaged", &["recalled", "damaged"]),
            ("holding", "non_sellable_other", &[full]),
            ("", "", &["recalled"]),
        ] {
            let event = event(step, disposition, set);
            assert_eq!(deed_of(&event), Ok(Deed::Recall), "{event}");
        }
        for (step, deed) in [
            ("shipping", Deed::Ship),
            ("receiving", Deed::Receive),
            ("accepting", Deed::Receive),
            ("void_shipping", Deed::VoidShipping),
        ] {
            assert_eq!(deed_of(&event(step, "recalled", &[])), Ok(deed));
            assert_eq!(
                deed_of(&event(step, "in_progress", &["recalled"])),
                Ok(deed)
            );
        }
        let both = event("destroying", "destroyed", &["recalled"]);
        assert_eq!(deed_of(&both).map_err(|(code, _)| code), Err("two_things"));
    }

    #[test]
    fn what_the_ledger_does_not_record_is_named() {
        let event = |kind: &str, action: &str, step: &str, disposition: &str| json!({ "type": kind, "action": action, "bizStep": step, "disposition": disposition });
        for (event, code) in [
            (
                event("ObjectEvent", "OBSERVE", "storing", "sellable_accessible"),
                "not_on_ledger",
            ),
            (
                event("ObjectEvent", "OBSERVE", "commissioning", "active"),
                "not_on_ledger",
            ),
            (
                event(
                    "ObjectEvent",
                    "OBSERVE",
                    "dispensing",
                    "partially_dispensed",
                ),
                "units_unknown",
            ),
            (
                event("AggregationEvent", "OBSERVE", "packing", "in_progress"),
                "not_on_ledger",
            ),
            (
                event("TransformationEvent", "", "commissioning", "active"),
                "not_on_ledger",
            ),
            (
                event("TransactionEvent", "DELETE", "shipping", "in_transit"),
                "not_on_ledger",
            ),
            (
                event("ObjectEvent", "DELETE", "holding", "damaged"),
                "not_on_ledger",
            ),
            (
                json!({ "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "errorDeclaration": {} }),
                "error_declaration",
            ),
        ] {
            assert_eq!(deed_of(&event).expect_err("nothing").0, code, "{event}");
        }
    }
}
