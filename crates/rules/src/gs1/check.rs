//! Check digits and check characters (GS1 General Specifications 7.9).

/// Characters of a check pair, by their value.
const PAIR_ALPHABET: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Primes that weigh the characters of a Global Model Number, from its end on: one for each of at most 23.
const PRIMES: [u32; 23] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
];
/// CSET 82 in the order of its values.
const CSET_82: &[u8] =
    b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// The check digit of a GTIN, GLN, SSCC and the other keys, computed over the digits before it: weights 3 and 1 in
/// turn, 3 nearest to the check digit. None where one is not a digit.
#[must_use]
pub fn check_digit(body: &[u8]) -> Option<u8> {
    let mut sum: u32 = 0;
    for (place, byte) in body.iter().rev().enumerate() {
        let digit = char::from(*byte).to_digit(10)?;
        let weight = if place % 2 == 0 { 3 } else { 1 };
        sum = sum.checked_add(digit.checked_mul(weight)?)?;
    }
    let digit = 10_u32.checked_sub(sum % 10)? % 10;
    u8::try_from(digit).ok()?.checked_add(b'0')
}

/// Whether the last of these digits is their check digit.
#[must_use]
pub fn has_check_digit(digits: &[u8]) -> bool {
    digits
        .split_last()
        .is_some_and(|(last, body)| check_digit(body) == Some(*last))
}

/// Whether the last two characters of a Global Model Number are its check pair (General Specifications 7.9.5): values
/// in CSET 82 weighed with primes, modulo 1,021, written in base 32.
#[must_use]
pub fn check_pair_fits(text: &[u8]) -> bool {
    let Some((body, pair)) = text.split_last_chunk::<2>() else {
        return false;
    };
    let mut sum: u32 = 0;
    for (place, byte) in body.iter().rev().enumerate() {
        let value = CSET_82.iter().position(|character| character == byte);
        let weighed = value
            .and_then(|value| u32::try_from(value).ok())
            .zip(PRIMES.get(place))
            .and_then(|(value, prime)| value.checked_mul(*prime));
        let Some(next) = weighed.and_then(|weighed| sum.checked_add(weighed)) else {
            return false;
        };
        sum = next;
    }
    let remainder = sum % 1_021;
    let character = |value: u32| {
        usize::try_from(value)
            .ok()
            .and_then(|value| PAIR_ALPHABET.get(value))
    };
    let [first, second] = pair;
    character(remainder / 32) == Some(first) && character(remainder % 32) == Some(second)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn published_keys_fit() {
        // Examples of the General Specifications and of gs1.org: GTIN-14, -13, -12, -8, GLN, SSCC.
        for key in [
            "09506000134352",
            "4006381333931",
            "614141123452",
            "95050003",
            "9506000134352",
            "106141412345678908",
        ] {
            assert!(has_check_digit(key.as_bytes()), "{key}");
        }
        assert!(!has_check_digit(b""));
        assert!(!has_check_digit(b"0950600013435x"));
    }

    #[test]
    fn exactly_one_of_ten_digits_fits() {
        for number in 0..50_000_u32 {
            let mut key = std::format!("{:017}", u64::from(number) * 7_919_977);
            let fitting = (0..10)
                .filter(|digit| {
                    key.push(char::from(b'0' + digit));
                    let fits = has_check_digit(key.as_bytes());
                    key.pop();
                    fits
                })
                .count();
            assert_eq!(fitting, 1);
        }
    }

    #[test]
    fn the_published_model_number_fits_and_no_neighbour_of_it() {
        let published = b"1987654Ad4X4bL5ttr2310c2K";
        assert!(check_pair_fits(published));
        for place in 0..published.len() {
            for other in CSET_82 {
                let mut text = *published;
                text[place] = *other;
                assert_eq!(check_pair_fits(&text), text == *published, "{text:?}");
            }
        }
        assert!(!check_pair_fits(b"2"));
    }
}
