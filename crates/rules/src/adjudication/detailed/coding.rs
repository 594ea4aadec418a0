//! Gates 7 and 8: whether diagnosis, age, sex and modifiers go with the procedure.
//!
//! A line stands on any one of its diagnoses: that another of them is not covered, does not go with
//! the procedure or is pre-existing does it no harm. An invalid one does, for what it says is not
//! known.

use super::complete::is_outside;
use super::{deny_if, Case, Gate};
use crate::adjudication::details::Diagnosis;
use crate::reason::Reason;

/// Gate 7: diagnoses that are valid on the service date, one that is covered, one that goes with the
/// procedure.
pub(super) fn diagnoses(case: &Case<'_>) -> Gate {
    let stated = case.own.diagnoses;
    if let Some(known) = case.details.plan.diagnoses {
        let valid = |entry: &&Diagnosis| entry.effective.contains(case.date());
        let find = |code| known.iter().filter(valid).find(|entry| entry.code == code);
        let mut found = stated.iter().map(|code| find(*code));
        deny_if(found.any(|entry| entry.is_none()), Reason::DiagnosisInvalid)?;
        let mut found = stated.iter().filter_map(|code| find(*code));
        deny_if(
            !found.any(|entry| entry.covered),
            Reason::DiagnosisNotCovered,
        )?;
    }
    let mismatch = case
        .benefit
        .diagnoses
        .is_some_and(|list| !stated.iter().any(|code| list.contains(code)));
    deny_if(mismatch, Reason::DiagnosisMismatch)
}

/// Gate 7: an age at which it is done.
pub(super) fn age(case: &Case<'_>) -> Gate {
    let of_age = match (case.benefit.ages, case.details.member.born) {
        (Some(ages), Some(born)) => {
            let age = case.date().years_since(born);
            Some((ages.from..=ages.to).contains(&age))
        }
        (Some(_), None) => case.own.of_age,
        (None, _) => None,
    };
    deny_if(of_age == Some(false), Reason::Age)
}

/// Gate 7: a category of sex for which it is done.
pub(super) fn sex(case: &Case<'_>) -> Gate {
    deny_if(
        is_outside(case.benefit.sexes, case.details.member.sex),
        Reason::Sex,
    )
}

/// Gate 7: only modifiers that go with it, and one of those that it needs.
pub(super) fn modifiers(case: &Case<'_>) -> Gate {
    let mut stated = case.own.modifiers.iter();
    let (allowed, required) = (case.benefit.modifiers, case.benefit.modifiers_required);
    let unfit = allowed.is_some_and(|list| stated.clone().any(|modifier| !list.contains(modifier)));
    let missing = !required.is_empty() && !stated.any(|modifier| required.contains(modifier));
    deny_if(unfit || missing, Reason::Modifier)
}

/// Gate 8: not for a condition from before coverage, while those are excluded.
pub(super) fn pre_existing(case: &Case<'_>) -> Gate {
    let days = case.details.plan.pre_existing_days;
    let known = case.details.member.pre_existing;
    let stated = case.own.diagnoses;
    deny_if(
        case.date().is_within(days, case.facts.coverage.from)
            && !stated.is_empty()
            && stated.iter().all(|code| known.contains(code)),
        Reason::PreExisting,
    )
}
