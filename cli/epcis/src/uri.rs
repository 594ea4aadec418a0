//! Identifiers as the one canonical GS1 Digital Link that stands for them (CBV 2.0, 8.9; TDS 1.13; GS1 Digital Link:
//! URI Syntax 1.2, 4.11).

use galen_rules::gs1::{check_digit, is_cset_39, is_cset_82};

const RESOLVER: &str = "https://id.gs1.org";
/// Primary keys with the short names that they once had.
const KEYS: [(&str, &str); 15] = [
    ("00", "sscc"),
    ("01", "gtin"),
    ("253", "gdti"),
    ("255", "gcn"),
    ("401", "ginc"),
    ("402", "gsin"),
    ("414", "gln"),
    ("417", "party"),
    ("8003", "grai"),
    ("8004", "giai"),
    ("8006", "itip"),
    ("8010", "cpid"),
    ("8013", "gmn"),
    ("8017", "gsrnp"),
    ("8018", "gsrn"),
];
const QUALIFIERS: [(&str, &str); 6] = [
    ("22", "cpv"),
    ("10", "lot"),
    ("21", "ser"),
    ("235", "tpx"),
    ("254", "glnx"),
    ("8011", "cpsn"),
];

/// The canonical Digital Link of an EPC, an EPC class, an EPC pattern or a Digital Link; none where the text is none
/// of these.
pub fn canonical(text: &str) -> Option<String> {
    let path = if let Some(rest) = text.strip_prefix("urn:epc:id:") {
        let (scheme, body) = rest.split_once(':')?;
        instance(scheme, body)
    } else if let Some(body) = text.strip_prefix("urn:epc:class:lgtin:") {
        let (gtin, lot) = gtin(body)?;
        tail(lot, 20).map(|lot| format!("/01/{gtin}/10/{lot}"))
    } else if let Some(rest) = text.strip_prefix("urn:epc:idpat:") {
        let (scheme, body) = rest.split_once(':')?;
        pattern(scheme, body.strip_suffix(".*")?)
    } else {
        let address = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))?;
        link(address)
    };
    path.map(|path| format!("{RESOLVER}{path}"))
}

fn instance(scheme: &str, body: &str) -> Option<String> {
    match scheme {
        "sgtin" => {
            let (gtin, serial) = gtin(body)?;
            Some(format!("/01/{gtin}/21/{}", tail(serial, 20)?))
        }
        "upui" => {
            let (gtin, serial) = gtin(body)?;
            Some(format!("/01/{gtin}/235/{}", tail(serial, 28)?))
        }
        "itip" => {
            let (gtin, rest) = gtin(body)?;
            let (piece, rest) = rest.split_once('.')?;
            let (total, serial) = rest.split_once('.')?;
            let serial = tail(serial, 20)?;
            Some(format!(
                "/8006/{gtin}{}{}/21/{serial}",
                digits(piece, 2)?,
                digits(total, 2)?
            ))
        }
        "sscc" => {
            let (prefix, rest) = company(body)?;
            let (extension, serial) = rest.split_at_checked(1)?;
            Some(format!(
                "/00/{}",
                checked(&format!("{extension}{prefix}{serial}"), 17)?
            ))
        }
        "sgln" => {
            let (gln, extension) = keyed(body, 12)?;
            let extension = tail(extension, 20)?;
            Some(match extension.as_str() {
                "0" => format!("/414/{gln}"),
                _ => format!("/414/{gln}/254/{extension}"),
            })
        }
        "pgln" => {
            let (prefix, rest) = company(body)?;
            Some(format!("/417/{}", checked(&format!("{prefix}{rest}"), 12)?))
        }
        "grai" => {
            let (key, serial) = keyed(body, 12)?;
            Some(format!("/8003/0{key}{}", tail(serial, 16)?))
        }
        "gdti" => {
            let (key, serial) = keyed(body, 12)?;
            Some(format!("/253/{key}{}", tail(serial, 20)?))
        }
        "sgcn" => {
            let (key, serial) = keyed(body, 12)?;
            (1..=12)
                .contains(&serial.len())
                .then(|| digits(serial, serial.len()))
                .flatten()?;
            Some(format!("/255/{key}{serial}"))
        }
        "giai" | "ginc" => {
            let (prefix, rest) = company(body)?;
            let key = if scheme == "giai" { "8004" } else { "401" };
            Some(format!(
                "/{key}/{prefix}{}",
                tail(rest, 30_usize.checked_sub(prefix.len())?)?
            ))
        }
        "gsrn" | "gsrnp" => {
            let (prefix, rest) = company(body)?;
            let key = if scheme == "gsrn" { "8018" } else { "8017" };
            Some(format!(
                "/{key}/{}",
                checked(&format!("{prefix}{rest}"), 17)?
            ))
        }
        "gsin" => {
            let (prefix, rest) = company(body)?;
            Some(format!("/402/{}", checked(&format!("{prefix}{rest}"), 16)?))
        }
        "cpi" => {
            let (part, serial) = body.rsplit_once('.')?;
            (1..=12)
                .contains(&serial.len())
                .then(|| digits(serial, serial.len()))
                .flatten()?;
            Some(format!("/8010/{}/8011/{serial}", component(part)?))
        }
        _ => None,
    }
}

fn pattern(scheme: &str, body: &str) -> Option<String> {
    match scheme {
        "sgtin" | "upui" => {
            let (gtin, rest) =
                gtin(&format!("{body}.")).map(|(gtin, rest)| (gtin, rest.to_owned()))?;
            rest.is_empty().then(|| format!("/01/{gtin}"))
        }
        "itip" => {
            let (gtin, rest) = gtin(body)?;
            let (piece, total) = rest.split_once('.')?;
            Some(format!(
                "/8006/{gtin}{}{}",
                digits(piece, 2)?,
                digits(total, 2)?
            ))
        }
        "grai" | "gdti" | "sgcn" => {
            let (prefix, rest) = company(body)?;
            let key = checked(&format!("{prefix}{rest}"), 12)?;
            Some(match scheme {
                "grai" => format!("/8003/0{key}"),
                "gdti" => format!("/253/{key}"),
                _ => format!("/255/{key}"),
            })
        }
        "cpi" => Some(format!("/8010/{}", component(body)?)),
        _ => None,
    }
}

/// Company prefix of 6 to 12 digits, and what follows its point.
fn company(body: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = body.split_once('.')?;
    ((6..=12).contains(&prefix.len()) && is_digits(prefix)).then_some((prefix, rest))
}

/// The GTIN of `prefix.item`, the item reference beginning with the indicator digit, and what follows.
fn gtin(body: &str) -> Option<(String, &str)> {
    let (prefix, rest) = company(body)?;
    let (item, rest) = rest.split_once('.')?;
    let (indicator, item) = item.split_at_checked(1)?;
    Some((checked(&format!("{indicator}{prefix}{item}"), 13)?, rest))
}

/// The key of `prefix.reference`, with its check digit, and what follows.
fn keyed(body: &str, length: usize) -> Option<(String, &str)> {
    let (prefix, rest) = company(body)?;
    let (reference, rest) = rest.split_once('.')?;
    Some((checked(&format!("{prefix}{reference}"), length)?, rest))
}

fn checked(body: &str, length: usize) -> Option<String> {
    let body = digits(body, length)?;
    let digit = check_digit(body.as_bytes())?;
    Some(format!("{body}{}", char::from(digit)))
}

fn digits(text: &str, length: usize) -> Option<&str> {
    (text.len() == length && is_digits(text)).then_some(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A component and part identifier: company prefix and reference.
fn component(body: &str) -> Option<String> {
    let (prefix, reference) = company(body)?;
    let most = 30_usize.checked_sub(prefix.len())?;
    let characters = characters(reference, is_cset_39)?;
    (1..=most)
        .contains(&characters)
        .then(|| format!("{prefix}{}", encoded(reference)))
}

/// A serial number or lot, with the characters percent-encoded that a Digital Link does not take.
fn tail(text: &str, most: usize) -> Option<String> {
    let characters = characters(text, is_cset_82)?;
    (1..=most).contains(&characters).then(|| encoded(text))
}

/// How many characters a text with percent-encoding has, if all are allowed.
fn characters(text: &str, is_allowed: fn(u8) -> bool) -> Option<usize> {
    let mut count = 0;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let mut hexadecimal = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(hexadecimal()? * 16 + hexadecimal()?).ok()?
            }
            b'"' | b'&' | b'/' | b'<' | b'>' | b'?' => return None,
            plain => plain,
        };
        is_allowed(byte).then_some(())?;
        count += 1;
    }
    Some(count)
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '!' | '(' | ')' | '*' | '+' | ',' | ':' => {
                encoded.push_str(&format!("%{:02X}", u32::from(c)))
            }
            _ => encoded.push(c),
        }
    }
    encoded
}

/// A Digital Link without its resolver, its query, and all but the finest level of identification.
fn link(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next()?;
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let name = |names: &[(&'static str, &str)], segment: &str| {
        let found = names
            .iter()
            .find(|(ai, short)| segment == *ai || segment == *short);
        found.map(|(ai, _)| *ai)
    };
    let is_value =
        |text: &str| text.len() > 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let (start, key) = (0..segments.len()).find_map(|at| {
        let value = segments.get(at + 1)?;
        name(&KEYS, segments.get(at)?)
            .filter(|_| is_value(value))
            .map(|key| (at, key))
    })?;
    let value = segments.get(start + 1)?;
    let mut given = Vec::new();
    let pairs = segments.get(start + 2..)?;
    if pairs.len() % 2 != 0 {
        return None;
    }
    for pair in pairs.chunks_exact(2) {
        let [segment, value] = pair else { return None };
        given.push((name(&QUALIFIERS, segment)?, *value));
    }
    let finest = finest(key, &given)?;
    let value = key_value(key, value)?;
    Some(match finest {
        None => format!("/{key}/{value}"),
        Some((qualifier, text)) => {
            let most = match qualifier {
                "235" => 28,
                "8011" => 12,
                _ => 20,
            };
            (characters(text, is_cset_82)? <= most)
                .then(|| format!("/{key}/{value}/{qualifier}/{text}"))?
        }
    })
}

/// The qualifier that identifies most finely; none where one does not belong to the key.
fn finest<'a>(
    key: &str,
    given: &[(&'static str, &'a str)],
) -> Option<Option<(&'static str, &'a str)>> {
    let allowed: &[&str] = match key {
        "01" => &["22", "10", "21", "235"],
        "8006" => &["22", "10", "21"],
        "414" => &["254"],
        "8010" => &["8011"],
        _ => &[],
    };
    if !given
        .iter()
        .all(|(qualifier, _)| allowed.contains(qualifier))
    {
        return None;
    }
    let last = ["21", "235", "10", "254", "8011"]
        .iter()
        .find_map(|wanted| given.iter().find(|(qualifier, _)| qualifier == wanted));
    Some(last.copied())
}

/// The value of a primary key, of its length; GTINs padded to 14 digits.
fn key_value(key: &str, value: &str) -> Option<String> {
    let numbered = |length: usize, most: usize| {
        let (number, rest) = value.split_at_checked(length)?;
        let fits = is_digits(number) && characters(rest, is_cset_82)? <= most;
        fits.then(|| value.to_owned())
    };
    match key {
        "01" if matches!(value.len(), 8 | 12 | 13) && is_digits(value) => {
            Some(format!("{value:0>14}"))
        }
        "01" => numbered(14, 0),
        "00" | "8006" | "8017" | "8018" => numbered(18, 0),
        "402" => numbered(17, 0),
        "414" | "417" => numbered(13, 0),
        "253" => numbered(13, 17),
        "255" => numbered(13, 12),
        "8003" => numbered(14, 16),
        "401" | "8004" | "8010" => numbered(4, 26),
        _ => None,
    }
}
