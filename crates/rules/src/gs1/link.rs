//! GS1 Digital Link URIs, uncompressed (GS1 Digital Link: URI Syntax 1.2, sections 4.2 to 4.10).

use super::error::{Fault, Gs1Error, Place};
use super::format::lengths;
use super::message::{Ai, Message, MAX_TEXT};
use super::table::{self, Entry};

/// Segments of a path that are looked at: all elements in pairs, and as much in front of them.
const MAX_SEGMENTS: usize = 128;

/// Whether a text is a web address, and so, if a GS1 code, a Digital Link.
#[must_use]
pub fn is_link(text: &str) -> bool {
    after_scheme(text).is_some()
}

fn after_scheme(text: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start
            .eq_ignore_ascii_case(scheme)
            .then(|| text.get(scheme.len()..))?
    })
}

/// Reads a Digital Link.
pub(super) fn parse(text: &str) -> Result<Message, Gs1Error> {
    let no_key = Gs1Error::new(Fault::NoPrimaryKey, Place::Whole);
    let rest = after_scheme(text).ok_or(no_key)?;
    let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = address.split_once('/').ok_or(no_key)?;
    if host.is_empty() {
        return Err(no_key);
    }
    let mut message = Message::new();
    read_path(&mut message, path.strip_suffix('/').unwrap_or(path))?;
    for parameter in query
        .split(['&', ';'])
        .filter(|parameter| !parameter.is_empty())
    {
        read_parameter(&mut message, parameter)?;
    }
    Ok(message)
}

/// The rightmost pair of segments that is a primary key begins the elements; what stands in front of it is the
/// resolver's own.
fn read_path(message: &mut Message, path: &str) -> Result<(), Gs1Error> {
    let mut segments = [""; MAX_SEGMENTS];
    let mut count: usize = 0;
    for segment in path.split('/') {
        *segments
            .get_mut(count)
            .ok_or(Gs1Error::new(Fault::TooLarge, Place::Whole))? = segment;
        count = count.saturating_add(1);
    }
    let segments = segments.get(..count).unwrap_or_default();
    // Counted in pairs from the end.
    let (key, entry, start) = segments
        .rchunks_exact(2)
        .enumerate()
        .find_map(|(place, pair)| {
            let ai = Ai::new(pair.first()?)?;
            let entry = table::find(ai)?;
            let is_key = entry.qualifiers().is_some();
            let start = count.checked_sub(place.checked_add(1)?.checked_mul(2)?)?;
            is_key.then_some((ai, entry, start))
        })
        .ok_or(Gs1Error::new(Fault::NoPrimaryKey, Place::Whole))?;
    let mut pairs = segments.get(start..).unwrap_or_default().chunks_exact(2);
    if let Some([_, value]) = pairs.next() {
        push_key(message, key, value)?;
    }
    let mut given = [None; 4];
    for (slot, pair) in pairs.enumerate() {
        let [name, value] = pair else { break };
        let place = Gs1Error::at(Fault::QualifierOrder, key);
        let ai = Ai::new(name).ok_or(place)?;
        *given.get_mut(slot).ok_or(place)? = Some(ai);
        push(message, ai, value)?;
    }
    if is_in_order(entry, &given) {
        Ok(())
    } else {
        Err(Gs1Error::at(Fault::QualifierOrder, key))
    }
}

/// Whether the qualifiers are some of one of the key's sequences, in its order.
fn is_in_order(entry: &Entry, given: &[Option<Ai>]) -> bool {
    entry.qualifiers().is_some_and(|mut sequences| {
        sequences.any(|sequence| {
            let mut allowed = sequence.split(',');
            given
                .iter()
                .flatten()
                .all(|ai| allowed.any(|name| name == ai.as_str()))
        })
    })
}

fn read_parameter(message: &mut Message, parameter: &str) -> Result<(), Gs1Error> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    // Names that are not all digits belong to others: `linkType`, `utm_source`.
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let ai = Ai::new(name).ok_or(Gs1Error::new(Fault::UnknownAi, Place::Whole))?;
    let entry = table::find(ai).ok_or(Gs1Error::at(Fault::UnknownAi, ai))?;
    if !entry.is_attribute {
        return Err(Gs1Error::at(Fault::NotAnAttribute, ai));
    }
    push(message, ai, value)
}

/// A GTIN may be given with 8, 12 or 13 digits; it is one of 14 with zeros in front (URI Syntax 4.3).
fn push_key(message: &mut Message, key: Ai, value: &str) -> Result<(), Gs1Error> {
    if key.as_str() != "01" || !matches!(value.len(), 8 | 12 | 13) || !value.is_ascii() {
        return push(message, key, value);
    }
    let (_, length) = table::find(key).map_or((0, 0), |entry| lengths(entry.format));
    let mut padded = [b'0'; 14];
    let start = length.saturating_sub(value.len());
    if let Some(digits) = padded.get_mut(start..) {
        digits.copy_from_slice(value.as_bytes());
    }
    message.push(key, &padded)
}

fn push(message: &mut Message, ai: Ai, encoded: &str) -> Result<(), Gs1Error> {
    let mut value = [0; MAX_TEXT];
    let length = decode(encoded, &mut value).map_err(|fault| Gs1Error::at(fault, ai))?;
    message.push(ai, value.get(..length).unwrap_or_default())
}

/// Undoes percent-encoding.
fn decode(encoded: &str, value: &mut [u8]) -> Result<usize, Fault> {
    let mut length: usize = 0;
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        let decoded = if byte == b'%' {
            let mut digit = || {
                let digit = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(digit).ok()
            };
            let high = digit().ok_or(Fault::BadPercentEncoding)?;
            let low = digit().ok_or(Fault::BadPercentEncoding)?;
            (high << 4) | low
        } else {
            byte
        };
        *value.get_mut(length).ok_or(Fault::TooLarge)? = decoded;
        length = length.saturating_add(1);
    }
    Ok(length)
}
