//! One segment: its elements by number, each refusal with its place.

use galen_rules::{Cents, Date};

use crate::element;
use crate::fault::{Fault, Kind, Place};

/// What separates what, as the ISA of the interchange says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Ends an element.
    pub element: char,
    /// Stands between repetitions of an element (ISA11).
    pub repetition: char,
    /// Stands between the components of an element (ISA16).
    pub component: char,
    /// Ends a segment.
    pub segment: char,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self {
            element: '*',
            repetition: '^',
            component: ':',
            segment: '~',
        }
    }
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its identifier, as `CLM`.
    pub id: String,
    elements: Vec<String>,
    delimiters: Delimiters,
    place: Place,
}

impl Segment {
    /// Reads a segment without its terminator.
    ///
    /// # Errors
    /// `unexpected_segment` for one that is empty or has no identifier, `invalid_character`, `too_many_elements`.
    pub(crate) fn parse(
        text: &str,
        delimiters: Delimiters,
        segment: usize,
        in_set: usize,
    ) -> Result<Self, Fault> {
        let mut parts = text.split(delimiters.element);
        let id = parts.next().unwrap_or_default();
        let place = Place {
            segment,
            in_set,
            id: id.to_owned(),
            ..Place::default()
        };
        let is_id = (2..=3).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !is_id {
            let shown: String = id.chars().take(10).collect();
            let place = Place {
                id: "?".to_owned(),
                ..place
            };
            let message = format!(
                "A segment starts with two or three capital letters or digits; found \"{shown}\"."
            );
            return Err(Fault::new(Kind::UnexpectedSegment, place, message));
        }
        let elements: Vec<String> = parts.map(str::to_owned).collect();
        let read = Self {
            id: id.to_owned(),
            elements,
            delimiters,
            place,
        };
        for (index, element) in read.elements.iter().enumerate() {
            if element.chars().any(char::is_control) {
                let number = index.saturating_add(1);
                return Err(read.fault(
                    Kind::InvalidCharacter,
                    number,
                    "An element has a control character (a line break, a tab, NUL); take it out.",
                ));
            }
        }
        if let Some(most) = most_elements(id).filter(|most| read.elements.len() > *most) {
            let message = format!(
                "{id} has at most {most} elements; here are {}.",
                read.elements.len()
            );
            return Err(read.fault(Kind::TooManyElements, most.saturating_add(1), message));
        }
        Ok(read)
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// The same segment, known to be in a loop.
    pub(crate) fn within(&self, within: &'static str) -> Self {
        let mut copy = self.clone();
        copy.place.within = within;
        copy
    }

    /// Where one of its elements stands.
    pub fn at(&self, element: usize) -> Place {
        Place {
            element: Some(element),
            ..self.place()
        }
    }

    /// Something wrong with one of its elements.
    pub fn fault(&self, kind: Kind, element: usize, message: impl Into<String>) -> Fault {
        Fault {
            found: self.text(element).map(str::to_owned),
            ..Fault::new(kind, self.at(element), message)
        }
    }

    /// Something wrong with a component of one of its elements.
    pub fn component_fault(
        &self,
        kind: Kind,
        element: usize,
        component: usize,
        message: impl Into<String>,
    ) -> Fault {
        let place = Place {
            component: Some(component),
            ..self.at(element)
        };
        Fault {
            found: self.component(element, component).map(str::to_owned),
            ..Fault::new(kind, place, message)
        }
    }

    /// Something wrong with the segment as such.
    pub fn whole_fault(&self, kind: Kind, message: impl Into<String>) -> Fault {
        Fault::new(kind, self.place(), message)
    }

    /// The number of its elements.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// An element, from 1; none where it is empty.
    pub fn text(&self, element: usize) -> Option<&str> {
        self.elements
            .get(element.checked_sub(1)?)
            .map(|text| text.trim_end_matches(' '))
            .filter(|text| !text.is_empty())
    }

    /// A component of an element, both from 1; none where it is empty.
    pub fn component(&self, element: usize, component: usize) -> Option<&str> {
        self.text(element)?
            .split(self.delimiters.component)
            .nth(component.checked_sub(1)?)
            .filter(|text| !text.is_empty())
    }

    /// The repetitions of an element.
    pub fn repetitions(&self, element: usize) -> impl Iterator<Item = &str> {
        self.text(element)
            .unwrap_or_default()
            .split(self.delimiters.repetition)
            .filter(|text| !text.is_empty())
    }

    /// An element that has to be there, of at most `most` characters.
    ///
    /// # Errors
    /// `missing_element`, `element_too_long`.
    pub fn required(&self, element: usize, most: usize) -> Result<&str, Fault> {
        self.optional(element, most)?.ok_or_else(|| {
            let message = format!("{}{element:02} has to be there and is empty.", self.id);
            self.fault(Kind::MissingElement, element, message)
        })
    }

    /// An element of at most `most` characters.
    ///
    /// # Errors
    /// `element_too_long`.
    pub fn optional(&self, element: usize, most: usize) -> Result<Option<&str>, Fault> {
        let text = self.text(element);
        match text {
            Some(text) if text.chars().count() > most => {
                let message = format!("{}{element:02} has at most {most} characters.", self.id);
                Err(self.fault(Kind::ElementTooLong, element, message))
            }
            _ => Ok(text),
        }
    }

    /// A component that has to be there.
    ///
    /// # Errors
    /// `missing_element`.
    pub fn required_component(&self, element: usize, component: usize) -> Result<&str, Fault> {
        self.component(element, component).ok_or_else(|| {
            let message = format!(
                "{}{element:02}-{component} has to be there and is empty.",
                self.id
            );
            self.component_fault(Kind::MissingElement, element, component, message)
        })
    }

    /// An element that is one of these codes.
    ///
    /// # Errors
    /// `missing_element`, `unknown_value`.
    pub fn code(&self, element: usize, codes: &[&str]) -> Result<&str, Fault> {
        let found = self.required(element, usize::MAX)?;
        if codes.contains(&found) {
            return Ok(found);
        }
        let message = format!(
            "{}{element:02} is one of {}; found \"{found}\".",
            self.id,
            codes.join(", ")
        );
        Err(self.fault(Kind::InvalidCode, element, message))
    }

    /// A day, as CCYYMMDD.
    ///
    /// # Errors
    /// `missing_element`, `invalid_date`.
    pub fn date(&self, element: usize) -> Result<Date, Fault> {
        let text = self.required(element, usize::MAX)?;
        element::date(text).ok_or_else(|| self.no_day(element, text))
    }

    /// One or several days: the day twice for D8, first and last for RD8. `qualifier` is the element that says which.
    ///
    /// # Errors
    /// `missing_element`, `unknown_value`, `invalid_date`.
    pub fn span(&self, qualifier: usize, element: usize) -> Result<(Date, Date), Fault> {
        if self.code(qualifier, &["D8", "RD8"])? == "D8" {
            return self.date(element).map(|day| (day, day));
        }
        let text = self.required(element, usize::MAX)?;
        let (first, last) = text
            .split_once('-')
            .and_then(|(first, last)| Some((element::date(first)?, element::date(last)?)))
            .ok_or_else(|| self.no_day(element, text))?;
        if last < first {
            let message = "The last day is before the first.";
            return Err(self.fault(Kind::InvalidDate, element, message));
        }
        Ok((first, last))
    }

    fn no_day(&self, element: usize, text: &str) -> Fault {
        let message = format!("\"{text}\" is no day of the calendar, as CCYYMMDD.");
        self.fault(Kind::InvalidDate, element, message)
    }

    /// An amount that has to be there, zero or more.
    ///
    /// # Errors
    /// `missing_element`, `invalid_value`, `negative_money`, `too_many_decimals`, `money_too_large`.
    pub fn money(&self, element: usize) -> Result<Cents, Fault> {
        let cents = self.signed_money(element)?;
        u64::try_from(cents).map(Cents::new).map_err(|_| {
            let message = format!(
                "An amount cannot be negative here; found {}.",
                self.text(element).unwrap_or_default()
            );
            self.fault(Kind::NegativeMoney, element, message)
        })
    }

    /// An amount that has to be there, in cents.
    ///
    /// # Errors
    /// As [`Segment::money`], without `negative_money`.
    pub fn signed_money(&self, element: usize) -> Result<i64, Fault> {
        let text = self.required(element, usize::MAX)?;
        element::cents(text).map_err(|(kind, message)| self.fault(kind, element, message))
    }

    /// A count.
    ///
    /// # Errors
    /// `missing_element`, `invalid_value`.
    pub fn count(&self, element: usize) -> Result<usize, Fault> {
        let text = self.required(element, usize::MAX)?;
        let digits = text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<usize>()
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| {
                let message = format!("A count is digits alone; found \"{text}\".");
                self.fault(Kind::InvalidValue, element, message)
            })
    }

    /// The segment in the form that Galen writes, whatever separated its elements.
    pub(crate) fn canonical(&self) -> String {
        let own = Delimiters::default();
        let mut text = self.id.clone();
        for number in 1..=self.elements.len() {
            text.push(own.element);
            for character in self.text(number).unwrap_or_default().chars() {
                text.push(if character == self.delimiters.component {
                    own.component
                } else if character == self.delimiters.repetition {
                    own.repetition
                } else {
                    character
                });
            }
        }
        let kept = text.trim_end_matches(own.element).len();
        text.truncate(kept);
        text.push(own.segment);
        text
    }
}

/// How many elements a segment has in version 005010, for those that Galen reads.
fn most_elements(id: &str) -> Option<usize> {
    Some(match id {
        "ISA" => 16,
        "GS" => 8,
        "ST" => 3,
        "SE" | "GE" | "IEA" | "N3" => 2,
        "FRM" => 5,
        "BHT" => 6,
        "NM1" => 12,
        "N1" => 6,
        "N4" => 7,
        "PER" | "SBR" | "PAT" => 9,
        "HL" | "REF" | "TRN" | "QTY" => 4,
        "PRV" | "OI" => 6,
        "DMG" => 11,
        "CLM" => 20,
        "DTP" | "AMT" | "LQ" => 3,
        "DTM" => 6,
        "HI" => 12,
        "CAS" => 19,
        "LX" => 1,
        "SV1" => 21,
        "SVD" => 6,
        "SVC" => 7,
        "CLP" => 14,
        "PLB" => 14,
        "EQ" => 5,
        "BPR" => 16,
        _ => return None,
    })
}
