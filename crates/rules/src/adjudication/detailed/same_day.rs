//! Gate 11: what else was done that day by the same provider: units of the same code, and codes that
//! are not paid beside each other.

use super::{deny_if, Case, Gate};
use crate::adjudication::details::{
    Bundle, BundleReason, Details, ModifierIndicator, Review, UnitsIndicator,
};
use crate::adjudication::history::{Modifiers, Service};
use crate::adjudication::line::Claim;
use crate::adjudication::result::LineResult;
use crate::reason::Reason;

/// Modifiers that say that two services were distinct (CMS, NCCI Policy Manual, chapter I.E).
const DISTINCT: [[u8; 2]; 44] = [
    *b"E1", *b"E2", *b"E3", *b"E4", *b"FA", *b"F1", *b"F2", *b"F3", *b"F4", *b"F5", *b"F6", *b"F7",
    *b"F8", *b"F9", *b"TA", *b"T1", *b"T2", *b"T3", *b"T4", *b"T5", *b"T6", *b"T7", *b"T8", *b"T9",
    *b"LT", *b"RT", *b"LC", *b"LD", *b"RC", *b"LM", *b"RI", *b"24", *b"25", *b"57", *b"58", *b"78",
    *b"79", *b"27", *b"59", *b"91", *b"XE", *b"XS", *b"XP", *b"XU",
];

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
    let service = &case.facts.line.service;
    let parts = |bundle: &Bundle| {
        let mut past = case.details.member.history.iter();
        past.any(|past| is_second(bundle, service, &past.service))
            || case
                .others()
                .any(|(_, other)| is_second(bundle, service, &other.service))
    };
    for reason in BundleReason::ALL {
        let mut pairs = case.details.plan.bundles.iter();
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
        let is_first = |first: &Service| {
            let mut pairs = details.plan.bundles.iter();
            pairs.any(|bundle| is_second(bundle, &second.service, first))
        };
        let lines = claim.lines.iter().zip(results).enumerate();
        let before = lines
            .filter(|(_, (line, result))| result.is_undecided() && is_first(&line.service))
            .min_by_key(|(_, (line, _))| line.turn());
        match before {
            Some((first, _)) => at = first,
            None => break,
        }
    }
    at
}

fn is_second(bundle: &Bundle, second: &Service, first: &Service) -> bool {
    let lifted = match bundle.indicator {
        ModifierIndicator::Never => false,
        ModifierIndicator::Distinct => {
            is_distinct(second.modifiers) || is_distinct(first.modifiers)
        }
        ModifierIndicator::Deleted => true,
    };
    second.code == bundle.column_two
        && first.code == bundle.column_one
        && is_same_day(first, second)
        && bundle.effective.contains(second.date)
        && !lifted
}

fn is_same_day(one: &Service, other: &Service) -> bool {
    one.date == other.date && one.provider.may_be(other.provider)
}

fn is_distinct(modifiers: Modifiers) -> bool {
    modifiers
        .get()
        .iter()
        .any(|modifier| DISTINCT.contains(modifier))
}
