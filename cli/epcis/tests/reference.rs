//! Against the reference implementation: the worked value that the project has, and documents of our own with what
//! release 1.9.3 of epcis-event-hash-generator computes for them (`*.expected.json`).

use galen_epcis::{canonical_strings, hashes};
use serde_json::{json, Map, Value};

const DOCUMENTS: [(&str, &str, &str); 3] = [
    (
        "single",
        include_str!("documents/single.json"),
        include_str!("documents/single.expected.json"),
    ),
    (
        "journey",
        include_str!("documents/journey.json"),
        include_str!("documents/journey.expected.json"),
    ),
    (
        "keys",
        include_str!("documents/keys.json"),
        include_str!("documents/keys.expected.json"),
    ),
];

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_worked_value() {
    let document = parsed(include_str!("documents/single.json"));
    assert_eq!(
        hashes(&document),
        Ok(vec![
            "ni:///sha-256;ffa491b16867e34a7791a8d5389d826afc24e63a121026b6a4004ace38631b4b?ver=CBV2.0".to_owned()
        ])
    );
}

#[test]
fn all_event_types_keys_sensors_instance_data_and_extensions() {
    for (name, document, expected) in DOCUMENTS {
        let document = parsed(document);
        let expected = parsed(expected);
        let expected = expected.as_array().expect("a list");
        let strings = canonical_strings(&document).expect(name);
        assert_eq!(strings.len(), expected.len());
        for (index, (string, expected)) in strings.iter().zip(expected).enumerate() {
            assert_eq!(
                string,
                expected["canonical"].as_str().expect("text"),
                "{name} {index}"
            );
        }
        let expected: Vec<_> = expected
            .iter()
            .map(|event| event["hash"].as_str().expect("text").to_owned())
            .collect();
        assert_eq!(hashes(&document), Ok(expected), "{name}");
    }
}

/// The same document with the members of each object in the opposite order, and lists without an order reversed.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| (key.clone(), value))
                .collect();
            Value::Object(
                entries
                    .into_iter()
                    .rev()
                    .map(|(key, value)| {
                        let is_ordered = key == "eventList" || key == "@context";
                        let value = match value {
                            Value::Array(items) if !is_ordered => {
                                items.iter().rev().map(turned).collect()
                            }
                            other => turned(other),
                        };
                        (key, value)
                    })
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => items.iter().map(turned).collect(),
        other => other.clone(),
    }
}

#[test]
fn order_does_not_matter() {
    for (name, document, _) in DOCUMENTS {
        let document = parsed(document);
        assert_eq!(hashes(&turned(&document)), hashes(&document), "{name}");
    }
    // Nor does it where the reference leaves it to the document.
    let text = include_str!("documents/single.json");
    let swapped = text.replace(
        r#"{"type": "po", "bizTransaction": "http://transaction.acme.com/po/12345678"}"#,
        r#"{"bizTransaction": "http://transaction.acme.com/po/12345678", "type": "po"}"#,
    );
    assert_ne!(text, swapped);
    assert_eq!(hashes(&parsed(&swapped)), hashes(&parsed(text)));
}

#[test]
fn forms_of_the_same_are_the_same_and_any_change_is_another_hash() {
    let document = parsed(include_str!("documents/single.json"));
    let event = "/epcisBody/eventList/0";
    let with = |pointer: &str, value: Value| {
        let mut changed = document.clone();
        *changed
            .pointer_mut(&format!("{event}{pointer}"))
            .expect(pointer) = value;
        hashes(&changed).expect(pointer)
    };
    let same = hashes(&document).expect("hashed");
    for (pointer, value) in [
        (
            "/bizStep",
            json!("https://ref.gs1.org/cbv/BizStep-shipping"),
        ),
        ("/bizStep", json!("cbv:BizStep-shipping")),
        ("/bizStep", json!("urn:epcglobal:cbv:bizstep:shipping")),
        ("/eventTime", json!("2022-02-17T02:33:31.116Z")),
        (
            "/readPoint/id",
            json!("https://example.com/gln/0614141073467/254/1234"),
        ),
        (
            "/epcList/0",
            json!(" https://id.gs1.org/01/10614141073464/10/L/21/2017 "),
        ),
    ] {
        assert_eq!(with(pointer, value.clone()), same, "{value}");
    }
    for (pointer, value) in [
        ("/bizStep", json!("receiving")),
        ("/action", json!("ADD")),
        ("/eventTime", json!("2022-02-17T02:33:31.117Z")),
        ("/eventTimeZoneOffset", json!("-05:00")),
        ("/epcList/0", json!("urn:epc:id:sgtin:0614141.107346.2019")),
        ("/bizTransactionList/0/type", json!("inv")),
    ] {
        assert_ne!(with(pointer, value.clone()), same, "{value}");
    }
    let mut recorded = document.clone();
    recorded.pointer_mut(event).expect("an event")["recordTime"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(hashes(&recorded), Ok(same));
}

#[test]
fn one_event_alone_and_query_results() {
    let document = parsed(include_str!("documents/single.json"));
    let event = document
        .pointer("/epcisBody/eventList/0")
        .expect("an event")
        .clone();
    let query = json!({"@context": document["@context"], "type": "EPCISQueryDocument",
        "epcisBody": {"queryResults": {"resultsBody": {"eventList": [event]}}}});
    assert_eq!(hashes(&query), hashes(&document));
    assert_eq!(
        hashes(&json!({"epcisBody": {"event": event}})),
        hashes(&document)
    );
    let mut alone = event;
    alone["@context"] = document["@context"].clone();
    assert!(hashes(&alone).is_ok());
    assert_eq!(
        hashes(&json!({"epcisBody": {"eventList": []}})),
        Ok(Vec::new())
    );
}

#[test]
fn bad_documents_are_refused_by_name_and_place() {
    let good = parsed(include_str!("documents/journey.json"));
    let with = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).expect(pointer) = value;
        changed
    };
    let without = |pointer: &str, field: &str| {
        let mut changed = good.clone();
        let object = changed.pointer_mut(pointer).and_then(Value::as_object_mut);
        object.expect(pointer).remove(field).expect(field);
        changed
    };
    for (document, code, at) in [
        (json!({}), "not_epcis", "epcisBody"),
        (json!([]), "not_epcis", "epcisBody"),
        (json!({"epcisBody": {}}), "not_epcis", "epcisBody"),
        (
            json!({"epcisBody": {"eventList": {}}}),
            "wrong_type",
            "epcisBody.eventList",
        ),
        (
            with("/epcisBody/eventList/1", json!("event")),
            "wrong_type",
            "epcisBody.eventList[1]",
        ),
        (
            with("/epcisBody/eventList/1/type", json!("QuantityEvent")),
            "unknown_event_type",
            "epcisBody.eventList[1].type",
        ),
        (
            without("/epcisBody/eventList/2", "eventTime"),
            "missing_field",
            "epcisBody.eventList[2].eventTime",
        ),
        (
            without("/epcisBody/eventList/2", "eventTimeZoneOffset"),
            "missing_field",
            "epcisBody.eventList[2].eventTimeZoneOffset",
        ),
        (
            with(
                "/epcisBody/eventList/0/eventTime",
                json!("2026-02-30T00:00:00Z"),
            ),
            "invalid_time",
            "epcisBody.eventList[0].eventTime",
        ),
        (
            with(
                "/epcisBody/eventList/5/sensorElementList/1/sensorMetadata/time",
                json!("noon"),
            ),
            "invalid_time",
            "epcisBody.eventList[5].sensorElementList[1].sensorMetadata.time",
        ),
        (
            with(
                "/epcisBody/eventList/2/sourceList/1",
                json!("urn:epc:id:pgln:9524000.00001"),
            ),
            "wrong_type",
            "epcisBody.eventList[2].sourceList[1]",
        ),
        (
            with("/@context/1", json!({"example": 5})),
            "wrong_type",
            "@context.example",
        ),
    ] {
        let error = hashes(&document).expect_err(code);
        assert_eq!((error.code, error.at.as_str()), (code, at));
    }
}
