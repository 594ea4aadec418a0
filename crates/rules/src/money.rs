//! Money in whole cents, rates in basis points, and the one rounding there is.

use core::fmt;
use core::num::NonZeroU64;

/// Basis points in a whole.
const WHOLE: u64 = 10_000;
const WHOLE_NON_ZERO: NonZeroU64 = match NonZeroU64::new(WHOLE) {
    Some(whole) => whole,
    None => NonZeroU64::MIN,
};

/// An amount of money in hundredths of the currency unit. Never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Cents(u64);

impl Cents {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount that can be stated.
    pub const MAX: Self = Self(u64::MAX);

    /// `cents` hundredths of the currency unit.
    #[must_use]
    pub const fn new(cents: u64) -> Self {
        Self(cents)
    }

    /// The amount as an integer number of cents.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether this is no money at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        // A sum that did not fit is less than either part. Two instructions on chain, where the compiler's own way is seven.
        let sum = self.0.wrapping_add(other.0);
        if sum < self.0 {
            None
        } else {
            Some(Self(sum))
        }
    }

    /// The difference, or `None` where it would be negative.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// The amount `times` over, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_mul(self, times: u64) -> Option<Self> {
        // Two halves of 64 bits always fit, and on chain a checked product is a call to 128-bit arithmetic.
        if (self.0 | times) >> 32 == 0 {
            return Some(Self(self.0.wrapping_mul(times)));
        }
        match self.0.checked_mul(times) {
            Some(product) => Some(Self(product)),
            None => None,
        }
    }

    /// What is left above `other`, which is nothing where `other` is the larger.
    #[must_use]
    pub const fn above(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Takes as much as there is, `at_most` that much, and returns what was taken.
    #[must_use]
    pub fn take(&mut self, at_most: Self) -> Self {
        let taken = (*self).min(at_most);
        *self = self.without_part(taken);
        taken
    }

    /// Puts what was taken from elsewhere to it. Sums of parts of one amount always fit; another
    /// sum that does not stays at [`Cents::MAX`].
    pub const fn put(&mut self, amount: Self) {
        self.0 = self.0.saturating_add(amount.0);
    }

    /// Puts a part of a sum that is known to fit: what a line's balance or a larger sum has been
    /// checked to hold. One instruction on chain, where [`put`](Self::put) is six.
    pub(crate) const fn put_part(&mut self, part: Self) {
        self.0 = self.0.wrapping_add(part.0);
    }

    /// What is left without a part, which is known to be no larger. One instruction on chain, where
    /// [`above`](Self::above) is nine.
    #[must_use]
    pub(crate) const fn without_part(self, part: Self) -> Self {
        Self(self.0.wrapping_sub(part.0))
    }

    /// The sum of up to sixteen amounts, or `None` where it does not fit.
    #[must_use]
    #[inline(always)]
    pub fn sum<const N: usize>(amounts: [Self; N]) -> Option<Self> {
        const { assert!(N <= 16) };
        // Sixteen amounts under 2^60 fit, and one look at all of their bits says that they are:
        // every claim there will be. On chain a checked addition is three instructions.
        let bits = amounts.iter().fold(0, |bits, amount| bits | amount.0);
        if bits >> 60 == 0 {
            let sum = amounts
                .iter()
                .fold(0_u64, |sum, amount| sum.wrapping_add(amount.0));
            return Some(Self(sum));
        }
        amounts
            .iter()
            .try_fold(Self::ZERO, |sum, amount| sum.checked_add(*amount))
    }

    /// `rate` of the amount, rounded half up. Never more than the amount.
    ///
    /// ```
    /// use galen_rules::{BasisPoints, Cents};
    ///
    /// let quarter = BasisPoints::new(2_500).unwrap_or_default();
    /// assert_eq!(Cents::new(10).share(quarter), Cents::new(3)); // 2.5 rounds up
    /// ```
    #[must_use]
    pub const fn share(self, rate: BasisPoints) -> Self {
        if rate.0 == BasisPoints::WHOLE.0 {
            return self;
        }
        // Half up in one division, where ten thousand times the amount fits with room to spare.
        if self.0 >> 48 == 0 {
            let product = self.0.wrapping_mul(rate.0 as u64);
            return Self(product.wrapping_add(WHOLE / 2) / WHOLE);
        }
        let mut shares = Unrounded::ZERO;
        shares.add(self, rate);
        shares.round()
    }
}

/// Prints the integer number of cents.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A rate from 0 to 10,000 hundredths of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct BasisPoints(u16);

impl BasisPoints {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(10_000);

    /// `points` hundredths of a percent, or `None` above 10,000.
    #[must_use]
    pub const fn new(points: u16) -> Option<Self> {
        if points <= Self::WHOLE.0 {
            Some(Self(points))
        } else {
            None
        }
    }

    /// The rate as a number of basis points.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What this rate leaves of the whole: of the member's share, the plan's.
    #[must_use]
    pub const fn complement(self) -> Self {
        // A rate is at most the whole.
        Self(Self::WHOLE.0.wrapping_sub(self.0))
    }
}

/// `numerator / denominator`, rounded to the nearest integer, a tie upwards.
///
/// The only rounding in the rulebook (rulings.md 2; domain.md B2).
#[must_use]
pub const fn half_up(numerator: u64, denominator: NonZeroU64) -> u64 {
    let denominator = denominator.get();
    let (quotient, remainder) = match (
        numerator.checked_div(denominator),
        numerator.checked_rem(denominator),
    ) {
        (Some(quotient), Some(remainder)) => (quotient, remainder),
        _ => (0, 0),
    };
    if remainder >= denominator.saturating_sub(remainder) {
        // Saturates for no input: a remainder means that the denominator is at least 2, which
        // leaves the quotient at half of u64 or less.
        quotient.saturating_add(1)
    } else {
        quotient
    }
}

/// Shares of one or several amounts, not rounded yet.
///
/// Kept as whole cents and ten-thousandths of a cent, so that u64 is wide enough for every amount
/// and no 128-bit division, which is a slow call on chain, is ever needed.
#[derive(Clone, Copy, Debug)]
pub struct Unrounded {
    cents: u64,
    ten_thousandths: u64,
}

impl Unrounded {
    /// Nothing yet.
    pub const ZERO: Self = Self {
        cents: 0,
        ten_thousandths: 0,
    };

    /// Adds `rate` of `amount`.
    ///
    /// Exact while the amounts added come to no more than [`Cents::MAX`], which slices of one
    /// amount always do: each share is at most its amount. Beyond that it stays at the maximum.
    pub const fn add(&mut self, amount: Cents, rate: BasisPoints) {
        let rate = rate.0 as u64;
        let whole = amount.0 / WHOLE;
        let rest = amount.0 % WHOLE;
        // Neither product can overflow: a rate is at most `WHOLE`. Saturating ones would be calls to
        // 128-bit arithmetic on chain.
        self.cents = self.cents.saturating_add(whole.wrapping_mul(rate));
        self.ten_thousandths = self.ten_thousandths.saturating_add(rest.wrapping_mul(rate));
    }

    /// The sum in whole cents, rounded half up.
    #[must_use]
    pub const fn round(self) -> Cents {
        Cents(
            self.cents
                .saturating_add(half_up(self.ten_thousandths, WHOLE_NON_ZERO)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bps(points: u16) -> BasisPoints {
        BasisPoints::new(points).unwrap()
    }

    #[test]
    fn a_tie_goes_up() {
        // TIE-1 of the vectors: a quarter of 10 cents is 2.5 cents.
        assert_eq!(Cents::new(10).share(bps(2_500)), Cents::new(3));
        assert_eq!(Cents::new(9).share(bps(2_500)), Cents::new(2));
        assert_eq!(Cents::new(11).share(bps(2_500)), Cents::new(3));
    }

    #[test]
    fn half_up_agrees_with_wide_arithmetic_at_the_edges() {
        for numerator in [0, 1, 2, 3, 4_999, 5_000, 5_001, u64::MAX - 1, u64::MAX] {
            for denominator in [1, 2, 3, 365, 10_000, u64::MAX - 1, u64::MAX] {
                let wide = (2 * u128::from(numerator) + u128::from(denominator))
                    / (2 * u128::from(denominator));
                let denominator = NonZeroU64::new(denominator).unwrap();
                assert_eq!(u128::from(half_up(numerator, denominator)), wide);
            }
        }
    }

    #[test]
    fn a_share_agrees_with_wide_arithmetic_for_every_amount_and_rate() {
        let mut amount = 1_u64;
        for step in 0..200_000_u64 {
            amount = amount
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(step);
            let amount = amount >> (step % 64);
            let points = u16::try_from(step % 10_001).unwrap();
            let wide = (u128::from(amount) * u128::from(points) + 5_000) / 10_000;
            assert_eq!(
                u128::from(Cents::new(amount).share(bps(points)).get()),
                wide
            );
        }
        assert_eq!(Cents::MAX.share(BasisPoints::WHOLE), Cents::MAX);
    }

    #[test]
    fn slices_are_rounded_once() {
        let mut shares = Unrounded::ZERO;
        shares.add(Cents::new(1), bps(3_000));
        shares.add(Cents::new(1), bps(3_000));
        assert_eq!(shares.round(), Cents::new(1));
    }

    #[test]
    fn a_sum_is_none_where_it_does_not_fit_and_exact_where_it_does() {
        let edges = [
            0,
            1,
            (1 << 60) - 1,
            1 << 60,
            u64::MAX / 2,
            u64::MAX - 1,
            u64::MAX,
        ];
        for a in edges {
            for b in edges {
                for c in edges {
                    let wide = u128::from(a) + u128::from(b) + u128::from(c);
                    let sum = Cents::sum([a, b, c].map(Cents::new));
                    assert_eq!(sum, u64::try_from(wide).ok().map(Cents::new));
                }
            }
        }
        let most = Cents::new((1 << 60) - 1);
        assert_eq!(
            Cents::sum([most; 16]),
            Some(Cents::new(16 * ((1 << 60) - 1)))
        );
    }

    #[test]
    fn rates_end_at_the_whole() {
        assert!(BasisPoints::new(10_000).is_some());
        assert!(BasisPoints::new(10_001).is_none());
        assert_eq!(bps(2_000).complement(), bps(8_000));
    }

    #[test]
    fn taking_never_takes_more_than_there_is() {
        let mut purse = Cents::new(5);
        assert_eq!(purse.take(Cents::new(3)), Cents::new(3));
        assert_eq!(purse.take(Cents::new(3)), Cents::new(2));
        assert_eq!(purse, Cents::ZERO);
    }
}
