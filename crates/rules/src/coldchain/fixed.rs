//! Exponential and logarithm in fixed point.
//!
//! Numbers have 64 fractional bits in 128. Each step of a series loses less than one unit in the last place, and
//! neither series has more than 30 steps: results are within 2^-58 of the real ones, which the tests compare.

/// Fractional bits.
const BITS: u32 = 64;
/// 1.
pub(super) const ONE: u128 = 1 << BITS;
/// The natural logarithm of 2, rounded down.
const LN_2: u128 = 12_786_308_645_202_655_659;
/// Steps after which the exponential series, at ln 2, is below the last place: (ln 2)^21 / 21! < 2^-96.
const EXP_STEPS: u64 = 21;
/// Steps after which the logarithm's series, at 1/3, is below the last place: (1/9)^22 < 2^-69.
const LN_STEPS: u32 = 22;

/// The product of two numbers of which one is at most 1; none where it does not fit.
fn times(a: u128, b: u128) -> Option<u128> {
    a.checked_mul(b).map(|product| product >> BITS)
}

/// e^-`x`, for `x` of zero or more. Zero from about 44 on.
pub(super) fn exp_of_minus(x: u128) -> Option<u128> {
    let halvings = x.checked_div(LN_2)?;
    let rest = x.checked_rem(LN_2)?;
    // 1 - r (1 - r/2 (1 - r/3 (…))): each bracket lies between 0 and 1.
    let mut power = ONE;
    for step in (1..=EXP_STEPS).rev() {
        // Below 1, for which 64 bits are enough: a division of 128 costs a program hundreds of units.
        let factor = u64::try_from(times(rest, power)?).ok()?.checked_div(step)?;
        power = ONE.checked_sub(u128::from(factor))?;
    }
    let halvings = u32::try_from(halvings).ok()?;
    Some(power.checked_shr(halvings).unwrap_or(0))
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
    // -ln m = 2 atanh((1 - m) / (1 + m)).
    let z = ONE
        .checked_sub(mantissa)?
        .checked_shl(BITS.checked_sub(2)?)?
        .checked_div(ONE.checked_add(mantissa)? >> 2)?;
    let square = times(z, z)?;
    let mut power = z;
    let mut sum: u128 = 0;
    for step in 0..LN_STEPS {
        let odd = u64::from(step).checked_mul(2)?.checked_add(1)?;
        let part = u64::try_from(power).ok()?.checked_div(odd)?;
        sum = sum.checked_add(u128::from(part))?;
        power = times(power, square)?;
    }
    LN_2.checked_mul(u128::from(halvings))?
        .checked_add(sum.checked_mul(2)?)
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
        assert_eq!(minus_ln(ONE / 2), Some(LN_2));
        assert_eq!((minus_ln(0), minus_ln(ONE + 1)), (None, None));
    }
}
