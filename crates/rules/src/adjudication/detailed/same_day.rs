//! Gate 11: what else was done that day by the same provider: units of the same code, and codes that
//! are not paid beside each other.

use super::{deny_if, Case, Gate};
use crate::adjudication::details::{
    Bundle, BundleReason, Details, ModifierIndicator, Past, Review, UnitsIndicator,
};
use crate::adjudication::history::Service;
use crate::adjudication::line::Claim;
use crate::adjudication::result::LineResult;
use crate::reason::Reason;

/// Gate 11: no more units than are likely: of the line, or of the day with what was let through
/// before.
pub(super) fn units(case: &Case<'_>) -> Gate {
    let Some(limit) = case.benefit.units_per_day else {
        return Ok(());
    };
    if limit.indicator == UnitsIndicator::Reviewable && case.own.review == Some(Review::Confirmed) {
        return Ok(());
    }
    let line = case.facts.line;
    let mut units = u64::from(line.units);
    if limit.indicator != UnitsIndicator::Line {
        let past = case.details.member.history.iter();
        let past = past.map(|past| (past.service, past.units));
        let own = case.others().map(|(_, other)| (other.service, other.units));
        for (service, more) in past.chain(own) {
            if service.code == line.service.code && is_same_day(&service, &line.service) {
                units = units.saturating_add(more.into());
            }
        }
    }
    deny_if(units > u64::from(limit.most), Reason::Frequency)
}

/// Gate 11: not the second code of a pair whose first one is live.
pub(super) fn bundled(case: &Case<'_>) -> Gate {
    let details = case.details;
    let second = Member::of_claim(details, case.index, &case.facts.line.service);
    let parts = |bundle: &Bundle| {
        let mut past = details.member.history.iter();
        past.any(|past| is_second(bundle, &second, &Member::of_past(past)))
            || case.others().any(|(index, other)| {
                let first = Member::of_claim(details, index, &other.service);
                is_second(bundle, &second, &first)
            })
    };
    for reason in BundleReason::ALL {
        let mut pairs = details.plan.bundles.iter();
        deny_if(
            pairs.any(|bundle| bundle.reason == reason && parts(bundle)),
            reason.reason(),
        )?;
    }
    Ok(())
}

/// Which line is to be decided so that the one at `index` can be: a line that is the first of a pair
/// with it and undecided, and so on from there, the earliest turn first. Pairs that run in a circle
/// are followed no further than there are lines.
pub(super) fn decided_before(
    index: usize,
    claim: &Claim<'_>,
    details: &Details<'_>,
    results: &[LineResult],
) -> usize {
    let mut at = index;
    for _ in claim.lines {
        let Some(second) = claim.lines.get(at) else {
            break;
        };
        let second = Member::of_claim(details, at, &second.service);
        let is_first = |first: &Member<'_>| {
            let mut pairs = details.plan.bundles.iter();
            pairs.any(|bundle| is_second(bundle, &second, first))
        };
        let lines = claim.lines.iter().zip(results).enumerate();
        let before = lines
            .filter(|(index, (line, result))| {
                result.is_undecided() && is_first(&Member::of_claim(details, *index, &line.service))
            })
            .min_by_key(|(_, (line, _))| line.turn());
        match before {
            Some((first, _)) => at = first,
            None => break,
        }
    }
    at
}

/// A service as a member of a pair.
struct Member<'a> {
    service: &'a Service,
    /// Whether a modifier says that it was distinct.
    distinct: bool,
}

impl<'a> Member<'a> {
    fn of_past(past: &'a Past) -> Self {
        Self {
            service: &past.service,
            distinct: past.distinct,
        }
    }

    fn of_claim(details: &Details<'_>, index: usize, service: &'a Service) -> Self {
        let mut modifiers = details.line(index).modifiers.iter();
        Self {
            service,
            distinct: modifiers.any(|modifier| details.plan.distinct.contains(modifier)),
        }
    }
}

fn is_second(bundle: &Bundle, second: &Member<'_>, first: &Member<'_>) -> bool {
    let lifted = match bundle.indicator {
        ModifierIndicator::Never => false,
        ModifierIndicator::Distinct => second.distinct || first.distinct,
        ModifierIndicator::Deleted => true,
    };
    second.service.code == bundle.column_two
        && first.service.code == bundle.column_one
        && is_same_day(first.service, second.service)
        && bundle.effective.contains(second.service.date)
        && !lifted
}

fn is_same_day(one: &Service, other: &Service) -> bool {
    one.date == other.date && one.provider.may_be(other.provider)
}
