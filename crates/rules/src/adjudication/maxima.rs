//! What a plan pays at most: by category, in a period, in a lifetime (step 8).
//!
//! A maximum caps what is paid and never denies.

use super::accumulators::Accumulators;
use super::cost_share::Left;
use super::plan::{MaximumPeriod, Plan};
use super::split::Split;
use crate::money::Cents;

/// Caps by category, then year, then lifetime.
#[inline(always)]
pub(super) fn cap(
    split: &mut Split,
    plan: &Plan<'_>,
    category: Option<u8>,
    accumulators: &Accumulators,
    left: &Left,
) {
    if let Some(index) = category.map(usize::from) {
        cap_category(split, plan, index, accumulators);
    }
    if !left.covers(split.plan) {
        cap_at(split, left.year(), MaximumPeriod::Year);
        cap_at(split, left.lifetime(), MaximumPeriod::Lifetime);
    }
}

/// Whether the maximum of a line's category, where there is one, leaves room for what the plan is to pay.
#[inline(always)]
pub(super) fn category_allows(
    paid: Cents,
    plan: &Plan<'_>,
    category: Option<u8>,
    accumulators: &Accumulators,
) -> bool {
    let Some(index) = category.map(usize::from) else {
        return true;
    };
    let maximum = plan.categories.get(index).and_then(|one| one.maximum);
    match (maximum, accumulators.category.get(index)) {
        (Some(maximum), Some(used)) => paid <= maximum.above(*used),
        _ => true,
    }
}

fn cap_category(split: &mut Split, plan: &Plan<'_>, index: usize, accumulators: &Accumulators) {
    let (Some(category), Some(used)) =
        (plan.categories.get(index), accumulators.category.get(index))
    else {
        return;
    };
    if let Some(maximum) = category.maximum {
        cap_at(split, maximum.above(*used), category.period);
    }
}

fn cap_at(split: &mut Split, left: Cents, period: MaximumPeriod) {
    let within = split.plan.take(left);
    let excess = core::mem::replace(&mut split.plan, within);
    match period {
        MaximumPeriod::Year => split.over_period.put(excess),
        MaximumPeriod::Lifetime => split.over_lifetime.put(excess),
    }
}
