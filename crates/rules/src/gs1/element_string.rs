//! Element strings: with brackets as people write them, or raw as scanners send them.

use super::date::two_digit_date;
use super::error::{Fault, Gs1Error, Place};
use super::format::lengths;
use super::message::{Ai, Message, MAX_TEXT};
use super::table::{self, Entry};

/// FNC1 as scanners send it between elements.
const GS: &str = "\u{1d}";
/// The same, as text.
const GS_NAME: &str = "<GS>";
/// FNC1 as GS1's own tools write it.
const CARET: &str = "^";
/// Symbology identifiers that stand for a GS1 code: DataMatrix, QR, DotCode, GS1-128, DataBar (General Specifications
/// figure 5.1.3-1).
const IDENTIFIERS: [&str; 5] = ["]d2", "]Q3", "]J1", "]C1", "]e0"];

/// Reads an element string in any form.
pub(super) fn parse(text: &str, year: u16) -> Result<Message, Gs1Error> {
    if text.is_empty() {
        return Err(Gs1Error::new(Fault::Empty, Place::Whole));
    }
    if text.starts_with('(') {
        return bracketed(text);
    }
    let marked = IDENTIFIERS
        .iter()
        .find_map(|identifier| text.strip_prefix(identifier));
    if text.starts_with(']') && marked.is_none() {
        return Err(Gs1Error::new(Fault::NotGs1, Place::Whole));
    }
    let rest = marked.unwrap_or(text);
    let has_caret = rest.starts_with(CARET);
    // Some scanners send the FNC1 in first position too.
    let body = [GS, GS_NAME, CARET]
        .iter()
        .find_map(|first| rest.strip_prefix(first))
        .unwrap_or(rest);
    let reader = Raw {
        year,
        has_caret,
        is_marked: marked.is_some()
            || body.len() < rest.len()
            || body.contains(GS)
            || body.contains(GS_NAME),
        offset: text.len().saturating_sub(body.len()),
    };
    reader.read(body)
}

/// A raw element string, and what is known about how it came.
struct Raw {
    year: u16,
    /// `^` is a separator.
    has_caret: bool,
    /// Something shows that it is a GS1 code whose reader sends FNC1.
    is_marked: bool,
    /// Bytes of the text before its body.
    offset: usize,
}

impl Raw {
    fn read(&self, body: &str) -> Result<Message, Gs1Error> {
        let mut message = Message::new();
        let mut rest = body;
        let mut has_separator = false;
        while !rest.is_empty() {
            let (ai, entry) =
                table::leading(rest.as_bytes()).ok_or_else(|| self.unknown(body, rest))?;
            let after = rest.get(ai.as_str().len()..).unwrap_or_default();
            let (value, next, separated) = self.value(ai, entry, after)?;
            if !separated && !entry.is_predefined {
                let swallowed = !has_separator
                    && (swallows_expiry(&message, ai, value, self.year)
                        || swallows_identity(&message, ai, value));
                if !self.is_marked || swallowed {
                    return Err(Gs1Error::at(Fault::Ambiguous, ai));
                }
            }
            message.push(ai, value.as_bytes())?;
            has_separator |= separated;
            rest = next;
        }
        if self.is_marked && !body.is_empty() {
            return Ok(message);
        }
        let fault = if body.is_empty() {
            Fault::Empty
        } else {
            Fault::NoFnc1
        };
        Err(Gs1Error::new(fault, Place::Whole))
    }

    /// The value at the start of a text, what follows it, and whether a separator stood between.
    fn value<'a>(
        &self,
        ai: Ai,
        entry: &Entry,
        text: &'a str,
    ) -> Result<(&'a str, &'a str, bool), Gs1Error> {
        let (_, most) = lengths(entry.format);
        let separator = self.separator(text);
        if entry.is_predefined {
            // A separator after a length that is known anyway is needless, and allowed.
            let end = separator.map_or(text.len(), |(at, _)| at);
            if end < most {
                return Err(Gs1Error::at(
                    if end == 0 {
                        Fault::EmptyValue
                    } else {
                        Fault::TooShort
                    },
                    ai,
                ));
            }
            let (value, next) = text
                .split_at_checked(most)
                .ok_or(Gs1Error::at(Fault::InvalidCharacter, ai))?;
            return Ok(match separator {
                Some((at, length)) if at == most => {
                    (value, next.get(length..).unwrap_or_default(), true)
                }
                _ => (value, next, false),
            });
        }
        match separator {
            Some((at, length)) => {
                let value = text.get(..at).unwrap_or_default();
                let next = text.get(at.saturating_add(length)..).unwrap_or_default();
                Ok((value, next, true))
            }
            None if text.len() > most => Err(Gs1Error::at(Fault::Ambiguous, ai)),
            None => Ok((text, "", false)),
        }
    }

    /// The next separator: where it stands, and its length.
    fn separator(&self, text: &str) -> Option<(usize, usize)> {
        let caret = if self.has_caret { CARET } else { GS };
        [GS, GS_NAME, caret]
            .iter()
            .filter_map(|separator| text.find(separator).map(|at| (at, separator.len())))
            .min()
    }

    fn unknown(&self, body: &str, rest: &str) -> Gs1Error {
        if !self.is_marked && body.len() == rest.len() {
            return Gs1Error::new(Fault::NotGs1, Place::Whole);
        }
        let at = body
            .len()
            .saturating_sub(rest.len())
            .saturating_add(self.offset);
        Gs1Error::new(Fault::UnknownAi, Place::Byte(at))
    }
}

/// Whether the last value seems to have swallowed the elements after it, for want of a separator: it holds an
/// expiry, which the code has nowhere else, up to its end or up to a lot, a serial number or a national one. Scanners that type
/// what they read drop the separators and nothing else.
fn swallows_expiry(message: &Message, ai: Ai, value: &str, year: u16) -> bool {
    if message.value("17").is_some() {
        return false;
    }
    let ends_so = |rest: &str| {
        rest.is_empty()
            || [
                "10", "21", "710", "711", "712", "713", "714", "715", "716", "717",
            ]
            .iter()
            .any(|next| {
                *next != ai.as_str()
                    && message.value(next).is_none()
                    && rest
                        .strip_prefix(next)
                        .is_some_and(|value| !value.is_empty())
            })
    };
    (1..value.len()).any(|start| {
        let expiry = value.get(start..).and_then(|text| text.strip_prefix("17"));
        expiry
            .and_then(|text| text.split_at_checked(6))
            .is_some_and(|(date, rest)| two_digit_date(date, year).is_ok() && ends_so(rest))
    })
}

/// Whether the last value seems to have swallowed the lot or the serial number after it. Either is as free as the value that it would be
/// cut from, so that it can be seen only by what the code lacks. Without a serial number no pack is known by the code: wherever one can be
/// cut off, it may be the pack's. A serial number is taken for itself, but where the code has an expiry: the laws that ask for both ask
/// for the lot as well (Delegated Regulation (EU) 2016/161, article 4; FDCA 581(14)).
fn swallows_identity(message: &Message, ai: Ai, value: &str) -> bool {
    let next = match ai.as_str() {
        "10" | "710" | "711" | "712" | "713" | "714" | "715" | "716" | "717" => "21",
        "21" if message.value("17").is_some() => "10",
        _ => return false,
    };
    message.value(next).is_none()
        && (1..value.len()).any(|start| {
            value
                .get(start..)
                .and_then(|text| text.strip_prefix(next))
                .is_some_and(|value| !value.is_empty())
        })
}

fn bracketed(text: &str) -> Result<Message, Gs1Error> {
    let mut message = Message::new();
    let mut rest = text;
    while !rest.is_empty() {
        let place = Place::Byte(text.len().saturating_sub(rest.len()));
        let (ai, after) = rest
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'))
            .and_then(|(digits, after)| Ai::new(digits).map(|ai| (ai, after)))
            .ok_or(Gs1Error::new(Fault::BadBrackets, place))?;
        if table::find(ai).is_none() {
            return Err(Gs1Error::at(Fault::UnknownAi, ai));
        }
        let mut value = [0; MAX_TEXT];
        let (length, next) =
            unescape(after, &mut value).ok_or(Gs1Error::new(Fault::TooLarge, Place::Whole))?;
        message.push(ai, value.get(..length).unwrap_or_default())?;
        rest = next;
    }
    Ok(message)
}

/// Copies a value up to the next opening bracket that is not escaped; its length, and what follows it.
fn unescape<'a>(text: &'a str, value: &mut [u8]) -> Option<(usize, &'a str)> {
    let mut length: usize = 0;
    let mut rest = text;
    loop {
        let (byte, after) = match rest.strip_prefix("\\(") {
            Some(after) => (b'(', after),
            None => match rest.as_bytes().first() {
                None | Some(b'(') => return Some((length, rest)),
                // A byte of a longer character stands for it: it is refused as no character of the set.
                Some(byte) if byte.is_ascii() => (*byte, rest.get(1..)?),
                Some(byte) => (*byte, rest.get(rest.chars().next()?.len_utf8()..)?),
            },
        };
        *value.get_mut(length)? = byte;
        length = length.checked_add(1)?;
        rest = after;
    }
}
