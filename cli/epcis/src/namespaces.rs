//! Prefixes: those that a document's `@context` declares.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::EpcisError;

/// Prefixes of the standard context that values may use without declaring them.
const STANDARD: [(&str, &str); 3] = [
    ("cbv", "https://ref.gs1.org/cbv/"),
    ("epcis", "https://ref.gs1.org/epcis/"),
    ("gs1", "https://gs1.org/voc/"),
];

/// The prefixes of one document.
pub struct Namespaces(BTreeMap<String, String>);

impl Namespaces {
    /// Reads a document's `@context`.
    pub fn of(document: &Value) -> Result<Self, EpcisError> {
        let mut declared = BTreeMap::new();
        let contexts = match &document["@context"] {
            Value::Array(contexts) => contexts.as_slice(),
            one => std::slice::from_ref(one),
        };
        for context in contexts.iter().filter_map(Value::as_object) {
            for (prefix, namespace) in context {
                // Terms with definitions of their own, and keywords, are no prefixes.
                if let Some(namespace) = namespace.as_str().filter(|_| !prefix.starts_with('@')) {
                    declared.insert(prefix.clone(), namespace.to_owned());
                } else if namespace.is_number() || namespace.is_array() {
                    let message = "A prefix stands for the address of its namespace, in quotes.";
                    return Err(EpcisError::new(
                        "wrong_type",
                        format!("@context.{prefix}"),
                        message,
                    ));
                }
            }
        }
        Ok(Self(declared))
    }

    /// The prefixes that it declares.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A key with its namespace in braces: `{https://ns.example.com/epcis/}field`.
    pub fn key(&self, key: &str) -> String {
        match self.split(key) {
            Some((namespace, local)) => format!("{{{namespace}}}{local}"),
            None => key.to_owned(),
        }
    }

    /// A value with its prefix written out.
    pub fn value(&self, value: &str) -> String {
        let standard = || {
            let (prefix, local) = value.split_once(':')?;
            let (_, namespace) = STANDARD.iter().find(|(name, _)| *name == prefix)?;
            Some((*namespace, local))
        };
        match self.split(value).or_else(standard) {
            Some((namespace, local)) => format!("{namespace}{local}"),
            None => value.to_owned(),
        }
    }

    fn split<'a>(&'a self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let (prefix, local) = text.split_once(':')?;
        Some((self.0.get(prefix)?.as_str(), local))
    }
}
