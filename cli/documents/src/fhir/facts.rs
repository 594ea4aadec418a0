//! What a Claim says that only some plans ask for: diagnoses, places, referral, supporting information.
//!
//! Where it is not one code, nothing is taken from it and nothing is guessed: a plan that asks for it denies the line as
//! lacking information, and any other plan does not care.

use std::collections::BTreeSet;

use ::fhir::r4::resources::claim::{
    ClaimDiagnosisDiagnosis, ClaimItem, ClaimItemLocation, ClaimSupportingInfo,
    ClaimSupportingInfoValue,
};
use ::fhir::r4::resources::Claim;
use ::fhir::r4::types::extension::ExtensionValue;
use ::fhir::r4::types::{CodeableConcept, Extension};

use super::systems;
use crate::leaf::Name;
use crate::problem::Problem;

/// What is stated, and what comes with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Information {
    /// The names of all entries.
    pub stated: Vec<Name>,
    /// Of these, the ones that are an attachment or a reference to a document.
    pub attached: Vec<Name>,
}

/// Whether the extensions of the element `at` say that the patient must not be billed what the plan does not allow; none where
/// they say nothing of it.
///
/// # Errors
/// `wrong_type`, `invalid_value`.
pub(super) fn balance_billing(extensions: &[Extension], at: &str) -> Result<Option<bool>, Problem> {
    let mut found = None;
    for (index, extension) in extensions.iter().enumerate() {
        if extension.url.0 != systems::BALANCE_BILLING {
            continue;
        }
        let Some(ExtensionValue::Boolean(value)) = &extension.value else {
            return Err(Problem::new(
                "wrong_type",
                format!("{at}.extension[{index}].valueBoolean"),
                "Whether balance billing is prohibited is said by true or false (valueBoolean).",
            ));
        };
        if found.replace(value.value.0).is_some() {
            return Err(Problem::new(
                "invalid_value",
                format!("{at}.extension[{index}]"),
                "Whether balance billing is prohibited is said twice.",
            ));
        }
    }
    Ok(found)
}

/// The one code of a concept, if it has one.
fn code(concept: &CodeableConcept) -> Option<Name> {
    let [coding] = concept.coding.as_slice() else {
        return None;
    };
    let code = coding.code.as_ref()?.0.trim();
    (!code.is_empty()).then(|| Name(code.to_owned()))
}

/// Those of a list that an item points to.
fn pointed(numbers: impl Iterator<Item = u32>) -> BTreeSet<u32> {
    numbers.collect()
}

/// The diagnoses that an item points to; all of the claim's where it points to none.
pub(super) fn diagnoses(claim: &Claim, item: &ClaimItem) -> Vec<Name> {
    let chosen = pointed(
        item.diagnosis_sequence
            .iter()
            .flatten()
            .map(|number| number.0),
    );
    let entries = claim.diagnosis.iter();
    entries
        .filter(|entry| chosen.is_empty() || chosen.contains(&entry.sequence.0))
        .filter_map(|entry| match entry.diagnosis.as_ref()? {
            ClaimDiagnosisDiagnosis::CodeableConcept(concept) => code(concept),
            ClaimDiagnosisDiagnosis::Reference(_) => None,
        })
        .collect()
}

/// Where an item was done.
pub(super) fn place(item: &ClaimItem) -> Option<Name> {
    match item.location.as_ref()? {
        ClaimItemLocation::CodeableConcept(concept) => code(concept),
        ClaimItemLocation::Address(_) | ClaimItemLocation::Reference(_) => None,
    }
}

/// The qualification of who was responsible, or of the only one who took part.
pub(super) fn provider_type(claim: &Claim) -> Option<Name> {
    let responsible = claim.care_team.iter().find(|entry| {
        let flag = entry.responsible.as_ref();
        flag.is_some_and(|responsible| responsible.0)
    });
    let only = match claim.care_team.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    code(responsible.or(only)?.qualification.as_ref()?)
}

/// The supporting information that an item points to.
pub(super) fn of_item(claim: &Claim, item: &ClaimItem) -> Information {
    let chosen = pointed(
        item.information_sequence
            .iter()
            .flatten()
            .map(|number| number.0),
    );
    gathered(claim, |sequence| chosen.contains(&sequence))
}

/// The supporting information that no item points to: it is about all of them.
pub(super) fn of_claim(claim: &Claim) -> Information {
    let sequences = claim
        .item
        .iter()
        .flat_map(|item| item.information_sequence.iter());
    let taken = pointed(sequences.flatten().map(|number| number.0));
    gathered(claim, |sequence| !taken.contains(&sequence))
}

fn gathered(claim: &Claim, is_wanted: impl Fn(u32) -> bool) -> Information {
    let mut found = Information::default();
    let entries = claim.supporting_info.iter();
    for entry in entries.filter(|entry| is_wanted(entry.sequence.0)) {
        let Some(name) = name(entry) else { continue };
        if matches!(
            entry.value,
            Some(ClaimSupportingInfoValue::Attachment(_) | ClaimSupportingInfoValue::Reference(_))
        ) {
            found.attached.push(name.clone());
        }
        found.stated.push(name);
    }
    found
}

/// What an entry is called: by its code, and without one by its category.
fn name(entry: &ClaimSupportingInfo) -> Option<Name> {
    match &entry.code {
        Some(concept) => code(concept),
        None => code(&entry.category),
    }
}
