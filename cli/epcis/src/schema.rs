//! The official JSON schema of EPCIS 2.0, and what it finds wrong, in plain words.

use boon::{
    Compiler, ErrorKind, InstanceLocation, InstanceToken, SchemaIndex, Schemas, ValidationError,
};
use serde_json::{json, Map, Value};

use crate::EpcisError;

/// GS1's, unchanged; schema/README.md says where from.
const SCHEMA: &str = include_str!("../schema/EPCIS-JSON-Schema.json");
const ADDRESS: &str = "https://gs1.github.io/EPCIS/EPCIS-JSON-Schema.json";
/// Words of a list that a message shows.
const MOST_WORDS: usize = 45;

/// What the schema finds wrong with a document, in its order.
///
/// # Errors
/// `schema_damaged` where the schema itself cannot be used: a fault of this build.
pub fn violations(document: &Value) -> Result<Vec<EpcisError>, EpcisError> {
    let (schemas, index) = compiled().map_err(|reason| {
        EpcisError::new(
            "schema_damaged",
            "",
            format!("The EPCIS schema of this build cannot be used: {reason}"),
        )
    })?;
    match schemas.validate(document, index) {
        Ok(()) => Ok(Vec::new()),
        Err(error) => {
            let mut found = faults(&error, "");
            found.dedup();
            Ok(found)
        }
    }
}

fn compiled() -> Result<(Schemas, SchemaIndex), String> {
    let schema: Value = serde_json::from_str(SCHEMA).map_err(|error| error.to_string())?;
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler
        .add_resource(ADDRESS, without_lookahead(schema))
        .map_err(|error| error.to_string())?;
    let index = compiler
        .compile(ADDRESS, &mut schemas)
        .map_err(|error| error.to_string())?;
    Ok((schemas, index))
}

/// The same schema with `not` in place of negative lookahead, which the engine for regular expressions does not have: a text
/// matches `^(?!X)` where it does not match `^(?:X)`.
fn without_lookahead(schema: Value) -> Value {
    match schema {
        Value::Array(items) => items.into_iter().map(without_lookahead).collect(),
        Value::Object(fields) => {
            let mut rewritten = Map::new();
            for (name, value) in fields {
                let refused = value
                    .as_str()
                    .filter(|_| name == "pattern")
                    .and_then(|text| text.strip_prefix("^(?!")?.strip_suffix(')'));
                match refused {
                    Some(start) => {
                        rewritten.insert(
                            "not".to_owned(),
                            json!({ "pattern": format!("^(?:{start})") }),
                        );
                    }
                    None => {
                        rewritten.insert(name, without_lookahead(value));
                    }
                }
            }
            Value::Object(rewritten)
        }
        other => other,
    }
}

/// What an error within `outer` comes to. Of alternatives that all fail, the one that the document came closest to speaks.
fn faults(error: &ValidationError, outer: &str) -> Vec<EpcisError> {
    let at = place(&error.instance_location);
    match &error.kind {
        ErrorKind::AnyOf | ErrorKind::OneOf(None) => alternatives(error, &at),
        // Names are looked at by themselves: their errors do not say whose they are.
        ErrorKind::PropertyName { prop } => {
            let message = format!("`{prop}` is no field of this part of EPCIS 2.0; fields of one's own have a prefix, as in `example:{prop}`.");
            vec![EpcisError::new(
                "unknown_field",
                field(outer, prop),
                message,
            )]
        }
        _ if error.causes.is_empty() => vec![fault(error)],
        _ => error
            .causes
            .iter()
            .flat_map(|cause| faults(cause, &at))
            .collect(),
    }
}

fn alternatives(error: &ValidationError, at: &str) -> Vec<EpcisError> {
    let branches: Vec<Vec<EpcisError>> = error
        .causes
        .iter()
        .map(|cause| faults(cause, at))
        .filter(|branch| !branch.is_empty())
        .collect();
    let is_here = |branch: &Vec<EpcisError>| branch.iter().all(|fault| fault.at == at);
    if branches.iter().all(is_here) {
        if let Some(word) = word(error) {
            return vec![EpcisError::new("not_in_vocabulary", at, word)];
        }
    }
    let is_missing =
        |branch: &Vec<EpcisError>| branch.iter().all(|fault| fault.code == "missing_field");
    if !branches.is_empty() && branches.iter().all(is_missing) {
        let mut names: Vec<String> = branches
            .iter()
            .map(|branch| {
                let fields = branch.iter().map(|fault| last(&fault.at).to_owned());
                fields.collect::<Vec<_>>().join(" and ")
            })
            .collect();
        names.dedup();
        let message = format!("One of these is needed: {}.", names.join("; "));
        return vec![EpcisError::new("missing_field", at, message)];
    }
    // The deeper a branch fails, the closer it was; among equals the one with fewest faults.
    let depth = |branch: &Vec<EpcisError>| {
        branch
            .iter()
            .map(|fault| fault.at.len())
            .max()
            .unwrap_or_default()
    };
    branches
        .into_iter()
        .max_by_key(|branch| (depth(branch), std::cmp::Reverse(branch.len())))
        .unwrap_or_else(|| vec![fault(error)])
}

/// What to say of a text that is neither a word of a list nor an address.
fn word(error: &ValidationError) -> Option<String> {
    let mut words: Option<Vec<String>> = None;
    let mut stack: Vec<&ValidationError> = error.causes.iter().collect();
    while let Some(cause) = stack.pop() {
        if let ErrorKind::Enum { want } = &cause.kind {
            words = Some(
                want.iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            );
        }
        stack.extend(&cause.causes);
    }
    let mut words = words?;
    words.sort();
    let more = if words.len() > MOST_WORDS {
        ", …"
    } else {
        ""
    };
    words.truncate(MOST_WORDS);
    Some(format!(
        "This is no word of CBV 2.0 here, nor the address of a word of another vocabulary. CBV 2.0 writes its own bare: {}{more}.",
        words.join(", ")
    ))
}

fn fault(error: &ValidationError) -> EpcisError {
    let at = place(&error.instance_location);
    let (code, at, message) = match &error.kind {
        ErrorKind::Required { want } => {
            let first = want.first().copied().unwrap_or_default();
            let message = format!("This is needed: {}.", want.join(", "));
            ("missing_field", field(&at, first), message)
        }
        ErrorKind::Type { got, want } => {
            let wanted: Vec<String> = want.iter().map(|kind| kind.to_string()).collect();
            ("wrong_type", at, format!("This must be {}, and is {got}.", wanted.join(" or ")))
        }
        ErrorKind::Enum { want } => {
            let words: Vec<&str> = want.iter().filter_map(Value::as_str).collect();
            ("not_in_vocabulary", at, format!("This must be one of {}.", words.join(", ")))
        }
        ErrorKind::Format { want: "date-time", .. } => (
            "invalid_time",
            at,
            "A moment has date, time and offset: 2026-03-01T09:00:00.000+01:00.".to_owned(),
        ),
        ErrorKind::Format { want: "uri", .. } => (
            "not_a_uri",
            at,
            "This must be a URI: an EPC URN, a GS1 Digital Link, or another with its scheme.".to_owned(),
        ),
        ErrorKind::Pattern { want, .. } => ("wrong_form", at, format!("This does not have the form that EPCIS prescribes: {want}")),
        ErrorKind::AdditionalProperties { got } => {
            let first = got.first().map(|name| &**name).unwrap_or_default();
            let message = format!("`{first}` is no field of this part of EPCIS 2.0.");
            ("unknown_field", field(&at, first), message)
        }
        ErrorKind::MinItems { want, .. } => ("too_few", at, format!("At least {want} is needed here.")),
        ErrorKind::UniqueItems { got: [first, second] } => {
            ("repeated_item", at, format!("Items {first} and {second} are the same."))
        }
        ErrorKind::Not => (
            "old_vocabulary",
            at,
            "Words of GS1's vocabularies are written bare in EPCIS 2.0, `shipping`, and not as addresses of CBV 1.".to_owned(),
        ),
        other => ("not_allowed", at, format!("EPCIS 2.0 does not allow this: {other}.")),
    };
    EpcisError::new(code, at, message)
}

/// A place as it is written: `epcisBody.eventList[0].epcList[1]`.
fn place(location: &InstanceLocation) -> String {
    location
        .tokens
        .iter()
        .fold(String::new(), |place, token| match token {
            InstanceToken::Prop(name) => field(&place, name),
            InstanceToken::Item(index) => format!("{place}[{index}]"),
        })
}

fn field(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

fn last(place: &str) -> &str {
    place.rsplit('.').next().unwrap_or_default()
}
