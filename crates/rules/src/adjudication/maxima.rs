//! What a plan pays at most: by category, in a period, in a lifetime (step 8).
//!
//! A maximum caps what is paid and never denies.

use super::accumulators::Accumulators;
use super::plan::{MaximumPeriod, Plan};
use super::split::Split;
use crate::money::Cents;

/// Caps by category, then year, then lifetime.
pub(super) fn cap(
    split: &mut Split,
    plan: &Plan<'_>,
    category: Option<u8>,
    accumulators: &Accumulators,
) {
    if let Some(index) = category.map(usize::from) {
        if let (Some(category), Some(used)) =
            (plan.categories.get(index), accumulators.category.get(index))
        {
            cap_at(split, category.maximum, *used, category.period);
        }
    }
    cap_at(
        split,
        plan.annual_maximum,
        accumulators.annual,
        MaximumPeriod::Year,
    );
    cap_at(
        split,
        plan.lifetime_maximum,
        accumulators.lifetime,
        MaximumPeriod::Lifetime,
    );
}

fn cap_at(split: &mut Split, maximum: Option<Cents>, used: Cents, period: MaximumPeriod) {
    let Some(maximum) = maximum else {
        return;
    };
    let within = split.plan.take(maximum.above(used));
    let excess = core::mem::replace(&mut split.plan, within);
    match period {
        MaximumPeriod::Year => split.over_period.put(excess),
        MaximumPeriod::Lifetime => split.over_lifetime.put(excess),
    }
}
