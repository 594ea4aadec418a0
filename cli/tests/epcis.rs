//! `galen epcis hash`: its JSON is a public interface.

mod common;

use common::{error, World};
use serde_json::json;

const DOCUMENT: &str = include_str!("../epcis/tests/documents/single.json");

#[test]
fn the_worked_value() {
    let world = World::new();
    world.write("document.json", DOCUMENT);
    assert_eq!(
        world.run(&["epcis", "hash", "document.json"]),
        (
            0,
            json!({"events": [
                {"hash": "ni:///sha-256;ffa491b16867e34a7791a8d5389d826afc24e63a121026b6a4004ace38631b4b?ver=CBV2.0"}
            ]})
        )
    );
    let (exit, answer) = world.run(&["epcis", "hash", "document.json", "--canonical"]);
    let canonical = answer["events"][0]["canonical"].as_str().expect("a string");
    assert_eq!(exit, 0);
    assert!(canonical.starts_with("eventType=ObjectEventeventTime=2022-02-17T02:33:31.116Z"));
}

#[test]
fn numbers_are_read_as_they_are_written() {
    let world = World::new();
    let document = include_str!("../epcis/tests/documents/journey.json");
    let expected: serde_json::Value = serde_json::from_str(include_str!(
        "../epcis/tests/documents/journey.expected.json"
    ))
    .expect("JSON");
    world.write("journey.json", document);
    let (exit, answer) = world.run(&["epcis", "hash", "journey.json"]);
    assert_eq!(exit, 0);
    let hashes = |list: &serde_json::Value| -> Vec<String> {
        let list = list.as_array().expect("a list");
        list.iter()
            .map(|event| event["hash"].as_str().expect("a hash").to_owned())
            .collect()
    };
    assert_eq!(hashes(&answer["events"]), hashes(&expected));
}

#[test]
fn refusals_have_code_and_place() {
    let world = World::new();
    let cases = [
        ("{}".to_owned(), "not_epcis", "epcisBody"),
        ("{".to_owned(), "invalid_json", ""),
        (
            r#"{"epcisBody": {}, "epcisBody": {}}"#.to_owned(),
            "duplicate_key",
            "epcisBody",
        ),
        (
            DOCUMENT.replace("2022-02-16T20:33:31.116000-06:00", "yesterday"),
            "invalid_time",
            "epcisBody.eventList[0].eventTime",
        ),
    ];
    for (document, code, at) in cases {
        world.write("document.json", &document);
        let (exit, answer) = world.run(&["epcis", "hash", "document.json"]);
        assert_eq!(
            (exit, error(&answer)),
            (1, (code.to_owned(), at.to_owned()))
        );
    }
}

#[test]
fn valid_documents_and_their_faults() {
    let world = World::new();
    world.write("document.json", DOCUMENT);
    assert_eq!(
        world.run(&["epcis", "validate", "document.json"]),
        (0, json!({"valid": true, "events": 1, "faults": []}))
    );
    let wrong = DOCUMENT
        .replace("\"OBSERVE\"", "\"MOVE\"")
        .replace("2022-02-16T20:33:31.116000-06:00", "yesterday");
    world.write("wrong.json", &wrong);
    let (exit, answer) = world.run(&["epcis", "validate", "wrong.json"]);
    assert_eq!((exit, &answer["valid"]), (1, &json!(false)));
    let faults = answer["faults"].as_array().expect("a list");
    let has = |code: &str, at: &str| {
        faults
            .iter()
            .any(|fault| fault["code"] == code && fault["at"] == at)
    };
    assert!(
        has("invalid_time", "epcisBody.eventList[0].eventTime"),
        "{answer:#}"
    );
    assert!(
        has("not_in_vocabulary", "epcisBody.eventList[0].action"),
        "{answer:#}"
    );
}
