//! Keys, hashes and marks in JSON: two hexadecimal digits a byte.

use crate::{Refused, Result};

/// Bytes in hexadecimal digits.
pub fn write(bytes: &[u8]) -> String {
    ::hex::encode(bytes)
}

/// So many bytes from twice as many hexadecimal digits: 64 of a key.
///
/// # Errors
/// `bad_request`.
pub fn read<const BYTES: usize>(text: &str) -> Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    ::hex::decode_to_slice(text, &mut bytes).map_err(|_| {
        Refused::new(
            "bad_request",
            format!("`{text}` is not {} hexadecimal digits", 2 * BYTES),
        )
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let bytes: [u8; 32] = std::array::from_fn(|place| u8::try_from(place * 8).expect("small"));
        assert_eq!(read(&write(&bytes)), Ok(bytes));
        for text in ["", "00", &"0".repeat(63), &"g".repeat(64), &"+1".repeat(32)] {
            assert!(read::<32>(text).is_err(), "{text}");
        }
    }
}
