//! The canonical string: fields in the standard's order, values normalised, everything else sorted at the end.

use crate::time_stamp;
use crate::tree::Node;
use crate::uri;

/// Fields in their order, each with those in it.
struct Order(&'static [(&'static str, Order)]);

const NONE: Order = Order(&[]);
const EPCS: Order = Order(&[("epc", NONE)]);
const QUANTITIES: Order = Order(&[(
    "quantityElement",
    Order(&[("epcClass", NONE), ("quantity", NONE), ("uom", NONE)]),
)]);
const LOCATION: Order = Order(&[("id", NONE)]);
const METADATA: Order = Order(&[
    ("time", NONE),
    ("startTime", NONE),
    ("endTime", NONE),
    ("deviceID", NONE),
    ("deviceMetadata", NONE),
    ("rawData", NONE),
    ("dataProcessingMethod", NONE),
    ("bizRules", NONE),
]);
const REPORT: Order = Order(&[
    ("type", NONE),
    ("exception", NONE),
    ("deviceID", NONE),
    ("deviceMetadata", NONE),
    ("rawData", NONE),
    ("dataProcessingMethod", NONE),
    ("time", NONE),
    ("microorganism", NONE),
    ("chemicalSubstance", NONE),
    ("value", NONE),
    ("component", NONE),
    ("stringValue", NONE),
    ("booleanValue", NONE),
    ("hexBinaryValue", NONE),
    ("uriValue", NONE),
    ("minValue", NONE),
    ("maxValue", NONE),
    ("meanValue", NONE),
    ("sDev", NONE),
    ("percRank", NONE),
    ("percValue", NONE),
    ("uom", NONE),
    ("coordinateReferenceSystem", NONE),
]);
/// The fields of an event. Lists of pairs of type and identifier are left to the end, with the instance data and the
/// extensions, as the reference does.
const EVENT: Order = Order(&[
    ("eventTime", NONE),
    ("eventTimeZoneOffset", NONE),
    ("certificationInfo", NONE),
    ("parentID", NONE),
    ("epcList", EPCS),
    ("inputEPCList", EPCS),
    ("childEPCs", EPCS),
    ("quantityList", QUANTITIES),
    ("childQuantityList", QUANTITIES),
    ("inputQuantityList", QUANTITIES),
    ("outputEPCList", EPCS),
    ("outputQuantityList", QUANTITIES),
    ("action", NONE),
    ("transformationID", NONE),
    ("bizStep", NONE),
    ("disposition", NONE),
    (
        "persistentDisposition",
        Order(&[("set", NONE), ("unset", NONE)]),
    ),
    ("readPoint", LOCATION),
    ("bizLocation", LOCATION),
    (
        "sensorElementList",
        Order(&[(
            "sensorElement",
            Order(&[("sensorMetadata", METADATA), ("sensorReport", REPORT)]),
        )]),
    ),
]);
/// Fields that are about the record and not about what happened.
const IGNORED: [&str; 4] = ["recordTime", "eventID", "type", "errorDeclaration"];
/// Vocabulary of CBV 1, and what it is called since CBV 2.
const RENAMED: [(&str, &str); 5] = [
    (
        "urn:epcglobal:cbv:bizstep:",
        "https://ref.gs1.org/cbv/BizStep-",
    ),
    ("urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-"),
    ("urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-"),
    ("urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-"),
    ("urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-"),
];

/// The canonical string of an event.
pub fn string(name: &str, mut fields: Vec<Node>) -> String {
    let ordered = in_order(&mut fields, &EVENT);
    fields.retain(|field| !IGNORED.contains(&field.name.as_str()));
    format!("eventType={name}{ordered}{}", sorted(&fields))
}

/// The fields of an order; those that are written out completely are taken from the list.
fn in_order(fields: &mut Vec<Node>, order: &Order) -> String {
    let extensions = take_extensions(fields);
    let mut text = String::new();
    for (name, inner) in order.0 {
        let mut written = Vec::new();
        for field in fields.iter_mut().filter(|field| field.name == *name) {
            written.push(ordered_field(field, inner));
        }
        fields.retain(|field| field.name != *name || !field.children.is_empty());
        written.sort();
        text.extend(written);
    }
    text + &sorted(&extensions)
}

fn ordered_field(field: &mut Node, order: &Order) -> String {
    let inner = if order.0.is_empty() {
        String::new()
    } else {
        in_order(&mut field.children, order)
    };
    let text = field.value.trim();
    let is_moment =
        field.name.to_lowercase().contains("time") && !field.name.to_lowercase().contains("offset");
    let value = match text {
        "" => String::new(),
        _ if is_moment => time_stamp::canonical(text).unwrap_or_else(|| text.to_owned()),
        _ => canonical_value(text),
    };
    match (value.is_empty(), inner.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{}{inner}", field.name),
        (false, _) => format!("{}={value}{inner}", field.name),
    }
}

/// Takes the extensions out of a part of an event that may have some; those of the event itself stay for the end.
fn take_extensions(fields: &mut Vec<Node>) -> Vec<Node> {
    let is_event = fields
        .iter()
        .any(|field| field.name.contains("eventTime") || field.name.contains("action"));
    if is_event || fields.len() <= 1 {
        return Vec::new();
    }
    let is_extension = |field: &Node| field.name.contains('{') && field.name.contains("/}");
    let (extensions, rest) = std::mem::take(fields).into_iter().partition(is_extension);
    *fields = rest;
    extensions
}

/// Fields without a defined order, with all in them.
fn sorted(fields: &[Node]) -> String {
    let mut written: Vec<String> = fields
        .iter()
        .map(|field| {
            if field.name.is_empty() && field.value.is_empty() {
                return field
                    .children
                    .iter()
                    .map(|part| sorted(std::slice::from_ref(part)))
                    .collect();
            }
            let text = field.value.trim();
            let value = if text.is_empty() {
                String::new()
            } else {
                format!("={}", canonical_value(text))
            };
            format!("{}{value}{}", field.name, sorted(&field.children))
        })
        .collect();
    written.sort();
    written.concat()
}

fn canonical_value(text: &str) -> String {
    let renamed = RENAMED
        .iter()
        .fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
    let text = number(&renamed).unwrap_or(renamed);
    uri::canonical(&text).unwrap_or(text)
}

/// A number without needless zeros and signs; none where the text is none.
fn number(text: &str) -> Option<String> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    if value.fract() == 0.0 {
        // Minus zero is zero.
        return Some(format!("{:.0}", value + 0.0));
    }
    if value.abs() >= 1e-4 {
        return Some(value.to_string());
    }
    // Small ones with an exponent of at least two digits.
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once("e-")?;
    Some(format!("{digits}e-{exponent:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_needless_digits() {
        for (text, expected) in [
            ("1.0", Some("1")),
            ("0.3434000", Some("0.3434")),
            ("+5", Some("5")),
            ("-0", Some("0")),
            ("1e3", Some("1000")),
            ("0.00001", Some("1e-05")),
            ("-1.5e-7", Some("-1.5e-07")),
            ("1.5e-120", Some("1.5e-120")),
            ("12x", None),
            ("inf", None),
            ("nan", None),
            ("+01:00", None),
        ] {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
    }
}
