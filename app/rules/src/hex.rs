//! Keys and hashes in JSON: 64 hexadecimal digits.

use crate::{Refused, Result};

/// Bytes in hexadecimal digits.
pub fn write(bytes: &[u8]) -> String {
    ::hex::encode(bytes)
}

/// 32 bytes from 64 hexadecimal digits.
///
/// # Errors
/// `bad_request`.
pub fn read(text: &str) -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    ::hex::decode_to_slice(text, &mut bytes).map_err(|_| {
        Refused::new(
            "bad_request",
            format!("`{text}` is not 64 hexadecimal digits"),
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
            assert!(read(text).is_err(), "{text}");
        }
    }
}
