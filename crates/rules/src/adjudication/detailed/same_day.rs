//! Gate 11: what else was done that day by the same provider: units of the same code, and codes that
//! are not paid beside each other.

use super::{deny_if, Case, Gate};
use crate::adjudication::details::{
    Bundle, BundleReason, Details, ModifierIndicator, Past, Review, UnitsIndicator,
};
use crate::adjudication::history::{CodeKey, Service};
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
        past.any(|past| are_paired(bundle, &Member::of_past(past), &second))
            || case.others().any(|(index, other)| {
                let first = Member::of_claim(details, index, &other.service);
                are_paired(bundle, &first, &second)
            })
    };
    for reason in BundleReason::ALL {
        let mut pairs = details.plan.bundles.iter();
        let is_parted = pairs.any(|bundle| {
            bundle.reason == reason && is_second(bundle, second.service) && parts(bundle)
        });
        deny_if(is_parted, reason.reason())?;
    }
    Ok(())
}

/// Whether an earlier claim has a line of the same provider on one of the days of this one. Of single days the search of the history
/// has seen it.
pub(super) fn is_suspect(case: &Case<'_>) -> bool {
    let line = case.facts.line;
    let own = Past {
        service: line.service,
        to: case.own.to,
        units: line.units,
        distinct: false,
    };
    let mut history = case.details.member.history.iter();
    history.any(|past| past.is_same_visit_as(&own))
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
        let Some(line) = claim.lines.get(at) else {
            break;
        };
        let second = &Member::of_claim(details, at, &line.service);
        let pairs = details.plan.bundles.iter();
        // Of many pairs a line is the second of few.
        let before = pairs
            .filter(|bundle| is_second(bundle, second.service))
            .flat_map(|bundle| {
                let lines = claim.lines.iter().zip(results).enumerate();
                lines.filter(move |(index, (line, result))| {
                    let first = Member::of_claim(details, *index, &line.service);
                    result.is_undecided() && are_paired(bundle, &first, second)
                })
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
    modifiers: &'a [CodeKey],
    /// Modifiers that say that it was distinct.
    distinct: &'a [CodeKey],
    /// Whether one of them has been seen.
    is_noted: bool,
}

impl<'a> Member<'a> {
    fn of_past(past: &'a Past) -> Self {
        Self {
            service: &past.service,
            modifiers: &[],
            distinct: &[],
            is_noted: past.distinct,
        }
    }

    fn of_claim(details: &'a Details<'_>, index: usize, service: &'a Service) -> Self {
        Self {
            service,
            modifiers: details.line(index).modifiers,
            distinct: details.plan.distinct,
            is_noted: false,
        }
    }

    fn is_distinct(&self) -> bool {
        let mut modifiers = self.modifiers.iter();
        self.is_noted || modifiers.any(|modifier| self.distinct.contains(modifier))
    }
}

/// Whether a service is the second one of a pair, be the first there or not.
fn is_second(bundle: &Bundle, service: &Service) -> bool {
    service.code == bundle.column_two && bundle.effective.contains(service.date)
}

/// Whether the first one of a pair is there beside its second one, and no modifier lifts that.
fn are_paired(bundle: &Bundle, first: &Member<'_>, second: &Member<'_>) -> bool {
    if first.service.code != bundle.column_one || !is_same_day(first.service, second.service) {
        return false;
    }
    match bundle.indicator {
        ModifierIndicator::Never => true,
        ModifierIndicator::Distinct => !second.is_distinct() && !first.is_distinct(),
        ModifierIndicator::Deleted => false,
    }
}

fn is_same_day(one: &Service, other: &Service) -> bool {
    one.date == other.date && one.provider.may_be(other.provider)
}
