//! Serial numbers, padded with zero bytes to the length of the longest: no serial number has such a byte.

use galen_rules::gs1::is_cset_82;
use galen_rules::merkle::SERIAL_LENGTH;

/// A serial number in its 20 bytes.
pub type Padded = [u8; SERIAL_LENGTH];

/// Pads a serial number.
pub fn pad(text: &[u8]) -> Result<Padded, &'static str> {
    if text.is_empty() {
        return Err("The line is empty; each line has one serial number.");
    }
    if !text.iter().all(|byte| is_cset_82(*byte)) {
        return Err("The serial number has a character that GS1 does not allow in AI 21.");
    }
    let mut padded = [0; SERIAL_LENGTH];
    padded
        .get_mut(..text.len())
        .ok_or("The serial number is longer than 20 characters.")?
        .copy_from_slice(text);
    Ok(padded)
}

/// The serial number without its padding.
pub fn unpad(padded: &Padded) -> &[u8] {
    let length = padded
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(SERIAL_LENGTH);
    padded.get(..length).unwrap_or_default()
}
