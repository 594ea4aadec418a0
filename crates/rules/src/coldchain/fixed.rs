//! Exponential and logarithm in fixed point.
//!
//! Numbers have 64 fractional bits in 128. Each step of a series loses less than one unit in the last place, and
//! neither series has more than 30 steps: results are within 2^-58 of the real ones, which the tests compare.

/// Fractional bits.
const BITS: u32 = 64;
/// 1.
pub(super) const ONE: u128 = 1 << BITS;
/// The natural logarithm of 2, rounded down.
const LN_2: u64 = 12_786_308_645_202_655_659;
/// Its upper half, rounded up.
const LN_2_UPPER: u64 = (LN_2 >> 32) + 1;
/// Steps after which the exponential series, at ln 2, is below the last place: (ln 2)^21 / 21! < 2^-96.
const EXP_STEPS: u64 = 21;
/// Steps after which the logarithm's series, at 1/3, is below the last place: (1/9)^22 < 2^-69.
const LN_STEPS: u32 = 22;
/// The lower half of a number of 64 bits.
const LOWER: u64 = (1 << 32) - 1;

// Numbers below 1 are kept in 64 bits, and products and quotients of 128 are put together from such: on chain the
// compiler's own arithmetic of 128 bits is made of calls, of a hundred units a product and a thousand a quotient.

/// The product of two numbers: its upper and its lower 64 bits.
const fn wide(a: u64, b: u64) -> (u64, u64) {
    let (a_upper, a_lower) = (a >> 32, a & LOWER);
    let (b_upper, b_lower) = (b >> 32, b & LOWER);
    // No sum leaves 64 bits: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
    let lowest = a_lower.wrapping_mul(b_lower);
    let middle = a_upper.wrapping_mul(b_lower).wrapping_add(lowest >> 32);
    let other = a_lower.wrapping_mul(b_upper).wrapping_add(middle & LOWER);
    let upper = a_upper
        .wrapping_mul(b_upper)
        .wrapping_add(middle >> 32)
        .wrapping_add(other >> 32);
    (upper, (other << 32) | (lowest & LOWER))
}

/// A number of 128 bits by its halves.
const fn joined((upper, lower): (u64, u64)) -> u128 {
    ((upper as u128) << BITS) | lower as u128
}

/// The upper and the lower 64 bits of a number.
// Each half is cut off before it is taken.
#[allow(clippy::cast_possible_truncation)]
const fn halves(number: u128) -> (u64, u64) {
    ((number >> BITS) as u64, number as u64)
}

/// A number `times` over; none where it does not fit.
pub(super) fn multiple(number: u128, times: u64) -> Option<u128> {
    let (upper, lower) = halves(number);
    if upper >> 32 != 0 || times >> 32 != 0 {
        return number.checked_mul(u128::from(times));
    }
    let (carried, lower) = wide(lower, times);
    // Below 2^64: (2^32 - 1)^2 and what is carried, below 2^32.
    let upper = upper.wrapping_mul(times).wrapping_add(carried);
    Some(joined((upper, lower)))
}

/// A number divided, rounded down; none by 0.
pub(super) fn quotient(number: u128, by: u64) -> Option<u128> {
    if by >> 32 != 0 {
        return number.checked_div(u128::from(by));
    }
    // Long division by 32 bits at a time: each rest is below the divisor, so that it and 32 bits more fit 64.
    let (upper, lower) = halves(number);
    let rest = upper.checked_rem(by)?;
    let middle = (rest << 32) | (lower >> 32);
    let last = (middle.checked_rem(by)? << 32) | (lower & LOWER);
    let lower = (middle.checked_div(by)? << 32) | last.checked_div(by)?;
    Some(joined((upper.checked_div(by)?, lower)))
}

/// e^-`x`, for `x` of zero or more. Zero from about 44 on; none from 2^31 on.
pub(super) fn exp_of_minus(x: u128) -> Option<u128> {
    // Less than 64 from here on, and then e^-x is 2^-k e^-r with k below 93.
    if x >> 70 != 0 {
        return (x >> 95 == 0).then_some(0);
    }
    // Of the upper bits alone: the quotient, or one less.
    let (upper, lower) = halves(x >> 32);
    let mut halvings = if upper == 0 {
        lower.checked_div(LN_2_UPPER)?
    } else {
        return None;
    };
    let mut rest = x.checked_sub(joined(wide(halvings, LN_2)))?;
    if rest >= u128::from(LN_2) {
        rest = rest.checked_sub(u128::from(LN_2))?;
        halvings = halvings.checked_add(1)?;
    }
    let rest = u64::try_from(rest).ok()?;
    // 1 - r (1 - r/2 (1 - r/3 (…))): each bracket lies between 0 and 1; kept is what it lacks of 1.
    let mut lacking = 0_u64;
    for step in (1..=EXP_STEPS).rev() {
        // r (1 - l) = r - r l, rounded down: r l is rounded up.
        let (product, places) = wide(rest, lacking);
        lacking = rest
            .wrapping_sub(product)
            .wrapping_sub(u64::from(places != 0))
            .checked_div(step)?;
    }
    let halvings = u32::try_from(halvings).ok()?;
    if lacking == 0 {
        return Some(ONE.checked_shr(halvings).unwrap_or(0));
    }
    let power = lacking.wrapping_neg().checked_shr(halvings);
    Some(u128::from(power.unwrap_or(0)))
}

/// -ln(`x`), for `x` above 0 and at most 1.
pub(super) fn minus_ln(x: u128) -> Option<u128> {
    if x == 0 || x > ONE {
        return None;
    }
    // x = m / 2^k with m above 1/2 and at most 1.
    let halvings = x.leading_zeros().checked_sub(ONE.leading_zeros())?;
    let mantissa = x.checked_shl(halvings)?;
    let (mantissa, halvings) = if mantissa > ONE {
        (mantissa >> 1, halvings.checked_sub(1)?)
    } else {
        (mantissa, halvings)
    };
    // -ln m = 2 atanh((1 - m) / (1 + m)), of at most 1/3.
    let z = ONE
        .checked_sub(mantissa)?
        .checked_shl(BITS.checked_sub(2)?)?
        .checked_div(ONE.checked_add(mantissa)? >> 2)?;
    let mut power = u64::try_from(z).ok()?;
    let (square, _) = wide(power, power);
    let mut sum = 0_u64;
    for step in 0..LN_STEPS {
        let odd = u64::from(step).checked_mul(2)?.checked_add(1)?;
        sum = sum.checked_add(power.checked_div(odd)?)?;
        (power, _) = wide(power, square);
    }
    multiple(u128::from(LN_2), u64::from(halvings))?.checked_add(u128::from(sum) << 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As close as double precision can tell: it has 53 bits, and rounds the argument first.
    fn close(ours: u128, real: f64) -> bool {
        let ours = ours as f64 / ONE as f64;
        (ours - real).abs() <= real.abs() * 1e-14 + 4e-16
    }

    #[test]
    fn exponentials_agree_with_double_precision() {
        for step in 0..30_000_u128 {
            let x = step * (ONE / 1_000) + step * 977;
            let real = (-(x as f64 / ONE as f64)).exp();
            let ours = exp_of_minus(x).unwrap();
            assert!(close(ours, real), "{step}");
        }
        assert_eq!(exp_of_minus(0), Some(ONE));
        assert_eq!(exp_of_minus(200 * ONE), Some(0));
        assert_eq!(exp_of_minus(u128::MAX), None);
    }

    #[test]
    fn logarithms_agree_with_double_precision() {
        let mut x = ONE;
        while x > 1_000_000 {
            let real = -(x as f64 / ONE as f64).ln();
            assert!(close(minus_ln(x).unwrap(), real), "{x}");
            x -= x / 997 + 1;
        }
        assert_eq!(minus_ln(ONE), Some(0));
        assert_eq!(minus_ln(ONE / 2), Some(u128::from(LN_2)));
        assert_eq!((minus_ln(0), minus_ln(ONE + 1)), (None, None));
    }

    /// The exponential as it is defined above, with the compiler's arithmetic.
    fn plain_exp_of_minus(x: u128) -> u128 {
        let (halvings, rest) = (x / u128::from(LN_2), x % u128::from(LN_2));
        let mut power = ONE;
        for step in (1..=u128::from(EXP_STEPS)).rev() {
            power = ONE - ((rest * power) >> BITS) / step;
        }
        power
            .checked_shr(u32::try_from(halvings).unwrap())
            .unwrap_or(0)
    }

    /// Numbers of all lengths, and those beside powers of two.
    fn numbers() -> impl Iterator<Item = u128> {
        let mut state = 5_u128;
        let random = (0..20_000_u32).map(move |step| {
            state = state
                .wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645)
                .wrapping_add(1);
            state >> (step % 128)
        });
        let edges = (0..128).flat_map(|bit| {
            let power = 1_u128 << bit;
            [power - 1, power, power + 1]
        });
        random.chain(edges).chain([u128::MAX])
    }

    #[test]
    fn products_and_quotients_are_the_compilers() {
        for number in numbers() {
            for times in [0, 1, 2, 60, 1_800, 54_000, LOWER, LOWER + 1, u64::MAX] {
                assert_eq!(
                    multiple(number, times),
                    number.checked_mul(u128::from(times))
                );
                assert_eq!(
                    quotient(number, times),
                    number.checked_div(u128::from(times))
                );
            }
            let (upper, lower) = halves(number);
            assert_eq!(
                joined(wide(upper, lower)),
                u128::from(upper) * u128::from(lower)
            );
        }
    }

    #[test]
    fn the_exponential_is_to_the_last_bit_what_plain_arithmetic_gives() {
        let ln_2 = u128::from(LN_2);
        let edges = (0..93_u128).flat_map(|count| {
            let multiple = count * ln_2;
            [multiple.saturating_sub(1), multiple, multiple + 1]
        });
        for x in numbers().chain(edges).filter(|x| x >> 70 == 0) {
            assert_eq!(exp_of_minus(x), Some(plain_exp_of_minus(x)), "{x}");
        }
    }
}
