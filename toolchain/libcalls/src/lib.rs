//! 128-bit division with the calling convention that LLVM 23 expects.
//!
//! LLVM 23 returns an `i128` in registers on this target; rustc 1.95 returns it through a pointer. A builtin
//! compiled by rustc under its usual name (`__udivti3`) therefore has the wrong shape and corrupts memory without
//! an error. So the functions here take the halves of both operands and write the result through a pointer, in
//! plain C types on which both compilers agree, and `../libcalls.ll` wraps each of them under the builtin's name.
#![no_std]

// Linked for its memcpy, memset and floating-point functions; nothing of it is called from here.
use solana_compiler_builtins as _;

/// Joins the two halves of a 128-bit number.
#[inline(always)]
fn join(low: u64, high: u64) -> u128 {
    ((high as u128) << 64) | low as u128
}

/// Quotient and remainder by shift and subtract. A divisor of zero gives (0, 0): rustc checks for it before it
/// divides, so the case cannot be reached from safe code.
#[inline(always)]
fn divide(mut rest: u128, divisor: u128) -> (u128, u128) {
    if divisor == 0 {
        return (0, 0);
    }
    if (rest >> 64) == 0 && (divisor >> 64) == 0 {
        let (a, b) = (rest as u64, divisor as u64);
        return ((a / b) as u128, (a % b) as u128);
    }
    if divisor > rest {
        return (0, rest);
    }
    let mut shift = divisor.leading_zeros() - rest.leading_zeros();
    let mut shifted = divisor << shift;
    let mut quotient = 0u128;
    loop {
        if rest >= shifted {
            rest -= shifted;
            quotient |= 1u128 << shift;
        }
        if shift == 0 {
            return (quotient, rest);
        }
        shift -= 1;
        shifted >>= 1;
    }
}

/// `__udivti3`: unsigned quotient.
#[no_mangle]
pub extern "C" fn sbf_udivti3(out: &mut u128, a_low: u64, a_high: u64, b_low: u64, b_high: u64) {
    *out = divide(join(a_low, a_high), join(b_low, b_high)).0;
}

/// `__umodti3`: unsigned remainder.
#[no_mangle]
pub extern "C" fn sbf_umodti3(out: &mut u128, a_low: u64, a_high: u64, b_low: u64, b_high: u64) {
    *out = divide(join(a_low, a_high), join(b_low, b_high)).1;
}

/// `__divti3`: signed quotient, rounded towards zero.
#[no_mangle]
pub extern "C" fn sbf_divti3(out: &mut u128, a_low: u64, a_high: u64, b_low: u64, b_high: u64) {
    let (a, b) = (join(a_low, a_high) as i128, join(b_low, b_high) as i128);
    let quotient = divide(a.unsigned_abs(), b.unsigned_abs()).0 as i128;
    *out = if (a < 0) != (b < 0) {
        quotient.wrapping_neg()
    } else {
        quotient
    } as u128;
}

/// `__modti3`: signed remainder, with the sign of the dividend.
#[no_mangle]
pub extern "C" fn sbf_modti3(out: &mut u128, a_low: u64, a_high: u64, b_low: u64, b_high: u64) {
    let (a, b) = (join(a_low, a_high) as i128, join(b_low, b_high) as i128);
    let remainder = divide(a.unsigned_abs(), b.unsigned_abs()).1 as i128;
    *out = if a < 0 {
        remainder.wrapping_neg()
    } else {
        remainder
    } as u128;
}
