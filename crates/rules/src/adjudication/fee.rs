//! What a plan allows for a line, and what it recognises of that (steps 1 and 2).

use super::benefit::Entry;
use super::line::Line;
use super::plan::Plan;
use crate::money::{BasisPoints, Cents};

/// Steps 1 and 2.
#[derive(Clone, Copy)]
pub(super) struct Fee {
    /// min(charge, fee × units): no more than the charge.
    pub allowed: Cents,
    /// What the plan recognises of it, no more than that; the rest, PR-122, is outside deductible and out-of-pocket.
    pub recognised: Cents,
}

impl Fee {
    /// `recognised`: the plan's.
    #[inline(always)]
    pub(super) fn of<E: Entry>(recognised: BasisPoints, line: &Line<E>, benefit: &E) -> Self {
        // A product that does not fit 64 bits is above every charge. One unit, which is what most
        // lines have, is spared the checked product: on chain that is a call to 128-bit arithmetic.
        let scheduled = match line.units {
            1 => Some(benefit.fee()),
            units => benefit.fee().checked_mul(u64::from(units)),
        };
        let allowed = scheduled.map_or(line.charge, |fee| fee.min(line.charge));
        Self {
            allowed,
            recognised: allowed.share(recognised),
        }
    }

    /// Of what the plan allows, only this part.
    pub(super) fn reduced(&self, rate: BasisPoints, plan: &Plan<'_>) -> Self {
        let allowed = self.allowed.share(rate);
        Self {
            allowed,
            recognised: allowed.share(plan.recognised),
        }
    }
}
