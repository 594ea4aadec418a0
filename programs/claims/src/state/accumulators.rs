//! What of deductibles and maxima has been used up, as it lies in a member's account.

use anchor_lang::prelude::*;

use crate::error::ClaimsError;

/// Benefit periods that are kept of a member and of a family: the one that runs, and those in which a claim can still wait for its
/// decision, its appeals and an independent review (decision 32).
pub const KEPT_PERIODS: usize = 4;

/// The place of `year` among `periods`, or else that of the oldest, an empty one (whose year is 0) before any other.
///
/// # Errors
/// `PeriodClosed` where all that are kept are later.
pub(super) fn place_of<P>(
    periods: &mut [P; KEPT_PERIODS],
    year: u32,
    year_of: impl Fn(&P) -> u32,
) -> Result<&mut P> {
    let mut oldest: Option<&mut P> = None;
    for place in periods {
        let kept = year_of(place);
        if kept == year {
            return Ok(place);
        }
        if oldest
            .as_deref()
            .is_none_or(|oldest| kept < year_of(oldest))
        {
            oldest = Some(place);
        }
    }
    oldest
        .filter(|oldest| year_of(oldest) < year)
        .ok_or_else(|| ClaimsError::PeriodClosed.into())
}

/// Whether no year is kept twice.
pub(super) fn are_distinct([a, b, c, d]: [u32; KEPT_PERIODS]) -> bool {
    let differ = |one: u32, other: u32| one != other || one == 0;
    differ(a, b) && differ(a, c) && differ(a, d) && differ(b, c) && differ(b, d) && differ(c, d)
}

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
    /// Paid by the plan in each category in the year; category n of the plan is entry n − 1. Only those with a yearly maximum are
    /// looked at.
    pub category_used: [u64; 8],
    /// Paid by the plan in each category, ever; of those with a lifetime maximum.
    pub lifetime_category_used: [u64; 8],
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
            self.deductible,
            self.out_of_pocket,
            self.out_of_network_deductible,
            self.out_of_network_out_of_pocket,
            self.tier_used,
            self.lifetime_used,
        ];
        // A year is part of a life, and what was paid for a line is of one category at most. A deductible can be above the out-of-pocket
        // figure: another payer may have borne it.
        let fits = |categories: &[u64; 8], whole: u64| {
            let mut sum = categories.iter().copied();
            sum.try_fold(0u64, u64::checked_add)
                .is_some_and(|sum| sum <= whole)
        };
        require!(
            self.annual_used <= self.lifetime_used
                && fits(&self.category_used, self.annual_used)
                && fits(&self.lifetime_category_used, self.lifetime_used)
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
            category_used: self.category_used,
            ..PeriodAccumulators::default()
        }
    }

    /// As what is used up for ever.
    pub fn of_life(&self) -> LifetimeAccumulators {
        LifetimeAccumulators {
            used: self.lifetime_used,
            category_used: self.lifetime_category_used,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(mut kept: [u32; KEPT_PERIODS], year: u32) -> Option<[u32; KEPT_PERIODS]> {
        *place_of(&mut kept, year, |year| *year).ok()? = year;
        Some(kept)
    }

    #[test]
    fn the_oldest_goes_first_and_only_for_a_later_one() {
        // Empty places first, whatever is kept beside them.
        assert_eq!(stored([0; 4], 2_026), Some([2_026, 0, 0, 0]));
        assert_eq!(
            stored([2_028, 0, 2_027, 0], 2_020),
            Some([2_028, 2_020, 2_027, 0])
        );
        // A year that is kept stays where it is.
        let four = [2_028, 2_025, 2_027, 2_026];
        for year in four {
            assert_eq!(stored(four, year), Some(four));
        }
        assert_eq!(stored(four, 2_029), Some([2_028, 2_029, 2_027, 2_026]));
        assert_eq!(
            stored([2_028, 2_020, 2_027, 2_026], 2_025),
            Some([2_028, 2_025, 2_027, 2_026])
        );
        let refused = place_of(&mut four.clone(), 2_024, |year| *year).unwrap_err();
        assert_eq!(refused, ClaimsError::PeriodClosed.into());
    }

    #[test]
    fn only_empty_places_are_alike() {
        assert!(are_distinct([0; 4]));
        assert!(are_distinct([2_028, 0, 2_027, 0]));
        for [one, other] in [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] {
            let mut years: [u32; KEPT_PERIODS] = [2_025, 2_026, 2_027, 2_028];
            assert!(are_distinct(years));
            years[other] = years[one];
            assert!(!are_distinct(years), "{years:?}");
        }
    }
}
