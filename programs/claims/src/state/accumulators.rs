//! What of deductibles and maxima has been used up, as it lies in a member's account.

use anchor_lang::prelude::*;

use crate::error::ClaimsError;

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

/// What a member has used up in the calendar year in which its coverage begins, before it begins: with another insurer or
/// under another plan, as that one's statement has it. Cents; all zeros where nothing was.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpeningAccumulators {
    /// Of the member's own deductible in the network.
    pub deductible: u64,
    /// Of the member's own out-of-pocket maximum in the network.
    pub out_of_pocket: u64,
    /// Of the member's own deductible outside the network.
    pub out_of_network_deductible: u64,
    /// Of the member's own out-of-pocket maximum outside the network.
    pub out_of_network_out_of_pocket: u64,
    /// Paid by the plan.
    pub annual_used: u64,
    /// Amount to which coinsurance tiers have been applied.
    pub tier_used: u64,
    /// Paid by the plan, ever.
    pub lifetime_used: u64,
}

impl OpeningAccumulators {
    /// The most that a figure can be, in cents: above it, sums with later claims could leave the range.
    pub const MAX: u64 = 1_000_000_000_000;

    /// Refuses figures that contradict each other or are too large.
    ///
    /// # Errors
    /// `OpeningInvalid`.
    pub fn check(&self) -> Result<()> {
        let figures = [
            self.out_of_pocket,
            self.out_of_network_out_of_pocket,
            self.tier_used,
            self.lifetime_used,
        ];
        // What counts towards the deductible counts towards the out-of-pocket maximum, and a year is part of a life.
        require!(
            self.deductible <= self.out_of_pocket
                && self.out_of_network_deductible <= self.out_of_network_out_of_pocket
                && self.annual_used <= self.lifetime_used
                && figures.iter().all(|figure| *figure <= Self::MAX),
            ClaimsError::OpeningInvalid
        );
        Ok(())
    }

    /// As the accumulators of `year`. A member without a family is a family of one.
    pub fn of_year(&self, year: u32) -> PeriodAccumulators {
        PeriodAccumulators {
            year,
            in_network: NetworkAccumulators::of_one(self.deductible, self.out_of_pocket),
            out_of_network: NetworkAccumulators::of_one(
                self.out_of_network_deductible,
                self.out_of_network_out_of_pocket,
            ),
            annual_used: self.annual_used,
            tier_used: self.tier_used,
            ..PeriodAccumulators::default()
        }
    }
}

impl NetworkAccumulators {
    fn of_one(deductible: u64, out_of_pocket: u64) -> Self {
        Self {
            deductible_individual: deductible,
            deductible_family: deductible,
            out_of_pocket_individual: out_of_pocket,
            out_of_pocket_family: out_of_pocket,
        }
    }
}
