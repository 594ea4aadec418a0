//! Diagnoses of a claim (HI), and the pointers of its lines to them.

use galen_documents::Name;

use crate::fault::{Fault, Kind};
use crate::segment::Segment;

/// Characters of an ICD-10-CM code before its point, which X12 leaves out.
const CATEGORY: usize = 3;

/// The diagnoses of a claim, in order, as FHIR writes them: `E11.9` for `E119`.
pub(super) fn of_claim(segments: &[Segment]) -> Result<Vec<Name>, Fault> {
    let mut found = Vec::new();
    for segment in segments.iter().filter(|segment| segment.id == "HI") {
        for element in 1..=segment.len() {
            let Some(qualifier) = segment.component(element, 1) else {
                continue;
            };
            match qualifier {
                "ABK" if !found.is_empty() => {
                    let message =
                        "The principal diagnosis (ABK) is the first one, and there is one.";
                    return Err(segment.component_fault(Kind::Duplicate, element, 1, message));
                }
                "ABK" | "ABF" => {
                    let code = segment.required_component(element, 2)?;
                    found.push(Name(pointed(code)));
                }
                "BK" | "BF" => {
                    let message = "Diagnoses are taken in ICD-10-CM (ABK, ABF); ICD-9-CM ended on 30 September 2015.";
                    return Err(segment.component_fault(Kind::Unsupported, element, 1, message));
                }
                // Procedures of anaesthesia and conditions.
                "BP" | "BO" | "BG" => {}
                _ => {
                    let message = format!("A professional claim has no health care information of the sort {qualifier}.");
                    return Err(segment.component_fault(Kind::InvalidCode, element, 1, message));
                }
            }
        }
    }
    Ok(found)
}

fn pointed(code: &str) -> String {
    match (code.get(..CATEGORY), code.get(CATEGORY..)) {
        (Some(category), Some(rest)) if !rest.is_empty() && !rest.starts_with('.') => {
            format!("{category}.{rest}")
        }
        _ => code.to_owned(),
    }
}

/// Those that a line points to (SV107).
pub(super) fn of_line(service: &Segment, of_claim: &[Name]) -> Result<Vec<Name>, Fault> {
    service.required(7, usize::MAX)?;
    let mut found = Vec::new();
    for component in 1..=4 {
        let Some(pointer) = service.component(7, component) else {
            continue;
        };
        let index = pointer
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let Some(diagnosis) = index.and_then(|index| of_claim.get(index)) else {
            let message = format!(
                "The line points to diagnosis {pointer}; the claim has {}.",
                of_claim.len()
            );
            return Err(service.component_fault(Kind::MissingReference, 7, component, message));
        };
        found.push(diagnosis.clone());
    }
    Ok(found)
}
