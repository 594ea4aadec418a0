//! What a site earns: its fee for each milestone, less the holdback; and for screening failures within a ratio.

use crate::{BasisPoints, Cents};

/// A site's fee in its two parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SiteFee {
    /// Payable now.
    pub now: Cents,
    /// Held back until close-out.
    pub held: Cents,
}

/// Splits a site's fee. Holdback on participants does not exist (rulings.md 4).
#[must_use]
pub fn split_fee(fee: Cents, holdback: BasisPoints) -> SiteFee {
    let held = fee.share(holdback);
    SiteFee {
        now: fee.above(held),
        held,
    }
}

/// Whether the site is paid for one more screening failure, after `paid` of them and with `enrolled` participants:
/// `(paid + 1) × per_enrolled ≤ enrolled × failures` (domain.md C1). Limits the site's fee only, never a stipend.
#[must_use]
pub fn screen_failure_fee_due(paid: u32, enrolled: u32, failures: u16, per_enrolled: u16) -> bool {
    let used = u64::from(paid)
        .saturating_add(1)
        .saturating_mul(u64::from(per_enrolled));
    used <= u64::from(enrolled).saturating_mul(u64::from(failures))
}
