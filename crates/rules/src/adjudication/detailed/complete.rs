//! Gate 4: what a claim must say, what must come with it, who may bill it, and where.

use super::{deny_if, Case, Gate};
use crate::adjudication::details::Need;
use crate::adjudication::history::CodeKey;
use crate::adjudication::result::Denial;
use crate::reason::{Reason, Remark};

// RARCs (X12 code list 411) of the facts without which a limit cannot be judged.
const NO_DIAGNOSIS: &str = "M76";
const NO_BIRTH_DATE: &str = "N329";
const NO_SEX: &str = "MA39";
const NO_PROVIDER_TYPE: &str = "N255";
const NO_PLACE: &str = "M77";

fn with_remark(reason: Reason, remark: Option<Remark>) -> Denial {
    Denial { reason, remark }
}

/// The first need that neither the claim nor the line meets.
fn unmet<'a>(
    mut needs: impl Iterator<Item = &'a Need>,
    claim: &[CodeKey],
    line: &[CodeKey],
) -> Option<Remark> {
    needs
        .find(|need| !claim.contains(&need.what) && !line.contains(&need.what))
        .map(|need| need.remark)
}

/// Gate 4: everything stated that the plan asks for, and every fact at hand that a limit of the
/// benefit is about.
pub(super) fn information(case: &Case<'_>) -> Gate {
    let (plan, benefit, own) = (case.details.plan, case.benefit, case.own);
    let needs = plan.information.iter().chain(benefit.information);
    if let Some(remark) = unmet(needs, case.details.claim.information, own.information) {
        return Err(with_remark(Reason::LacksInformation, Some(remark)));
    }
    let member = case.details.member;
    let diagnosis_limited = plan.diagnoses.is_some() || benefit.diagnoses.is_some();
    let lacking = [
        (diagnosis_limited && own.diagnoses.is_empty(), NO_DIAGNOSIS),
        (age_is_missing(case), NO_BIRTH_DATE),
        (benefit.sexes.is_some() && member.sex.is_none(), NO_SEX),
        (
            benefit.provider_types.is_some() && case.details.claim.provider_type.is_none(),
            NO_PROVIDER_TYPE,
        ),
        (benefit.places.is_some() && own.place.is_none(), NO_PLACE),
    ];
    match lacking.into_iter().find(|(lacks, _)| *lacks) {
        Some((_, code)) => Err(with_remark(Reason::LacksInformation, Remark::new(code))),
        None => Ok(()),
    }
}

/// Whether an age matters that neither a day of birth nor the insurer's word tells.
fn age_is_missing(case: &Case<'_>) -> bool {
    if case.details.member.born.is_some() {
        return false;
    }
    let dependent_limited = case.details.member.dependent.is_some_and(|relation| {
        let mut dependents = case.details.plan.dependents.unwrap_or(&[]).iter();
        dependents.any(|entry| entry.relation == relation && entry.to_age.is_some())
    });
    (case.benefit.ages.is_some() && case.own.of_age.is_none())
        || (dependent_limited && case.own.dependent_of_age.is_none())
}

/// Gate 4: everything attached that the plan asks for.
pub(super) fn attachments(case: &Case<'_>) -> Gate {
    let needs = case.details.plan.attachments.iter();
    let needs = needs.chain(case.benefit.attachments);
    match unmet(needs, case.details.claim.attachments, case.own.attachments) {
        Some(remark) => Err(with_remark(Reason::Attachment, Some(remark))),
        None => Ok(()),
    }
}

/// Gate 4: a provider who may bill, and bill this.
pub(super) fn provider(case: &Case<'_>) -> Gate {
    let claim = case.details.claim;
    deny_if(!claim.provider_eligible, Reason::ProviderNotEligible)?;
    deny_if(
        is_outside(case.benefit.provider_types, claim.provider_type),
        Reason::ProviderType,
    )
}

/// Gate 4: a place where it can be done.
pub(super) fn place(case: &Case<'_>) -> Gate {
    deny_if(
        is_outside(case.benefit.places, case.own.place),
        Reason::PlaceOfService,
    )
}

/// Whether a list exists that lacks what is stated.
pub(super) fn is_outside(list: Option<&[CodeKey]>, stated: Option<CodeKey>) -> bool {
    match (list, stated) {
        (Some(list), Some(stated)) => !list.contains(&stated),
        _ => false,
    }
}
