//! Documents against the official schema, and against what it cannot say.

use galen_epcis::{hashes, validate};
use serde_json::{json, Value};

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn found(document: &Value) -> Vec<(&'static str, String)> {
    let faults = validate(document).expect("the schema is whole");
    for fault in &faults {
        assert!(fault.message.len() > 10, "{fault:?}");
    }
    faults
        .into_iter()
        .map(|fault| (fault.code, fault.at))
        .collect()
}

/// A document of one event, with these fields beside those that every one has.
fn document(event: Value) -> Value {
    let mut whole = json!({
        "eventTime": "2026-02-20T08:15:00+01:00", "eventTimeZoneOffset": "+01:00", "type": "ObjectEvent", "action": "OBSERVE",
        "bizStep": "shipping", "disposition": "in_transit", "epcList": ["urn:epc:id:sgtin:9524000.005910.AB12"],
    });
    let fields = whole.as_object_mut().expect("an object");
    for (name, value) in event.as_object().expect("an object") {
        match value {
            Value::Null => fields.remove(name),
            _ => fields.insert(name.clone(), value.clone()),
        };
    }
    wrapped(vec![whole])
}

fn wrapped(events: Vec<Value>) -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"example": "https://ns.example.com/epcis/"}],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-01T09:00:00.000+01:00",
        "epcisBody": {"eventList": events},
    })
}

#[test]
fn documents_of_others_are_valid() {
    let single = found(&read(include_str!("documents/single.json")));
    assert_eq!(single, [], "{single:#?}");
    // Written for the hash: with a word of CBV 1, a field that the schema does not give to associations, and a GLN whose check
    // digit does not fit.
    let event = |place: &str| format!("epcisBody.eventList{place}");
    let text = include_str!("documents/journey.json");
    assert_eq!(
        found(&read(text)),
        [
            ("not_in_vocabulary", event("[2].disposition")),
            ("unknown_field", event("[4].persistentDisposition")),
        ]
    );
    let text = text.replace("urn:epcglobal:cbv:disp:in_transit", "in_transit");
    let mut journey = read(&text);
    journey["epcisBody"]["eventList"][4]
        .as_object_mut()
        .expect("an event")
        .remove("persistentDisposition");
    let faults = found(&journey);
    assert!(
        faults.contains(&("bad_identifier", event("[0].bizLocation.id"))),
        "{faults:#?}"
    );
    let journey = journey
        .to_string()
        .replace("9524000000017", "9524000000019");
    let faults = found(&read(&journey));
    assert_eq!(faults, [], "{faults:#?}");
    assert_eq!(
        found(&document(json!({"example:note": {"example:lane": 7}}))),
        []
    );
}

#[test]
fn what_the_schema_refuses_is_said_with_its_place() {
    let event = |name: &str| format!("epcisBody.eventList[0].{name}");
    for (change, code, at) in [
        (
            json!({"eventTime": null}),
            "missing_field",
            event("eventTime"),
        ),
        (
            json!({"eventTime": "yesterday"}),
            "invalid_time",
            event("eventTime"),
        ),
        (
            json!({"eventTimeZoneOffset": "+15:00"}),
            "wrong_form",
            event("eventTimeZoneOffset"),
        ),
        (
            json!({"bizStep": "shiping"}),
            "not_in_vocabulary",
            event("bizStep"),
        ),
        (
            json!({"disposition": "lost"}),
            "not_in_vocabulary",
            event("disposition"),
        ),
        (
            json!({"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}),
            "not_in_vocabulary",
            event("bizStep"),
        ),
        (
            json!({"action": "MOVE"}),
            "not_in_vocabulary",
            event("action"),
        ),
        (
            json!({"epcList": "urn:epc:id:sgtin:9524000.005910.AB12"}),
            "wrong_type",
            event("epcList"),
        ),
        (
            json!({"epcList": ["AB12"]}),
            "not_a_uri",
            event("epcList[0]"),
        ),
        (json!({"quantity": 5}), "unknown_field", event("quantity")),
        (json!({"epcList": null}), "missing_field", event("")),
        (
            json!({"readPoint": {}}),
            "missing_field",
            event("readPoint.id"),
        ),
        (
            json!({"sourceList": [{"type": "owning_party"}]}),
            "missing_field",
            event("sourceList[0].source"),
        ),
        (
            json!({"quantityList": [{"epcClass": "urn:epc:class:lgtin:9524000.005910.L1", "quantity": "5"}]}),
            "wrong_type",
            event("quantityList[0].quantity"),
        ),
    ] {
        let faults = found(&document(change.clone()));
        let at = at.trim_end_matches('.').to_owned();
        assert!(faults.contains(&(code, at)), "{change}: {faults:?}");
    }
    // What is no EPCIS at all is told in one sentence, as where it is hashed.
    for nothing in [
        json!({}),
        json!([]),
        json!(null),
        json!({"type": "Invoice"}),
    ] {
        let told = [("not_epcis", "epcisBody".to_owned())];
        assert_eq!(found(&nothing), told, "{nothing}");
    }
    let empty = json!({"type": "EPCISDocument"});
    let lacks = found(&empty);
    assert_ne!(lacks, []);
    assert!(
        lacks.iter().all(|(code, _)| *code != "not_epcis"),
        "{lacks:?}"
    );
    let mut other = document(json!({}));
    other["type"] = json!("EPCISdocument");
    assert_ne!(found(&other), []);
    let mut without = document(json!({}));
    without
        .as_object_mut()
        .expect("an object")
        .remove("creationDate");
    assert_eq!(
        found(&without),
        [("missing_field", "creationDate".to_owned())]
    );
}

#[test]
fn what_a_schema_cannot_say() {
    let event = |name: &str| format!("epcisBody.eventList[0].{name}");
    for (change, code, at) in [
        (
            json!({"recordTime": "2026-02-20T07:14:00Z"}),
            "recorded_before_event",
            event("recordTime"),
        ),
        (
            json!({"eventTime": "2026-03-01T08:00:01Z"}),
            "event_after_document",
            event("eventTime"),
        ),
        (
            json!({"errorDeclaration": {"declarationTime": "2026-02-19T00:00:00Z"}}),
            "declared_before_event",
            event("errorDeclaration.declarationTime"),
        ),
        (
            json!({"bizStep": "https://ref.gs1.org/cbv/BizStep-shiping"}),
            "not_in_vocabulary",
            event("bizStep"),
        ),
        (
            json!({"bizStep": "https://ref.gs1.org/cbv/Disp-in_transit"}),
            "not_in_vocabulary",
            event("bizStep"),
        ),
        (
            json!({"persistentDisposition": {"set": ["cbv:Disp-lost"]}}),
            "not_in_vocabulary",
            event("persistentDisposition.set[0]"),
        ),
        (
            json!({"epcList": ["urn:epc:id:sgtin:95.005910.AB12"]}),
            "bad_identifier",
            event("epcList[0]"),
        ),
        (
            json!({"epcList": ["https://id.gs1.org/01/09524000059108/21/AB12"]}),
            "bad_identifier",
            event("epcList[0]"),
        ),
        (
            json!({"readPoint": {"id": "https://id.gs1.org/414/9524000000011"}}),
            "bad_identifier",
            event("readPoint.id"),
        ),
        (
            json!({"epcList": ["urn:epc:class:lgtin:9524000.005910.L1"]}),
            "class_in_epc_list",
            event("epcList[0]"),
        ),
        (
            json!({"quantityList": [{"epcClass": "urn:epc:id:sgtin:9524000.005910.AB12", "quantity": 1}]}),
            "instance_as_class",
            event("quantityList[0].epcClass"),
        ),
        (
            json!({"epcList": ["urn:epc:id:sgtin:9524000.005910.A", "https://id.gs1.org/01/09524000059109/21/A"]}),
            "repeated_item",
            event("epcList[1]"),
        ),
        (
            json!({"other:note": "x"}),
            "undeclared_prefix",
            event("other:note"),
        ),
        (
            json!({"example:note": {"other:lane": 7}}),
            "undeclared_prefix",
            event("example:note.other:lane"),
        ),
        (
            json!({"eventID": "ni:///sha-256;0000000000000000000000000000000000000000000000000000000000000000?ver=CBV2.0"}),
            "event_id_is_not_the_hash",
            event("eventID"),
        ),
        (
            json!({"sensorElementList": [{"sensorMetadata": {"startTime": "2026-02-20T08:00:00Z", "endTime": "2026-02-20T07:00:00Z"},
            "sensorReport": [{"type": "Temperature", "value": 5, "uom": "CEL"}]}]}),
            "times_reversed",
            event("sensorElementList[0].sensorMetadata.endTime"),
        ),
    ] {
        assert_eq!(found(&document(change.clone())), [(code, at)], "{change}");
    }
    let mut right = document(json!({}));
    let hash = hashes(&right).expect("hashed").remove(0);
    right["epcisBody"]["eventList"][0]["eventID"] = json!(hash);
    assert_eq!(found(&right), []);
    right["schemaVersion"] = json!("1.2");
    assert_eq!(
        found(&right),
        [("other_version", "schemaVersion".to_owned())]
    );
}

#[test]
fn what_cannot_have_happened_one_after_the_other() {
    let event = |kind: &str, hour: u8, more: Value| {
        let mut event = json!({
            "type": kind, "eventTime": format!("2026-02-20T{hour:02}:00:00Z"), "eventTimeZoneOffset": "+00:00",
        });
        let fields = event.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        event
    };
    let pack = "urn:epc:id:sgtin:9524000.005910.AB12";
    let link = "https://id.gs1.org/01/09524000059109/21/AB12";
    let commission = |hour: u8, epc: &str| {
        event(
            "ObjectEvent",
            hour,
            json!({"action": "ADD", "bizStep": "commissioning", "epcList": [epc]}),
        )
    };
    let into = |hour: u8, action: &str, parent: &str| {
        event(
            "AggregationEvent",
            hour,
            json!({"action": action, "bizStep": "packing", "parentID": parent, "childEPCs": [pack]}),
        )
    };
    let destroy = |hour: u8| {
        event(
            "ObjectEvent",
            hour,
            json!({"action": "DELETE", "bizStep": "destroying", "epcList": [pack]}),
        )
    };
    let ship = |hour: u8| {
        event(
            "ObjectEvent",
            hour,
            json!({"action": "OBSERVE", "bizStep": "shipping", "epcList": [link]}),
        )
    };
    let (first, second) = (
        "urn:epc:id:sscc:9524000.0000000001",
        "urn:epc:id:sscc:9524000.0000000002",
    );
    let at = |index: usize, place: &str| format!("epcisBody.eventList[{index}].{place}[0]");
    for (events, expected) in [
        (vec![commission(1, pack), ship(2), destroy(3)], vec![]),
        (
            vec![commission(1, pack), commission(2, link)],
            vec![("commissioned_twice", at(1, "epcList"))],
        ),
        // In the order of time, not of the document.
        (
            vec![ship(3), destroy(2)],
            vec![("after_its_end", at(0, "epcList"))],
        ),
        (
            vec![into(1, "ADD", first), into(2, "ADD", second)],
            vec![("two_parents", at(1, "childEPCs"))],
        ),
        (
            vec![
                into(1, "ADD", first),
                into(2, "DELETE", first),
                into(3, "ADD", second),
            ],
            vec![],
        ),
        (
            vec![event(
                "AggregationEvent",
                1,
                json!({"action": "ADD", "parentID": first, "childEPCs": [first]}),
            )],
            vec![("own_parent", at(0, "childEPCs"))],
        ),
    ] {
        assert_eq!(found(&wrapped(events.clone())), expected, "{events:#?}");
    }
    let mut same = vec![ship(1), ship(2)];
    for event in &mut same {
        event["eventID"] = json!("urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8");
    }
    assert_eq!(
        found(&wrapped(same)),
        [(
            "repeated_event_id",
            "epcisBody.eventList[1].eventID".to_owned()
        )]
    );
}
