//! Gates 1, 2 and 6: whose insured this is, on which days, and who pays first. And gate 11's
//! readmission, which asks the same of the member.

use super::{deny_if, Case, Gate};
use crate::adjudication::details::Spanning;
use crate::money::Cents;
use crate::reason::Reason;

/// Gate 1: the right payer, a known member, an eligible dependent.
pub(super) fn insured(case: &Case<'_>) -> Gate {
    let (plan, member, claim) = (case.details.plan, case.details.member, case.details.claim);
    let other_payer =
        matches!((plan.payer, claim.payer), (Some(ours), Some(asked)) if ours != asked);
    deny_if(other_payer, Reason::WrongPayer)?;
    let unknown = claim
        .insured
        .is_some_and(|name| !member.known_as.is_empty() && !member.known_as.contains(&name));
    deny_if(unknown, Reason::NotOurInsured)?;
    deny_if(!dependent_is_eligible(case), Reason::DependentNotEligible)
}

/// An unknown age is no reason here: gate 4 asks for the day of birth.
fn dependent_is_eligible(case: &Case<'_>) -> bool {
    let (Some(relation), Some(eligible)) =
        (case.details.member.dependent, case.details.plan.dependents)
    else {
        return true;
    };
    let born = case.details.member.born;
    eligible
        .iter()
        .find(|entry| entry.relation == relation)
        .is_some_and(|entry| match (entry.to_age, born) {
            (Some(last), Some(born)) => case.date().years_since(born) <= last,
            (Some(_), None) => case.own.dependent_of_age != Some(false),
            (None, _) => true,
        })
}

/// Gate 2: covered on every day of the service. Wholly outside is 26, 27 or 200; in part, what the
/// plan says of such lines.
pub(super) fn covered(case: &Case<'_>) -> Gate {
    let (days, coverage) = (case.days(), case.facts.coverage);
    deny_if(days.to < coverage.from, Reason::BeforeCoverage)?;
    deny_if(days.from > coverage.to, Reason::AfterCoverage)?;
    let lapses = case.details.member.lapses;
    let lapsed = lapses
        .iter()
        .any(|lapse| lapse.contains(days.from) && lapse.contains(days.to));
    deny_if(lapsed, Reason::Lapse)?;
    let in_part = !coverage.contains(days.from)
        || !coverage.contains(days.to)
        || lapses
            .iter()
            .any(|lapse| days.from <= lapse.to && lapse.from <= days.to);
    deny_if(
        in_part,
        match case.details.plan.spanning {
            Spanning::Deny => Reason::SpansIneligible,
            Spanning::Rebill => Reason::SpansRebill,
        },
    )
}

/// Gate 2: within the member's life, and with the plan's requirements met.
pub(super) fn eligible(case: &Case<'_>) -> Gate {
    let (days, member) = (case.days(), case.details.member);
    deny_if(
        member.died.is_some_and(|died| days.to > died),
        Reason::DeathBeforeService,
    )?;
    deny_if(
        member.born.is_some_and(|born| days.from < born),
        Reason::BirthAfterService,
    )?;
    let mut required = case.details.plan.requirements.iter();
    deny_if(
        required.any(|required| !member.requirements_met.contains(required)),
        Reason::NotEligible,
    )
}

/// Gate 6: where another payer comes first, it has been billed.
pub(super) fn other_payer_first(case: &Case<'_>) -> Gate {
    let mut first = case.details.member.other_payer_first.iter();
    deny_if(
        case.facts.line.other_payer.is_none() && first.any(|window| window.contains(case.date())),
        Reason::OtherPayerFirst,
    )
}

/// Whether another payer comes first and is said to have paid nothing: someone looks before the line is paid.
pub(super) fn is_prior_unpaid(case: &Case<'_>) -> bool {
    let mut first = case.details.member.other_payer_first.iter();
    let prior = case.facts.line.other_payer;
    prior.is_some_and(|prior| prior.paid == Cents::ZERO)
        && first.any(|window| window.contains(case.date()))
}

/// Gate 11: denied while 0 ≤ service − discharge < days, by the same provider.
pub(super) fn readmitted(case: &Case<'_>) -> Gate {
    let Some(days) = case.benefit.readmission_days else {
        return Ok(());
    };
    let provider = case.facts.line.service.provider;
    let mut discharges = case.details.member.discharges.iter();
    deny_if(
        discharges.any(|discharge| {
            discharge.date <= case.date()
                && case.date().is_within(days, discharge.date)
                && discharge.provider.may_be(provider)
        }),
        Reason::Readmission,
    )
}
