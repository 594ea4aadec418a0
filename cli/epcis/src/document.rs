//! Where the events of a document are.

use serde_json::Value;

use crate::EpcisError;

const EVENT_TYPES: [&str; 5] = [
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
];
const REQUIRED: [&str; 2] = ["eventTime", "eventTimeZoneOffset"];

/// The events with their places. A document is an EPCISDocument, an EPCISQueryDocument, or one event alone.
pub fn events(document: &Value) -> Result<Vec<(String, &Value)>, EpcisError> {
    let found = found(document)?;
    for (at, event) in &found {
        check(at, event)?;
    }
    Ok(found)
}

fn found(document: &Value) -> Result<Vec<(String, &Value)>, EpcisError> {
    let is_event = document["type"]
        .as_str()
        .is_some_and(|name| EVENT_TYPES.contains(&name));
    if is_event {
        return Ok(vec![(String::new(), document)]);
    }
    let lists = [
        ("epcisBody.eventList", "/epcisBody/eventList"),
        (
            "epcisBody.queryResults.resultsBody.eventList",
            "/epcisBody/queryResults/resultsBody/eventList",
        ),
    ];
    for (place, pointer) in lists {
        match document.pointer(pointer) {
            Some(Value::Array(events)) => {
                let placed = events.iter().enumerate();
                return Ok(placed
                    .map(|(index, event)| (format!("{place}[{index}]"), event))
                    .collect());
            }
            Some(_) => {
                return Err(EpcisError::new(
                    "wrong_type",
                    place,
                    "The list of events must be an array.",
                ))
            }
            None => {}
        }
    }
    match document.pointer("/epcisBody/event") {
        Some(event) => Ok(vec![("epcisBody.event".to_owned(), event)]),
        None => Err(EpcisError::new(
            "not_epcis",
            "epcisBody",
            "This is not an EPCIS 2.0 document in JSON-LD: it has no epcisBody with an eventList.",
        )),
    }
}

fn check(at: &str, event: &Value) -> Result<(), EpcisError> {
    let place = |field: &str| {
        if at.is_empty() {
            field.to_owned()
        } else {
            format!("{at}.{field}")
        }
    };
    if !event.is_object() {
        return Err(EpcisError::new(
            "wrong_type",
            at,
            "An event must be an object.",
        ));
    }
    let name = event["type"].as_str().unwrap_or_default();
    if !EVENT_TYPES.contains(&name) {
        let message = format!("An event has one of the types {}.", EVENT_TYPES.join(", "));
        return Err(EpcisError::new(
            "unknown_event_type",
            place("type"),
            message,
        ));
    }
    for field in REQUIRED {
        if !event[field].is_string() {
            let message = format!("An event needs its {field}.");
            return Err(EpcisError::new("missing_field", place(field), message));
        }
    }
    Ok(())
}
