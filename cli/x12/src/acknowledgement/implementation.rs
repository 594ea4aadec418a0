//! 999: whether the form of each transaction set was accepted, and if not, which segment and element is wrong.

use galen_documents::Problem;

use crate::fault::{Fault, Kind, Place};
use crate::professional::{ClaimSet, Professional};
use crate::writer::{Envelope, Guide, Writer};

const GUIDE: Guide = Guide {
    function: "FA",
    set: "999",
    version: "005010X231A1",
    version_in_set: true,
};

/// What stands for a segment whose identifier is not one.
const UNREADABLE: &str = "ZZZ";
/// The most characters of a wrong element that are sent back (IK404).
const MOST_COPIED: usize = 99;

/// What a 999 says of a transaction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A.
    Accepted,
    /// E: accepted, though some claims are not readable.
    AcceptedWithErrors,
    /// R.
    Rejected,
}

impl Verdict {
    /// The verdict about a transaction set.
    pub fn of(set: &ClaimSet) -> Self {
        if set.header.is_err() {
            return Self::Rejected;
        }
        let faults = errors(set).count();
        match faults {
            0 => Self::Accepted,
            faults if faults == set.claims.len() => Self::Rejected,
            _ => Self::AcceptedWithErrors,
        }
    }

    /// IK501 and, for a group whose sets all have the same, AK901.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "A",
            Self::AcceptedWithErrors => "E",
            Self::Rejected => "R",
        }
    }
}

/// The claims whose form is wrong, with their numbers.
fn errors(set: &ClaimSet) -> impl Iterator<Item = (&str, &Fault)> {
    set.claims.iter().filter_map(|entry| match &entry.claim {
        Err(fault) if fault.kind.is_syntax() => Some((entry.control_number.as_str(), fault)),
        _ => None,
    })
}

/// Writes the 999: one transaction set for each functional group.
///
/// # Errors
/// `invalid_character`, `invalid_value`, where what was read cannot be written.
pub fn write_999(read: &Professional, envelope: &Envelope) -> Result<String, Problem> {
    let mut writer = Writer::new(envelope, GUIDE);
    for (index, group) in read.interchange.groups.iter().enumerate() {
        writer.begin_set();
        writer.segment("AK1", &[&group.function, &group.control, &group.version]);
        let sets: Vec<_> = read.sets.iter().filter(|set| set.group == index).collect();
        for set in &sets {
            let Some(original) = group.sets.get(set.index) else {
                continue;
            };
            writer.segment(
                "AK2",
                &[
                    &original.kind,
                    &original.control,
                    original.version.as_deref().unwrap_or_default(),
                ],
            );
            write_set(&mut writer, set);
        }
        let verdicts: Vec<_> = sets.iter().map(|set| Verdict::of(set)).collect();
        let accepted = verdicts
            .iter()
            .filter(|verdict| **verdict != Verdict::Rejected)
            .count();
        let all = |verdict| verdicts.iter().all(|found| *found == verdict);
        let code = if all(Verdict::Accepted) {
            "A"
        } else if accepted == verdicts.len() {
            "E"
        } else if accepted == 0 {
            "R"
        } else {
            "P"
        };
        let count = verdicts.len().to_string();
        writer.segment("AK9", &[code, &count, &count, &accepted.to_string()]);
    }
    writer.finish(envelope)
}

fn write_set(writer: &mut Writer, set: &ClaimSet) {
    let mut code = "";
    match &set.header {
        Err(fault) => match trailer_code(fault) {
            Some(of_trailer) => code = of_trailer,
            None => {
                write_fault(writer, "", fault);
                code = "5";
            }
        },
        Ok(_) => {
            for (number, fault) in errors(set) {
                write_fault(writer, number, fault);
                code = "5";
            }
        }
    }
    writer.segment("IK5", &[Verdict::of(set).code(), code]);
}

/// What is wrong with a transaction set as such (IK502).
fn trailer_code(fault: &Fault) -> Option<&'static str> {
    match (fault.kind, fault.place.id.as_str()) {
        (Kind::ControlNumber, _) => Some("3"),
        (Kind::Count, _) => Some("4"),
        (Kind::InvalidCode, "ST") => Some("6"),
        (Kind::Duplicate, "ST") => Some("23"),
        (Kind::UnsupportedVersion, _) => Some("I6"),
        _ => None,
    }
}

/// IK304, and IK403 where an element is wrong.
fn codes(fault: &Fault) -> (&'static str, Option<&'static str>) {
    let of_element = match fault.kind {
        Kind::MissingElement => "1",
        Kind::TooManyElements => "3",
        Kind::ElementTooLong => "5",
        Kind::InvalidCharacter | Kind::InvalidValue | Kind::TooManyDecimals => "6",
        Kind::InvalidDate => "8",
        _ => "7",
    };
    let of_segment = match fault.kind {
        Kind::UnexpectedSegment if fault.place.id == "?" => "1",
        Kind::MissingSegment => "3",
        Kind::TooManySegments => "5",
        Kind::SegmentOrder => "7",
        _ => "2",
    };
    match fault.place.element {
        Some(_) => ("8", Some(of_element)),
        None => (of_segment, None),
    }
}

fn write_fault(writer: &mut Writer, claim: &str, fault: &Fault) {
    let place = &fault.place;
    let (segment, element) = codes(fault);
    writer.segment(
        "IK3",
        &[
            &segment_id(fault),
            &place.in_set.to_string(),
            loop_id(place),
            segment,
        ],
    );
    if !claim.is_empty() {
        let context = writer.composite(&["CLM01", claim]);
        writer.segment("CTX", &[&context]);
    }
    let (Some(code), Some(number)) = (element, place.element) else {
        return;
    };
    let component = place.component.map(|component| component.to_string());
    let position = writer.composite(&[
        &number.to_string(),
        component.as_deref().unwrap_or_default(),
    ]);
    writer.segment("IK4", &[&position, "", code, &copy(fault)]);
}

/// The segment that is wrong, or the one that is missing.
fn segment_id(fault: &Fault) -> String {
    let missing = fault
        .found
        .as_deref()
        .filter(|_| fault.kind == Kind::MissingSegment);
    let id = missing.unwrap_or(&fault.place.id);
    let id: String = id
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(3)
        .collect();
    if id.len() < 2 {
        UNREADABLE.to_owned()
    } else {
        id
    }
}

/// The loop's number without the letters that tell its kinds apart: an identifier has at most four characters.
fn loop_id(place: &Place) -> &'static str {
    let digits = place
        .within
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count()
        .min(4);
    place.within.get(..digits).unwrap_or_default()
}

/// What stands in the wrong element, where it can be sent back.
fn copy(fault: &Fault) -> String {
    let is_missing = fault.kind == Kind::MissingElement;
    let found = fault
        .found
        .as_deref()
        .filter(|_| !is_missing)
        .unwrap_or_default();
    let is_writable = |character: char| !character.is_control() && !"*~:^".contains(character);
    if found.chars().all(is_writable) {
        found.chars().take(MOST_COPIED).collect()
    } else {
        String::new()
    }
}
