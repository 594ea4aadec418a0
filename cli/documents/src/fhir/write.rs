//! Pieces of the documents that Galen writes.

use galen_rules::{Cents, Date};
use serde_json::{json, Map, Number, Value};

use super::adjudicated::Identifier;
use super::reference::Party;
use crate::problem::Problem;

/// What stands where R4 needs a text and the claim has none to give.
pub(super) const NOT_SAID: &str = "The claim does not say.";

/// Writes the elements of an object one by one, leaving out what there is nothing to say about.
#[derive(Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// A resource of this type.
    pub fn resource(name: &str) -> Self {
        Self::default().with("resourceType", json!(name))
    }

    /// The object with this element.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The object with this element, where it has one.
    pub fn with_some(self, name: &str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The object with this list, where it is not empty: FHIR has no empty lists.
    pub fn with_list(self, name: &str, values: Vec<Value>) -> Self {
        if values.is_empty() {
            return self;
        }
        self.with(name, Value::Array(values))
    }

    /// The object.
    pub fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// Cents as a decimal of two places, by digits.
pub(super) fn decimal(cents: i128) -> Result<Number, Problem> {
    let sign = if cents < 0 { "-" } else { "" };
    let size = cents.unsigned_abs();
    let digits = format!("{sign}{}.{:02}", size / 100, size % 100);
    digits.parse().map_err(|_| {
        Problem::new(
            "invalid_value",
            "",
            format!("{digits} cannot be written as a number."),
        )
    })
}

/// An amount.
pub(super) fn money(amount: Cents, currency: &str) -> Result<Value, Problem> {
    signed_money(i128::from(amount.get()), currency)
}

/// An amount that can be below zero.
pub(super) fn signed_money(cents: i128, currency: &str) -> Result<Value, Problem> {
    Ok(json!({"value": Value::Number(decimal(cents)?), "currency": currency}))
}

/// A concept of one code.
pub(super) fn concept(system: &str, code: &str) -> Value {
    let coding = Object::default()
        .with_some(
            "system",
            Some(system)
                .filter(|text| !text.is_empty())
                .map(|text| json!(text)),
        )
        .with("code", json!(code));
    json!({"coding": [coding.done()]})
}

/// A business identifier.
pub(super) fn identifier(identifier: &Identifier) -> Value {
    Object::default()
        .with_some(
            "system",
            identifier.system.as_ref().map(|system| json!(system)),
        )
        .with("value", json!(identifier.value))
        .done()
}

/// A reference to a party, by what is known of it.
pub(super) fn reference(party: &Party) -> Value {
    let identifier = party.value.as_ref().map(|value| {
        Object::default()
            .with_some("system", party.system.as_ref().map(|system| json!(system)))
            .with("value", json!(value))
            .done()
    });
    Object::default()
        .with_some(
            "reference",
            party.reference.as_ref().map(|text| json!(text)),
        )
        .with_some("identifier", identifier)
        .done()
}

/// A day.
pub(super) fn day(date: Date) -> Value {
    json!(date.to_string())
}

/// A period of days.
pub(super) fn period(first: Date, last: Date) -> Value {
    json!({"start": first.to_string(), "end": last.to_string()})
}

/// Why a document is not given out that would not be read as what it was made from; `at` is the place.
pub(super) fn reads_otherwise(at: &str) -> Problem {
    Problem::new(
        "invalid_value",
        at,
        "The document, read again, would say something else than was written; an identifier or a text of it cannot stand in FHIR.",
    )
}
