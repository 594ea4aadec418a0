//! What a plan allows for a line, and what it recognises of that (steps 1 and 2).

use super::benefit::{Benefit, Entry};
use super::line::Line;
use crate::money::{BasisPoints, Cents};

/// Steps 1 and 2.
#[derive(Clone, Copy)]
pub(super) struct Fee {
    /// min(charge, fee × units), or of a reduced line min(charge, rate of fee × units): no more than the charge.
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

    /// The same where `rate` of the fee is allowed: of that and the charge the lower. Not `rate` of the charge: who charges less
    /// than the fee has taken part of the reduction upon itself already.
    pub(super) fn reduced(
        rate: BasisPoints,
        recognised: BasisPoints,
        line: &Line,
        benefit: &Benefit,
    ) -> Self {
        let scheduled = match benefit.fee.checked_mul(u64::from(line.units)) {
            Some(fee) => Some(fee.share(rate)),
            None => share_of_units(benefit.fee, line.units, rate),
        };
        // What does not fit 64 bits is above every charge, also as a part.
        let allowed = scheduled.map_or(line.charge, |fee| fee.min(line.charge));
        Self {
            allowed,
            recognised: allowed.share(recognised),
        }
    }
}

/// `rate` of fee × units, rounded half up, where the product does not fit 64 bits; none where its part does not either.
#[cold]
fn share_of_units(fee: Cents, units: u32, rate: BasisPoints) -> Option<Cents> {
    const WHOLE: u128 = 10_000;
    // 64, 32 and 14 bits: neither the product nor what rounds it leaves 128.
    let product = u128::from(fee.get())
        .saturating_mul(units.into())
        .saturating_mul(rate.get().into());
    let share = product.saturating_add(WHOLE / 2) / WHOLE;
    u64::try_from(share).ok().map(Cents::new)
}
