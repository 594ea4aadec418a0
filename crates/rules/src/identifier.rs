//! Public identifiers of organisations and their check digits.
//!
//! Sources: 45 CFR 162.406 and the CMS "Requirements for NPI check digit" (NPI); GS1 General Specifications
//! 7.9 (GLN); ISO 17442-1 with ISO/IEC 7064 MOD 97-10 (LEI).

/// Digits that precede an NPI when its check digit is computed: the prefix of US health cards.
const NPI_PREFIX: &[u8] = b"80840";

/// Whether `text` is a National Provider Identifier: 10 digits, the first 1 or 2, Luhn over prefix and number.
pub fn is_npi(text: &[u8]) -> bool {
    text.len() == 10
        && matches!(text.first(), Some(b'1' | b'2'))
        && luhn_sum(NPI_PREFIX.iter().chain(text)).is_some_and(|sum| sum % 10 == 0)
}

/// Whether `text` is a Global Location Number: 13 digits, weighted 1 and 3 in turn from the check digit on.
pub fn is_gln(text: &[u8]) -> bool {
    text.len() == 13
        && weighted_sum(text.iter().rev(), |digit, is_odd_place| {
            if is_odd_place {
                digit.saturating_mul(3)
            } else {
                digit
            }
        })
        .is_some_and(|sum| sum % 10 == 0)
}

/// Whether `text` is a Legal Entity Identifier: 18 characters of 0-9 and A-Z and two check digits, such that the
/// whole, letters read as 10 to 35, leaves 1 when divided by 97.
pub fn is_lei(text: &[u8]) -> bool {
    let ends_in_digits = text
        .get(18..)
        .is_some_and(|end| end.iter().all(u8::is_ascii_digit));
    text.len() == 20 && ends_in_digits && remainder_97(text) == Some(1)
}

/// Whether `text` can be an identifier of a register without check digits: not empty, printable ASCII without
/// spaces.
pub fn is_plain(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_graphic)
}

fn luhn_sum<'a>(digits: impl DoubleEndedIterator<Item = &'a u8>) -> Option<u32> {
    weighted_sum(digits.rev(), |digit, is_odd_place| {
        let doubled = if is_odd_place {
            digit.saturating_mul(2)
        } else {
            digit
        };
        // The sum of the two digits of a number below 19.
        if doubled > 9 {
            doubled.saturating_sub(9)
        } else {
            doubled
        }
    })
}

/// Sum of `weight(digit, place is odd)` over the digits, places counted from 0; none where one is not a digit.
fn weighted_sum<'a>(
    digits: impl Iterator<Item = &'a u8>,
    weight: impl Fn(u32, bool) -> u32,
) -> Option<u32> {
    let mut sum: u32 = 0;
    for (place, byte) in digits.enumerate() {
        let digit = char::from(*byte).to_digit(10)?;
        sum = sum.checked_add(weight(digit, place % 2 == 1))?;
    }
    Some(sum)
}

fn remainder_97(text: &[u8]) -> Option<u32> {
    let mut remainder: u32 = 0;
    for byte in text {
        if byte.is_ascii_lowercase() {
            return None;
        }
        let value = char::from(*byte).to_digit(36)?;
        let shift = if value > 9 { 100 } else { 10 };
        remainder = remainder.checked_mul(shift)?.checked_add(value)? % 97;
    }
    Some(remainder)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn published_examples_are_valid() {
        // The example of the CMS check-digit page, two of GS1's, and the LEIs of GLEIF and of Bloomberg Finance.
        assert!(is_npi(b"1234567893"));
        assert!(is_gln(b"9506000134352"));
        assert!(is_gln(b"0614141000012"));
        assert!(is_lei(b"506700GE1G29325QX363"));
        assert!(is_lei(b"5493001KJTIIGC8Y1R12"));
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        // Digit for digit and letter for letter: a digit in place of a letter shifts the rest, and MOD 97-10
        // does not promise to find that.
        let check = |text: &[u8], valid: fn(&[u8]) -> bool| {
            assert!(valid(text));
            for (place, right) in text.iter().enumerate() {
                let alphabet = if right.is_ascii_digit() {
                    b'0'..=b'9'
                } else {
                    b'A'..=b'Z'
                };
                for other in alphabet {
                    let mut wrong = text.to_vec();
                    wrong[place] = other;
                    assert_eq!(valid(&wrong), other == *right, "{wrong:?}");
                }
            }
        };
        check(b"1234567893", is_npi);
        check(b"9506000134352", is_gln);
        check(b"5493001KJTIIGC8Y1R12", is_lei);
    }

    #[test]
    fn exactly_one_check_digit_in_ten_fits() {
        for body in 0..20_000_u32 {
            let digits = body
                .checked_mul(6_151)
                .map(|n| 100_000_000 + n % 200_000_000);
            let body = std_format(digits.unwrap());
            let fitting = (b'0'..=b'9')
                .filter(|check| {
                    let mut text = body.clone();
                    text.push(*check);
                    is_npi(&text)
                })
                .count();
            assert_eq!(fitting, usize::from(matches!(body[0], b'1' | b'2')));
        }
    }

    #[test]
    fn wrong_lengths_and_characters_are_refused() {
        for valid in [is_npi, is_gln, is_lei, is_plain] {
            assert!(!valid(b""));
            assert!(!valid(b"\0"));
            assert!(!valid(b"12345 67893"));
            assert!(!valid(b"123456789\xb3"));
        }
        assert!(!is_npi(b"123456789"));
        assert!(!is_npi(b"12345678930"));
        assert!(!is_npi(b"3234567897"));
        assert!(!is_gln(b"950600013435"));
        assert!(!is_lei(b"5493001kjtiigc8y1r12"));
        assert!(!is_lei(b"5493001KJTIIGC8Y1R1"));
        assert!(is_plain(b"DE-HRB-12345"));
    }

    fn std_format(number: u32) -> std::vec::Vec<u8> {
        std::format!("{number}").into_bytes()
    }
}
