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
        *split = cap_category(*split, plan, index, accumulators);
    }
    if !left.covers(split.plan) {
        *split = cap_at(*split, left.year(), MaximumPeriod::Year);
        *split = cap_at(*split, left.lifetime(), MaximumPeriod::Lifetime);
    }
}

#[inline(never)]
fn cap_category(split: Split, plan: &Plan<'_>, index: usize, accumulators: &Accumulators) -> Split {
    let (Some(category), Some(used)) =
        (plan.categories.get(index), accumulators.category.get(index))
    else {
        return split;
    };
    match category.maximum {
        Some(maximum) => cap_at(split, maximum.above(*used), category.period),
        None => split,
    }
}

#[inline(never)]
fn cap_at(mut split: Split, left: Cents, period: MaximumPeriod) -> Split {
    let within = split.plan.take(left);
    let excess = core::mem::replace(&mut split.plan, within);
    match period {
        MaximumPeriod::Year => split.over_period.put(excess),
        MaximumPeriod::Lifetime => split.over_lifetime.put(excess),
    }
    split
}
