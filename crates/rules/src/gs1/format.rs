//! Whether a value has the format of its Application Identifier.

use super::error::{Fault, Gs1Error};
use super::lint;
use super::message::Element;
use super::table;

/// Whether a byte is in GS1 AI encodable character set 82 (General Specifications 7.11, figure 1).
#[must_use]
pub fn is_cset_82(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&byte)
}

/// Whether a byte is in GS1 AI encodable character set 39 (General Specifications 7.11, figure 2).
#[must_use]
pub fn is_cset_39(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() || b"#-/".contains(&byte)
}

/// One part of a value, as the Syntax Dictionary writes it: `N13,csum,key`, `X..20`, `[N4],hhmi`.
#[derive(Clone, Copy)]
struct Component {
    class: u8,
    least: usize,
    most: usize,
    is_optional: bool,
    linters: &'static str,
}

impl Component {
    fn read(text: &'static str) -> Option<Self> {
        let (form, linters) = text.split_once(',').unwrap_or((text, ""));
        let is_optional = form.starts_with('[');
        let form = form.trim_matches(['[', ']']);
        let (class, length) = form.split_at_checked(1)?;
        let (least, most) = match length.strip_prefix("..") {
            Some(most) => (1, most.parse().ok()?),
            None => (length.parse().ok()?, length.parse().ok()?),
        };
        Some(Self {
            class: *class.as_bytes().first()?,
            least,
            most,
            is_optional,
            linters,
        })
    }

    fn allows(self, byte: u8) -> bool {
        match self.class {
            b'N' => byte.is_ascii_digit(),
            b'X' => is_cset_82(byte),
            b'Y' => is_cset_39(byte),
            b'Z' => byte.is_ascii_alphanumeric() || b"-_=".contains(&byte),
            _ => false,
        }
    }
}

fn components(format: &'static str) -> impl Iterator<Item = Component> {
    format.split_ascii_whitespace().filter_map(Component::read)
}

/// The least and the greatest length that a format allows.
pub(super) fn lengths(format: &'static str) -> (usize, usize) {
    components(format).fold((0, 0), |(least, most), part| {
        let needed = if part.is_optional { 0 } else { part.least };
        (
            usize::saturating_add(least, needed),
            usize::saturating_add(most, part.most),
        )
    })
}

/// Checks a value against the format of its Application Identifier, in the year `year`.
///
/// # Errors
/// What is wrong with it, placed at the Application Identifier.
pub(super) fn check(element: Element, year: u16) -> Result<(), Gs1Error> {
    let entry = table::find(element.ai).ok_or(Gs1Error::at(Fault::UnknownAi, element.ai))?;
    value(entry.format, element.value, year).map_err(|fault| Gs1Error::at(fault, element.ai))
}

fn value(format: &'static str, value: &str, year: u16) -> Result<(), Fault> {
    let (least, most) = lengths(format);
    if value.len() > most {
        return Err(Fault::TooLong);
    }
    if value.len() < least {
        return Err(Fault::TooShort);
    }
    let mut rest = value;
    for part in components(format) {
        if rest.is_empty() && part.is_optional {
            break;
        }
        let length = rest.len().min(part.most);
        let (piece, after) = rest
            .split_at_checked(length)
            .ok_or(Fault::InvalidCharacter)?;
        if piece.len() < part.least {
            return Err(Fault::TooShort);
        }
        if !piece.bytes().all(|byte| part.allows(byte)) {
            return Err(Fault::InvalidCharacter);
        }
        for linter in part.linters.split(',').filter(|name| !name.is_empty()) {
            lint::check(linter, piece, year)?;
        }
        rest = after;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Fault::TooLong)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn the_character_sets_have_their_sizes() {
        let count = |within: fn(u8) -> bool| (0..=u8::MAX).filter(|byte| within(*byte)).count();
        assert_eq!((count(is_cset_82), count(is_cset_39)), (82, 39));
    }

    #[test]
    fn every_entry_of_the_table_is_understood() {
        for entry in table::TABLE {
            let parts = entry.format.split_ascii_whitespace();
            for part in parts {
                let component = Component::read(part).unwrap_or_else(|| panic!("{part}"));
                assert!(b"NXYZ".contains(&component.class), "{part}");
                assert!(component.least <= component.most && component.most <= 90);
                for linter in component.linters.split(',').filter(|name| !name.is_empty()) {
                    assert!(lint::is_known(linter), "{linter}");
                }
            }
            let (least, most) = lengths(entry.format);
            // Lengths that a reader knows beforehand are fixed.
            assert!(!entry.is_predefined || least == most, "{}", entry.first);
        }
    }
}
