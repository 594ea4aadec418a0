//! What of deductibles and maxima has been used up, as it lies in a member's account.

use anchor_lang::prelude::*;

/// Used up within one benefit period, a calendar year. Cents.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PeriodAccumulators {
    /// The year; 0 = nothing is kept here.
    pub year: u32,
    /// Keeps what follows aligned; zeros.
    pub padding: u32,
    /// In the network.
    pub in_network: NetworkAccumulators,
    /// Outside the network.
    pub out_of_network: NetworkAccumulators,
    /// Paid by the plan.
    pub annual_used: u64,
    /// Amount to which coinsurance tiers have been applied.
    pub tier_used: u64,
    /// Paid by the plan in each category with a yearly maximum; category n is entry n − 1.
    pub category_used: [u64; 8],
}

const _: () = assert!(std::mem::size_of::<PeriodAccumulators>() == 8 + 2 * 32 + 2 * 8 + 8 * 8);

/// Used up on one side of the network's border. Cents. A member without a family record is a family of one.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct NetworkAccumulators {
    /// Of the member's own deductible.
    pub deductible_individual: u64,
    /// Of the family's deductible.
    pub deductible_family: u64,
    /// Of the member's own out-of-pocket maximum.
    pub out_of_pocket_individual: u64,
    /// Of the family's out-of-pocket maximum.
    pub out_of_pocket_family: u64,
}

/// Used up for ever. Cents.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LifetimeAccumulators {
    /// Paid by the plan.
    pub used: u64,
    /// Paid by the plan in each category with a lifetime maximum; category n is entry n − 1.
    pub category_used: [u64; 8],
}

const _: () = assert!(std::mem::size_of::<LifetimeAccumulators>() == 8 + 8 * 8);
