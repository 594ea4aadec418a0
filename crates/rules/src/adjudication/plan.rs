//! What an insurer promised: one version of a plan.

use core::fmt;

use crate::money::{BasisPoints, Cents};

/// How many categories of a plan can have a maximum of their own.
pub const MAX_CATEGORIES: usize = 16;

/// One version of a plan, in force on the service dates of the claim.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// What comes first of deductible and copay.
    pub cost_share_order: CostShareOrder,
    /// What the member bears in network.
    pub in_network: Terms,
    /// What the member bears out of network.
    pub out_of_network: OutOfNetwork,
    /// Copay where the benefit names none. Zero: none.
    pub copay: Cents,
    /// The member's shares in network by what has gone through them in the period; empty where
    /// `in_network.coinsurance` applies throughout.
    pub tiers: &'a [Tier],
    /// The part of the allowed amount that the plan recognises at all (42 CFR 410.155(c)).
    pub recognised: BasisPoints,
    /// What the plan pays in one period at most.
    pub annual_maximum: Option<Cents>,
    /// What the plan pays in all at most.
    pub lifetime_maximum: Option<Cents>,
    /// Maxima by category; a benefit's category is an index into this list. At most
    /// [`MAX_CATEGORIES`].
    pub categories: &'a [CategoryMaximum],
    /// Days from service to submission, the last one included.
    pub filing_limit_days: u32,
    /// Days from the start of coverage before anything is covered, where the benefit names none.
    pub waiting_days: u32,
    /// How the plan pays after another payer.
    pub coordination: Coordination,
}

/// What comes first of deductible and copay; coinsurance is always last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostShareOrder {
    /// Deductible, copay, coinsurance.
    DeductibleFirst,
    /// Copay, deductible, coinsurance. A benefit with a copay is then free of the deductible
    /// unless it says otherwise.
    CopayFirst,
}

/// What the member bears under one network status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The member's share of what deductible and copay leave.
    pub coinsurance: BasisPoints,
    /// What the member bears first. No figure at all: no deductible.
    pub deductible: Limit,
    /// What the member bears at most. No figure at all: no maximum.
    pub out_of_pocket: Limit,
}

/// A figure for each person and one for the family; `None` is no such figure, zero means zero.
/// A family figure alone is an aggregate one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// For each person.
    pub individual: Option<Cents>,
    /// For the family together.
    pub family: Option<Cents>,
}

impl Limit {
    /// No figure at all.
    pub const NONE: Self = Self {
        individual: None,
        family: None,
    };
}

/// A slice of the period's expenses with a share of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Where the slice ends, counted from the start of the period; `None` for the last, which
    /// does not end.
    pub up_to: Option<Cents>,
    /// The member's share of it.
    pub coinsurance: BasisPoints,
}

/// What the plan pays for one category at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategoryMaximum {
    /// The most that is paid; `None` where the category only groups copays.
    pub maximum: Option<Cents>,
    /// In which time.
    pub period: MaximumPeriod,
}

/// The time over which a category's maximum counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaximumPeriod {
    /// One benefit period; the excess is CARC 119.
    Year,
    /// The member's lifetime; the excess is CARC 149.
    Lifetime,
}

/// How a plan pays after another payer (rulings.md 2, step 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordination {
    /// What it would pay alone, and no more than is left to be paid.
    Standard,
    /// What it would pay alone, less what was paid.
    CarveOut,
    /// What it would pay alone on what was not paid.
    MaintenanceOfBenefits,
    /// The least of three, as Medicare does (42 CFR 411.33).
    MedicareSecondary,
}

/// What happens out of network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfNetwork {
    /// Denied, CARC 242.
    Deny,
    /// Covered on other terms, with accumulators of their own.
    Terms(Terms),
}

/// Why a plan cannot be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// Tiers must end at rising amounts, and the last, and only the last, must not end.
    Tiers,
    /// More than [`MAX_CATEGORIES`] categories.
    TooManyCategories,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tiers => f.write_str(
                "the tiers do not cover every amount once: give each a larger up_to than the one \
                 before, and the last one, and only it, none",
            ),
            Self::TooManyCategories => write!(
                f,
                "too many categories: a plan has at most {MAX_CATEGORIES}; merge some",
            ),
        }
    }
}

impl core::error::Error for PlanError {}

impl Plan<'_> {
    /// Checks what the types do not: to be called once, before a plan is used.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn validate(&self) -> Result<(), PlanError> {
        if self.categories.len() > MAX_CATEGORIES {
            return Err(PlanError::TooManyCategories);
        }
        let Some((last, ending)) = self.tiers.split_last() else {
            return Ok(());
        };
        let mut before = Cents::ZERO;
        for tier in ending {
            match tier.up_to {
                Some(end) if end > before => before = end,
                _ => return Err(PlanError::Tiers),
            }
        }
        match last.up_to {
            None => Ok(()),
            Some(_) => Err(PlanError::Tiers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan<'a>(tiers: &'a [Tier], categories: &'a [CategoryMaximum]) -> Plan<'a> {
        Plan {
            cost_share_order: CostShareOrder::DeductibleFirst,
            in_network: Terms {
                coinsurance: BasisPoints::ZERO,
                deductible: Limit::NONE,
                out_of_pocket: Limit::NONE,
            },
            out_of_network: OutOfNetwork::Deny,
            copay: Cents::ZERO,
            tiers,
            recognised: BasisPoints::WHOLE,
            annual_maximum: None,
            lifetime_maximum: None,
            categories,
            filing_limit_days: 365,
            waiting_days: 0,
            coordination: Coordination::Standard,
        }
    }

    fn tier(up_to: Option<u64>) -> Tier {
        Tier {
            up_to: up_to.map(Cents::new),
            coinsurance: BasisPoints::ZERO,
        }
    }

    #[test]
    fn tiers_cover_every_amount_once() {
        let accepted: [&[Tier]; 3] = [
            &[],
            &[tier(None)],
            &[tier(Some(1)), tier(Some(2)), tier(None)],
        ];
        for tiers in accepted {
            assert_eq!(plan(tiers, &[]).validate(), Ok(()));
        }
        let refused: [&[Tier]; 5] = [
            &[tier(Some(1))],
            &[tier(None), tier(None)],
            &[tier(Some(0)), tier(None)],
            &[tier(Some(2)), tier(Some(2)), tier(None)],
            &[tier(Some(2)), tier(Some(1)), tier(None)],
        ];
        for tiers in refused {
            assert_eq!(plan(tiers, &[]).validate(), Err(PlanError::Tiers));
        }
    }

    #[test]
    fn categories_are_few() {
        let category = CategoryMaximum {
            maximum: None,
            period: MaximumPeriod::Year,
        };
        let categories = [category; MAX_CATEGORIES + 1];
        assert_eq!(plan(&[], &categories[1..]).validate(), Ok(()));
        assert_eq!(
            plan(&[], &categories).validate(),
            Err(PlanError::TooManyCategories)
        );
    }
}
