//! An event as a tree of names and values, in the shape of EPCIS's XML form: that is what the hash is defined over.

use serde_json::{Map, Value};

use crate::namespaces::Namespaces;
use crate::time_stamp;
use crate::vocabulary::Words;
use crate::EpcisError;

/// Lists whose members are a pair of type and identifier: the member's name, by the list's.
const PAIRED: [(&str, &str); 3] = [
    ("bizTransactionList", "bizTransaction"),
    ("sourceList", "source"),
    ("destinationList", "destination"),
];
/// Keys that say nothing about the event.
const COMMENTS: [&str; 2] = ["rdfs:comment", "comment"];
/// Fields that are moments where the standard defines them.
const MOMENTS: [&str; 4] = ["eventTime", "time", "startTime", "endTime"];

/// A field: its name, its value, the fields in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// With its namespace in braces where it has one; empty for a pair.
    pub name: String,
    /// Empty where it has none.
    pub value: String,
    /// In any order, except in a pair.
    pub children: Vec<Node>,
}

struct Reader<'a> {
    namespaces: &'a Namespaces,
    words: &'a Words,
}

/// The event's type and its fields.
pub fn event(
    event: &Value,
    at: &str,
    namespaces: &Namespaces,
    words: &Words,
) -> Result<(String, Vec<Node>), EpcisError> {
    let reader = Reader { namespaces, words };
    let fields = event
        .as_object()
        .map_or_else(|| Ok(Vec::new()), |fields| reader.fields(fields, at))?;
    let name = event["type"].as_str().unwrap_or_default();
    Ok((name.to_owned(), fields))
}

impl Reader<'_> {
    fn fields(&self, object: &Map<String, Value>, at: &str) -> Result<Vec<Node>, EpcisError> {
        let mut nodes = Vec::new();
        let keys = object
            .iter()
            .filter(|(key, _)| !COMMENTS.contains(&key.as_str()));
        for (key, value) in keys.filter(|(key, _)| *key != "#text") {
            let at = if at.is_empty() {
                key.clone()
            } else {
                format!("{at}.{key}")
            };
            let name = self.namespaces.key(key);
            if let Some((_, member)) = PAIRED.iter().find(|(list, _)| *list == name) {
                nodes.push(self.paired(&name, member, value, &at)?);
            } else if let Some(item) = name.strip_suffix("List") {
                nodes.push(Node {
                    children: self.items(element_name(item), value, &at)?,
                    name,
                    ..Node::default()
                });
            } else if name == "childEPCs" {
                nodes.push(Node {
                    children: self.items("epc", value, &at)?,
                    name,
                    ..Node::default()
                });
            } else {
                nodes.extend(self.items(&name, value, &at)?);
            }
        }
        Ok(nodes)
    }

    /// One node for each item of a list, and one for what is no list.
    fn items(&self, name: &str, value: &Value, at: &str) -> Result<Vec<Node>, EpcisError> {
        match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.node(name, item, &format!("{at}[{index}]")))
                .collect(),
            _ => Ok(vec![self.node(name, value, at)?]),
        }
    }

    fn node(&self, name: &str, value: &Value, at: &str) -> Result<Node, EpcisError> {
        let children = match value {
            Value::Object(object) => self.fields(object, at)?,
            // A list in a list has no name of its own.
            Value::Array(_) => self.items("", value, at)?,
            _ => Vec::new(),
        };
        let name = match name {
            // The list of quantities; the quantity in it is a number.
            "quantity" if !children.is_empty() => "quantityElement",
            _ => name,
        };
        let text = match value {
            Value::Object(object) => object.get("#text").map(|text| self.scalar(text)),
            Value::Array(_) => None,
            _ => Some(self.scalar(value)),
        };
        let value = text.unwrap_or_default();
        if MOMENTS.contains(&name) && time_stamp::canonical(value.trim()).is_none() {
            let message = format!("\"{value}\" is no moment with its offset from UTC, as 2026-03-01T12:00:00.000+01:00.");
            return Err(EpcisError::new("invalid_time", at, message));
        }
        Ok(Node {
            name: name.to_owned(),
            value,
            children,
        })
    }

    /// Type and identifier, in this order, then whatever else there is.
    fn paired(
        &self,
        list: &str,
        member: &str,
        value: &Value,
        at: &str,
    ) -> Result<Node, EpcisError> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut pairs = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = format!("{at}[{index}]");
            let object = item
                .as_object()
                .filter(|object| object.contains_key(member));
            let object = object.ok_or_else(|| {
                let message = format!("An item of this list is an object with its {member}.");
                EpcisError::new("wrong_type", at.clone(), message)
            })?;
            let mut fields = self.fields(object, &at)?;
            fields.sort_by_key(|field| match field.name.as_str() {
                "type" => 0,
                name if name == member => 1,
                _ => 2,
            });
            pairs.push(Node {
                children: fields,
                ..Node::default()
            });
        }
        Ok(Node {
            name: list.to_owned(),
            children: pairs,
            ..Node::default()
        })
    }

    fn scalar(&self, value: &Value) -> String {
        match value {
            Value::String(text) => {
                let text = self.words.address(text).unwrap_or(text);
                self.namespaces.value(text)
            }
            // As the reference writes what is no text.
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Null => "None".to_owned(),
            other => other.to_string(),
        }
    }
}

/// The name that the XML form has for the items of a list.
fn element_name(item: &str) -> &str {
    match item {
        "inputEPC" | "outputEPC" => "epc",
        "inputQuantity" | "outputQuantity" | "childQuantity" => "quantityElement",
        other => other,
    }
}
