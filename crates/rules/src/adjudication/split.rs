//! The working sheet of one line: its charge, split step by step.

use super::fee::Fee;
use super::line::Line;
use crate::money::Cents;
use crate::reason::Group;

/// Who bears what of a charge. Steps move amounts between the fields; the sum stays the charge.
#[derive(Clone, Copy)]
pub(super) struct Split {
    /// min(charge, fee × units).
    pub allowed: Cents,
    /// CARC 45.
    pub over_fee: Cents,
    /// Who bears it.
    pub over_fee_group: Group,
    /// PR-122.
    pub unrecognised: Cents,
    /// PR-1.
    pub deductible: Cents,
    /// PR-3.
    pub copay: Cents,
    /// PR-2.
    pub coinsurance: Cents,
    /// OA-23.
    pub prior: Cents,
    /// PR-119.
    pub over_period: Cents,
    /// PR-149.
    pub over_lifetime: Cents,
    /// What is left to the plan.
    pub plan: Cents,

    /// What counts towards the deductible: more than PR-1 where a prior payer settled part of it.
    pub deductible_used: Cents,
    /// What went through the tiers.
    pub tiered: Cents,
    /// Whether the copay was taken, even if the plan bears it in the end.
    pub copay_taken: bool,
}

impl Split {
    /// After steps 1 and 2: what the plan recognises is all its own so far.
    pub(super) const fn of<E>(line: &Line<E>, fee: &Fee, over_fee_group: Group) -> Self {
        Self {
            allowed: fee.allowed,
            over_fee: line.charge.without_part(fee.allowed),
            over_fee_group,
            unrecognised: fee.allowed.without_part(fee.recognised),
            deductible: Cents::ZERO,
            copay: Cents::ZERO,
            coinsurance: Cents::ZERO,
            prior: Cents::ZERO,
            over_period: Cents::ZERO,
            over_lifetime: Cents::ZERO,
            plan: fee.recognised,
            deductible_used: Cents::ZERO,
            tiered: Cents::ZERO,
            copay_taken: false,
        }
    }

    /// PR-1 + PR-2 + PR-3: what counts towards the out-of-pocket maximum.
    pub(super) const fn shared(&self) -> Cents {
        let mut sum = self.deductible;
        sum.put_part(self.copay);
        sum.put_part(self.coinsurance);
        sum
    }
}
