//! Which elements a document may have: those of FHIR R4, less those that would change a claim's meaning in a way that
//! Galen does not carry out.

use ::fhir::r4::resources::{Claim, Resource};
use serde::Serialize;
use serde_json::Value;

use super::systems;
use crate::problem::Problem;

/// The release that Galen reads.
const RELEASE: &str = "4.0";
const BASE_PROFILE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Refuses a resource of another type than `wanted`.
pub(super) fn require(document: &Value, wanted: &str) -> Result<(), Problem> {
    match document.get("resourceType") {
        Some(Value::String(name)) if name == wanted => Ok(()),
        Some(Value::String(name)) => Err(Problem::new(
            "unsupported_resource",
            "resourceType",
            format!("This is a FHIR {name}; a {wanted} is needed. A Bundle's {wanted} has to be taken out of it first."),
        )),
        _ => Err(Problem::new("wrong_type", "resourceType", "The resource type is not a word in quotes.")),
    }
}

/// Refuses what the library has skipped: elements that FHIR R4 does not have.
pub(super) fn refuse_unknown(document: &Value, claim: &Claim) -> Result<(), Problem> {
    let understood =
        serde_json::to_value(Resource::Claim(Box::new(claim.clone()))).map_err(|error| {
            Problem::new(
                "invalid_value",
                "Claim",
                format!("The claim cannot be written out again: {error}."),
            )
        })?;
    refuse_difference(document, "Claim", &understood)
}

/// The same for a resource of another type, of which `resource` is what the library has understood.
pub(super) fn refuse_skipped<T: Serialize>(
    document: &Value,
    name: &str,
    resource: &T,
) -> Result<(), Problem> {
    let mut understood = serde_json::to_value(resource).map_err(|error| {
        Problem::new(
            "invalid_value",
            name,
            format!("The document cannot be written out again: {error}."),
        )
    })?;
    if let Some(elements) = understood.as_object_mut() {
        elements.insert("resourceType".to_owned(), Value::from(name));
    }
    refuse_difference(document, name, &understood)
}

fn refuse_difference(document: &Value, name: &str, understood: &Value) -> Result<(), Problem> {
    if let Some(path) = numbered_zero(name, document) {
        return Err(Problem::new(
            "invalid_value",
            path,
            "What FHIR numbers begins with 1; this is 0.",
        ));
    }
    match first_skipped(name, document, understood) {
        None => Ok(()),
        Some(path) => Err(Problem::new(
            "unknown_field",
            path.clone(),
            format!("`{path}` is not an element of FHIR R4 (4.0.1), or is empty; if the document is of another FHIR release, convert it first."),
        )),
    }
}

/// The path of the first sequence number that is 0: the library takes it for a `positiveInt`. Contained resources are left
/// out, for another type may number from 0.
fn numbered_zero(path: &str, value: &Value) -> Option<String> {
    let Value::Object(entries) = value else {
        return None;
    };
    let zero = |value: &Value| value.as_u64() == Some(0);
    entries
        .iter()
        .filter(|(name, _)| *name != "contained")
        .find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            let counts = name == "sequence" || name.ends_with("Sequence");
            match value {
                Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
                    let path = format!("{path}[{index}]");
                    if counts && zero(item) {
                        return Some(path);
                    }
                    numbered_zero(&path, item)
                }),
                value if counts && zero(value) => Some(path),
                value => numbered_zero(&path, value),
            }
        })
}

/// The library names places as its own fields are named; FHIR's paths are in camel case.
pub(super) fn camel_case(path: &str) -> String {
    let mut parts = path.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| {
        let mut letters = part.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        capital
            .into_iter()
            .chain(letters)
            .fold(path, |mut path, letter| {
                path.push(letter);
                path
            })
    })
}

/// The path of the first element that is in the document and not in what was understood of it.
fn first_skipped(path: &str, given: &Value, understood: &Value) -> Option<String> {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => {
            given.iter().find_map(|(name, value)| {
                let path = format!("{path}.{name}");
                match understood.get(name) {
                    None => Some(path),
                    Some(other) => first_skipped(&path, value, other),
                }
            })
        }
        (Value::Array(given), Value::Array(understood)) => {
            given.iter().enumerate().find_map(|(index, value)| {
                let path = format!("{path}[{index}]");
                match understood.get(index) {
                    None => Some(path),
                    Some(other) => first_skipped(&path, value, other),
                }
            })
        }
        (given, understood) if given == understood => None,
        _ => Some(path.to_owned()),
    }
}

/// Refuses elements of R4 that would change the claim's meaning in a way that Galen does not carry out.
pub(super) fn refuse_unsupported(document: &Value, claim: &Claim) -> Result<(), Problem> {
    refuse_other_releases(document, "Claim")?;
    if let Some(path) = modifier_extension("Claim", document) {
        return Err(unsupported(&path, "A modifier extension changes the meaning of what it stands in, and Galen does not know it"));
    }
    if let Some(path) = misplaced_ban("Claim", document) {
        return Err(unsupported(
            &path,
            "A ban on balance billing is read of the Claim as a whole or of an item, and nowhere else",
        ));
    }
    if claim.implicit_rules.is_some() {
        return Err(unsupported(
            "Claim.implicitRules",
            "Galen does not know these rules",
        ));
    }
    if !claim.related.is_empty() {
        return Err(unsupported(
            "Claim.related[0]",
            "Corrections and replacements are not read yet; submit the claim that stands",
        ));
    }
    if !pays_the_provider(document) {
        return Err(unsupported(
            "Claim.payee",
            "Galen pays the provider of the claim and nobody else; where the patient has paid, the insurer settles that with the patient",
        ));
    }
    for (index, insurance) in claim.insurance.iter().enumerate() {
        if insurance.business_arrangement.is_some() {
            return Err(unsupported(
                &format!("Claim.insurance[{index}].businessArrangement"),
                "An arrangement of its own could change what is owed, and Galen does not know it",
            ));
        }
    }
    for (index, item) in claim.item.iter().enumerate() {
        let at = |name: &str| format!("Claim.item[{index}].{name}");
        if !item.detail.is_empty() {
            return Err(unsupported(
                &at("detail[0]"),
                "Details under an item are not read yet; give each as an item",
            ));
        }
        if item.factor.is_some() {
            return Err(unsupported(
                &at("factor"),
                "A factor on the price is not read yet; give the net amount without it",
            ));
        }
    }
    Ok(())
}

/// Whether the claim asks for no other payee than its provider.
fn pays_the_provider(document: &Value) -> bool {
    let Some(payee) = document.get("payee") else {
        return true;
    };
    let codings = payee.pointer("/type/coding").and_then(Value::as_array);
    let mut codes = codings
        .into_iter()
        .flatten()
        .map(|coding| coding.get("code"));
    let is_provider = |code: Option<&Value>| code.and_then(Value::as_str) == Some("provider");
    // A party that is named as the provider is; else it may be somebody else.
    let is_named_alike = |name: &str| {
        let of = |who: &str| document.pointer(&format!("{who}/{name}"));
        of("/payee/party").is_some() && of("/payee/party") == of("/provider")
    };
    codes.clone().next().is_some()
        && codes.all(is_provider)
        && (payee.get("party").is_none()
            || is_named_alike("reference")
            || is_named_alike("identifier"))
}

/// A document does not state its release, except by the version of the base profile that it claims.
pub(super) fn refuse_other_releases(document: &Value, root: &str) -> Result<(), Problem> {
    let profiles = document.pointer("/meta/profile").and_then(Value::as_array);
    let profiles = profiles.map(Vec::as_slice).unwrap_or_default();
    for (index, profile) in profiles.iter().enumerate() {
        let Some((name, version)) = profile.as_str().and_then(|profile| profile.split_once('|'))
        else {
            continue;
        };
        if name.starts_with(BASE_PROFILE) && !version.starts_with(RELEASE) {
            return Err(Problem::new(
                "unsupported_version",
                format!("{root}.meta.profile[{index}]"),
                format!(
                    "The document is of FHIR {version}; Galen reads R4 (4.0.1). Convert it first."
                ),
            ));
        }
    }
    Ok(())
}

pub(super) fn modifier_extension(path: &str, value: &Value) -> Option<String> {
    match value {
        Value::Object(entries) => entries.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match name.as_str() {
                "modifierExtension" => Some(format!("{path}[0]")),
                _ => modifier_extension(&path, value),
            }
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| modifier_extension(&format!("{path}[{index}]"), item)),
        _ => None,
    }
}

/// The path of the first extension about balance billing that stands neither in the Claim itself nor in one of its items.
fn misplaced_ban(path: &str, value: &Value) -> Option<String> {
    let is_ban = |value: &Value| {
        let url = value.get("url").and_then(Value::as_str);
        url == Some(systems::BALANCE_BILLING)
    };
    let is_place = path == "Claim.extension"
        || path
            .strip_prefix("Claim.item[")
            .and_then(|rest| rest.split_once(']'))
            .is_some_and(|(_, rest)| rest == ".extension");
    match value {
        Value::Object(entries) => entries
            .iter()
            .find_map(|(name, value)| misplaced_ban(&format!("{path}.{name}"), value)),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            let at = format!("{path}[{index}]");
            if path.ends_with("xtension") && is_ban(item) && !is_place {
                return Some(at);
            }
            misplaced_ban(&at, item)
        }),
        _ => None,
    }
}

/// The refusal of something that FHIR has and Galen does not carry out.
pub(super) fn unsupported(at: &str, why: &str) -> Problem {
    Problem::new("unsupported", at, format!("{why} ({at})."))
}
