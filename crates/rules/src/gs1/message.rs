//! A code that has been read: its elements, in order, in memory of its own.

use core::fmt;

use super::error::{Fault, Gs1Error, Place};
use super::table;

/// Bytes of values that one code can have. A GS1 DataMatrix, the largest, holds 2,335 characters in its largest size,
/// which no pack carries; GS1 DotCode and QR codes on packs stay far below this as well.
pub const MAX_TEXT: usize = 1024;
/// Elements that one code can have.
pub const MAX_ELEMENTS: usize = 32;

/// An Application Identifier: two to four digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ai {
    digits: [u8; 4],
    length: u8,
}

impl Ai {
    const NONE: Self = Self {
        digits: [b'0'; 4],
        length: 0,
    };

    /// An Application Identifier by its digits; none where these are not two to four digits. Whether GS1 has
    /// assigned it is another question.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !(2..=4).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut digits = [b'0'; 4];
        digits.get_mut(..bytes.len())?.copy_from_slice(bytes);
        let length = u8::try_from(bytes.len()).ok()?;
        Some(Self { digits, length })
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.digits
            .get(..usize::from(self.length))
            .and_then(|digits| core::str::from_utf8(digits).ok())
            .unwrap_or_default()
    }

    /// Whether readers know the length of its value beforehand, so that no separator follows it in an element string
    /// (General Specifications, figure 7.8.5-2). False for one that GS1 has not assigned.
    #[must_use]
    pub fn is_predefined(&self) -> bool {
        table::find(*self).is_some_and(|entry| entry.is_predefined)
    }
}

impl fmt::Display for Ai {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ai {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "({self})")
    }
}

/// An Application Identifier with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// Which.
    pub ai: Ai,
    /// Its value, without separators and encodings.
    pub value: &'a str,
}

#[derive(Clone, Copy)]
struct Slot {
    ai: Ai,
    start: usize,
    end: usize,
}

/// The elements of one code.
#[derive(Clone)]
pub struct Message {
    text: [u8; MAX_TEXT],
    used: usize,
    slots: [Slot; MAX_ELEMENTS],
    count: usize,
}

impl Message {
    pub(super) const fn new() -> Self {
        Self {
            text: [0; MAX_TEXT],
            used: 0,
            slots: [Slot {
                ai: Ai::NONE,
                start: 0,
                end: 0,
            }; MAX_ELEMENTS],
            count: 0,
        }
    }

    /// Appends an element; an empty value is refused here, for all forms alike.
    pub(super) fn push(&mut self, ai: Ai, value: &[u8]) -> Result<(), Gs1Error> {
        if value.is_empty() {
            return Err(Gs1Error::at(Fault::EmptyValue, ai));
        }
        if !value.iter().all(u8::is_ascii) {
            return Err(Gs1Error::at(Fault::InvalidCharacter, ai));
        }
        let too_large = Gs1Error::new(Fault::TooLarge, Place::Whole);
        let start = self.used;
        let end = start.checked_add(value.len()).ok_or(too_large)?;
        let slot = self.slots.get_mut(self.count).ok_or(too_large)?;
        self.text
            .get_mut(start..end)
            .ok_or(too_large)?
            .copy_from_slice(value);
        *slot = Slot { ai, start, end };
        self.used = end;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// The elements, in the order of the code.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.slots.iter().take(self.count).map(|slot| Element {
            ai: slot.ai,
            value: self
                .text
                .get(slot.start..slot.end)
                .and_then(|value| core::str::from_utf8(value).ok())
                .unwrap_or_default(),
        })
    }

    /// The value of an Application Identifier, if the code has it.
    #[must_use]
    pub fn value(&self, ai: &str) -> Option<&str> {
        self.elements()
            .find(|element| element.ai.as_str() == ai)
            .map(|element| element.value)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_list().entries(self.elements()).finish()
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.elements().eq(other.elements())
    }
}

impl Eq for Message {}

/// As the human-readable interpretation has it: `(01)09524000059109(21)12345678p901`.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for element in self.elements() {
            write!(f, "({})", element.ai)?;
            for c in element.value.chars() {
                if c == '(' {
                    f.write_str("\\")?;
                }
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}
