//! References to patients, providers, insurers and coverages.

use ::fhir::r4::resources::Resource;
use ::fhir::r4::types::{Identifier, Reference};

use crate::problem::Problem;

/// A party to a claim, as the document names it. Only identifiers are kept, never a display name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// `Patient/123`, a URL, or `#id` of a contained resource, if given.
    pub reference: Option<String>,
    /// The system of the business identifier (`http://hl7.org/fhir/sid/us-npi`), if given.
    pub system: Option<String>,
    /// The business identifier, if given.
    pub value: Option<String>,
}

impl Party {
    /// The party for which a text stands: what comes before its first bar is the system, where it is a URI.
    pub fn of_text(text: &str) -> Self {
        let (system, value) = match text.split_once('|') {
            Some((system, value))
                if system.contains(':') && !system.contains(' ') && !value.trim().is_empty() =>
            {
                (Some(system.to_owned()), value)
            }
            _ => (None, text),
        };
        Self {
            reference: None,
            system,
            value: Some(value.to_owned()),
        }
    }

    /// One text that stands for the party: its business identifier if it has one, else its reference.
    pub fn text(&self) -> String {
        match (&self.system, &self.value, &self.reference) {
            (Some(system), Some(value), _) => format!("{system}|{value}"),
            (None, Some(value), _) => value.clone(),
            (_, None, reference) => reference.clone().unwrap_or_default(),
        }
    }

    /// The party as another document can name it: without the reference to what only this one contains. None where it
    /// had no other name.
    pub fn elsewhere(&self) -> Option<Self> {
        let local = |text: &String| text.starts_with('#');
        let reference = self.reference.clone().filter(|text| !local(text));
        (reference.is_some() || self.value.is_some()).then(|| Self {
            reference,
            ..self.clone()
        })
    }
}

/// Reads a reference that must say whom it means.
pub(super) fn party<T>(
    reference: &Reference<T>,
    at: &str,
    contained: &[Resource],
) -> Result<Party, Problem> {
    let identifier = reference.identifier.as_ref();
    let party = Party {
        reference: reference.reference.as_ref().map(|text| text.0.clone()),
        system: identifier
            .and_then(|id| id.system.as_ref())
            .map(|text| text.0.clone()),
        value: identifier
            .and_then(|id| id.value.as_ref())
            .map(|text| text.0.clone()),
    };
    if party.text().trim().is_empty() {
        return Err(missing(
            at,
            "It names nobody: give a reference or an identifier with a value",
        ));
    }
    match party
        .reference
        .as_deref()
        .and_then(|text| text.strip_prefix('#'))
    {
        Some(id)
            if !contained
                .iter()
                .any(|resource| id_of(resource).as_deref() == Some(id)) =>
        {
            Err(missing(
                &format!("{at}.reference"),
                &format!("There is no contained resource with the id `{id}`"),
            ))
        }
        _ => Ok(party),
    }
}

/// The claim's own business identifiers, as `system|value`.
pub(super) fn identifiers(identifiers: &[Identifier]) -> Vec<String> {
    identifiers
        .iter()
        .filter_map(|identifier| {
            let value = identifier.value.as_ref()?.0.clone();
            Some(
                identifier
                    .system
                    .as_ref()
                    .map_or(value.clone(), |system| format!("{}|{value}", system.0)),
            )
        })
        .collect()
}

/// The refusal of a reference that leads nowhere.
pub(super) fn missing(at: &str, why: &str) -> Problem {
    Problem::new("missing_reference", at, format!("{why} ({at})."))
}

/// The id inside a contained resource. Each of the 146 types has one, and the library has no common access to it.
pub(super) fn id_of(resource: &Resource) -> Option<String> {
    let value = serde_json::to_value(resource).ok()?;
    value.get("id")?.as_str().map(str::to_owned)
}
