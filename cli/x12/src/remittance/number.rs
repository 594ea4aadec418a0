//! The number of a remittance: it fits TRN02 and finds the transaction that paid.

use std::fmt;
use std::str::FromStr;

/// Bytes of the signature that the number carries. With the longest slot (20 digits) and a hyphen it has 49 characters,
/// and TRN02 takes 50; two transactions of one slot whose signatures begin alike in 112 bits do not occur.
const PREFIX: usize = 14;

/// Slot and beginning of the signature of a transaction: `345678901-0123456789ABCDEF0123456789AB`. Capital letters,
/// digits and a hyphen alone, since banks pass trace numbers on in capitals, which base58 does not survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemittanceNumber {
    /// The slot in which the transaction landed.
    pub slot: u64,
    prefix: [u8; PREFIX],
}

impl RemittanceNumber {
    /// The number of the transaction with this signature.
    pub fn new(slot: u64, signature: &[u8; 64]) -> Self {
        let mut prefix = [0; PREFIX];
        for (to, from) in prefix.iter_mut().zip(signature) {
            *to = *from;
        }
        Self { slot, prefix }
    }

    /// Whether the transaction that has this signature and landed in this slot is meant.
    pub fn is_of(&self, slot: u64, signature: &[u8; 64]) -> bool {
        *self == Self::new(slot, signature)
    }

    /// A control number for the interchange that carries it, from 1 to 999,999,999: the same each time it is written.
    pub fn control(&self) -> u32 {
        u32::try_from(self.slot % 999_999_999).map_or(1, |rest| rest.saturating_add(1))
    }
}

impl fmt::Display for RemittanceNumber {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}-", self.slot)?;
        self.prefix
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// A text that is no remittance number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A remittance number is a slot, a hyphen and 28 hexadecimal digits, as TRN02 of the 835 has it.")]
pub struct NoRemittanceNumber;

impl FromStr for RemittanceNumber {
    type Err = NoRemittanceNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (slot, hex) = text.trim().split_once('-').ok_or(NoRemittanceNumber)?;
        let is_plain = slot.bytes().all(|byte| byte.is_ascii_digit())
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
            && hex.len() == PREFIX.saturating_mul(2);
        if !is_plain {
            return Err(NoRemittanceNumber);
        }
        let mut prefix = [0; PREFIX];
        for (index, to) in prefix.iter_mut().enumerate() {
            let at = index.saturating_mul(2);
            let digits = hex
                .get(at..at.saturating_add(2))
                .ok_or(NoRemittanceNumber)?;
            *to = u8::from_str_radix(digits, 16).map_err(|_| NoRemittanceNumber)?;
        }
        let slot = slot.parse().map_err(|_| NoRemittanceNumber)?;
        Ok(Self { slot, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_and_is_read_as_it_is_written() {
        let signature: [u8; 64] = std::array::from_fn(|index| index as u8 ^ 0xA5);
        for slot in [0, 1, 345_678_901, u64::MAX] {
            let number = RemittanceNumber::new(slot, &signature);
            let text = number.to_string();
            assert!(text.len() <= 50, "{text}");
            assert_eq!(text.parse(), Ok(number));
            assert_eq!(text.to_lowercase().parse(), Ok(number));
            assert!(number.is_of(slot, &signature));
            assert!(!number.is_of(slot ^ 1, &signature));
            let mut other = signature;
            other[13] ^= 1;
            assert!(!number.is_of(slot, &other));
            assert!((1..=999_999_999).contains(&number.control()));
        }
        for text in [
            "",
            "1",
            "1-",
            "-00",
            "1-0123456789ABCDEF0123456789A",
            "1-0123456789ABCDEF0123456789AG",
            "+1-0123456789ABCDEF0123456789AB",
        ] {
            assert_eq!(
                text.parse::<RemittanceNumber>(),
                Err(NoRemittanceNumber),
                "{text}"
            );
        }
    }
}
