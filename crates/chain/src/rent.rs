//! What an account must hold so that it stays, worked out in whole numbers.

use anchor_lang::prelude::*;

/// Bytes that every account counts for beside its data.
const OVERHEAD: u64 = 128;

/// The bits of 1.0 and 2.0, the two factors that clusters have: SIMD-0194 makes one of the other and doubles the rate.
const ONE: u64 = 0x3ff0_0000_0000_0000;
const TWO: u64 = 0x4000_0000_0000_0000;

/// Lamports that an account of `size` bytes must hold at the cluster's rate. What [`Rent::minimum_balance`] gives, without its
/// product of a floating-point number: the machine has none, and imitates them for some 240 compute units.
///
/// # Errors
/// Those of reading the rate.
pub fn minimum_balance(size: usize) -> Result<u64> {
    let rent = Rent::get()?;
    Ok(whole(&rent, size).unwrap_or_else(|| imitated(&rent, size)))
}

/// In whole numbers; none for a factor or an amount that no cluster has.
// The fields are to be renamed with SIMD-0194, whose rate the accessors of this version do not know yet.
#[allow(deprecated)]
fn whole(rent: &Rent, size: usize) -> Option<u64> {
    let factor = match rent.exemption_threshold.to_bits() {
        ONE => 1,
        TWO => 2,
        _ => return None,
    };
    // Of 32 bits each, so that their product fits 64 and needs none of the 128 that a checked one takes.
    let rate = u32::try_from(rent.lamports_per_byte_year)
        .ok()?
        .checked_mul(factor)?;
    let bytes = u32::try_from(OVERHEAD.checked_add(u64::try_from(size).ok()?)?);
    u64::from(rate).checked_mul(u64::from(bytes.ok()?))
}

#[cold]
#[inline(never)]
fn imitated(rent: &Rent, size: usize) -> u64 {
    rent.minimum_balance(size)
}

#[cfg(test)]
#[allow(deprecated)]
mod tests {
    use super::*;

    const SIZES: [usize; 7] = [0, 1, 165, 232, 10_240, 10_485_760, 0xffff_ff7f];

    fn rent(rate: u64, factor: f64) -> Rent {
        Rent {
            lamports_per_byte_year: rate,
            exemption_threshold: factor,
            ..Rent::default()
        }
    }

    #[test]
    fn it_is_what_solana_works_out() {
        for rate in [0, 1, 348, 2_540, 3_480, 5_080, 6_960, 1_000_000] {
            for factor in [1.0, 2.0] {
                for size in SIZES {
                    let rent = rent(rate, factor);
                    assert_eq!(whole(&rent, size), Some(rent.minimum_balance(size)));
                }
            }
        }
    }

    #[test]
    fn what_no_cluster_has_is_left_to_solana() {
        assert_eq!(whole(&rent(3_480, 1.5), 165), None);
        assert_eq!(whole(&rent(u64::from(u32::MAX), 2.0), 165), None);
        assert_eq!(whole(&rent(1 << 32, 1.0), 165), None);
        assert_eq!(whole(&rent(3_480, 2.0), 0xffff_ff80), None);
        assert_eq!(imitated(&rent(3_480, 1.5), 165), 293 * 3_480 * 3 / 2);
    }
}
