//! Which elements must, and must not, stand beside each other (General Specifications 4.13 and 4.14).

use super::error::{Fault, Gs1Error};
use super::message::{Element, Message};
use super::table;

/// Checks the associations of all elements.
///
/// # Errors
/// [`Fault::RepeatedAi`], [`Fault::ConflictingAi`], [`Fault::MissingAi`], at the Application Identifier whose rule it
/// is.
pub(super) fn check(message: &Message) -> Result<(), Gs1Error> {
    for element in message.elements() {
        let rules = table::find(element.ai).map_or("", |entry| entry.rules);
        let fault = fault(message, element, rules);
        if let Some(fault) = fault {
            return Err(Gs1Error::at(fault, element.ai));
        }
    }
    Ok(())
}

fn fault(message: &Message, element: Element, rules: &str) -> Option<Fault> {
    let is_repeated = message
        .elements()
        .any(|other| other.ai == element.ai && other.value != element.value);
    if is_repeated {
        return Some(Fault::RepeatedAi);
    }
    for rule in rules.split_ascii_whitespace() {
        match rule.split_once('=') {
            Some(("ex", excluded)) if has_excluded(message, element, excluded) => {
                return Some(Fault::ConflictingAi);
            }
            Some(("req", groups)) if !has_one_group(message, groups) => {
                return Some(Fault::MissingAi);
            }
            _ => {}
        }
    }
    None
}

fn has_excluded(message: &Message, element: Element, excluded: &str) -> bool {
    let own = element.ai.as_str();
    message
        .elements()
        .filter(|other| other.ai != element.ai)
        .any(|other| {
            let other = other.ai.as_str();
            excluded.split(',').any(|pattern| match pattern {
                // The same measure with another decimal point.
                "family" => other.len() == own.len() && other.get(..3) == own.get(..3),
                _ => matches(pattern, other),
            })
        })
}

fn has_one_group(message: &Message, groups: &str) -> bool {
    groups.split(',').any(|group| {
        group.split('+').all(|pattern| {
            message
                .elements()
                .any(|other| matches(pattern, other.ai.as_str()))
        })
    })
}

/// Whether an Application Identifier is the one, or of the kind, that a rule names.
fn matches(pattern: &str, ai: &str) -> bool {
    pattern.len() == ai.len()
        && pattern
            .bytes()
            .zip(ai.bytes())
            .all(|(wanted, digit)| wanted == b'n' || wanted == digit)
}
