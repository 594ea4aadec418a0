//! What a plan pays at most: by category, in a period, in a lifetime (step 8).
//!
//! A maximum caps what is paid and never denies.

use super::accumulators::Accumulators;
use super::plan::{MaximumPeriod, Plan};
use crate::money::Cents;

/// What is paid and what is above a maximum.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Capped {
    /// What the plan pays.
    pub paid: Cents,
    /// PR-119: above the maximum of a period.
    pub over_period: Cents,
    /// PR-149: above the maximum of a lifetime.
    pub over_lifetime: Cents,
}

/// Caps by category, then year, then lifetime. `None` where the excess does not fit, which it
/// always does: it is part of `amount`.
pub(super) fn cap(
    plan: &Plan<'_>,
    category: Option<u8>,
    amount: Cents,
    accumulators: &Accumulators,
) -> Option<Capped> {
    let mut capped = Capped {
        paid: amount,
        over_period: Cents::ZERO,
        over_lifetime: Cents::ZERO,
    };
    if let Some(index) = category.map(usize::from) {
        if let (Some(category), Some(used)) =
            (plan.categories.get(index), accumulators.category.get(index))
        {
            capped.cap(category.maximum, *used, category.period)?;
        }
    }
    capped.cap(
        plan.annual_maximum,
        accumulators.annual,
        MaximumPeriod::Year,
    )?;
    capped.cap(
        plan.lifetime_maximum,
        accumulators.lifetime,
        MaximumPeriod::Lifetime,
    )?;
    Some(capped)
}

impl Capped {
    fn cap(&mut self, maximum: Option<Cents>, used: Cents, period: MaximumPeriod) -> Option<()> {
        let Some(maximum) = maximum else {
            return Some(());
        };
        let excess = self.paid.above(maximum.above(used));
        self.paid = self.paid.above(excess);
        let over = match period {
            MaximumPeriod::Year => &mut self.over_period,
            MaximumPeriod::Lifetime => &mut self.over_lifetime,
        };
        *over = over.checked_add(excess)?;
        Some(())
    }
}
