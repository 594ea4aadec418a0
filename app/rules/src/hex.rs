//! Keys and hashes in JSON: 64 hexadecimal digits.

use crate::{Refused, Result};

/// Bytes in hexadecimal digits.
pub fn write(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 bytes from 64 hexadecimal digits.
///
/// # Errors
/// `bad_request`.
pub fn read(text: &str) -> Result<[u8; 32]> {
    let wrong = || {
        Refused::new(
            "bad_request",
            format!("`{text}` is not 64 hexadecimal digits"),
        )
    };
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let digits = text.get(2 * place..2 * place + 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
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
