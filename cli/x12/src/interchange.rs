//! The envelope: interchange, functional groups, transaction sets, with every count and control number checked.

use std::collections::BTreeSet;

use galen_rules::Date;

use crate::element;
use crate::fault::{Fault, Kind, Place};
pub use crate::segment::{Delimiters, Segment};

/// Characters of an ISA with its terminator: the only segment of fixed width, because it says how the others are read.
const ISA_LENGTH: usize = 106;

/// Widths of the ISA's elements.
const ISA_WIDTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// The version that Galen reads and writes.
pub const VERSION: &str = "00501";

/// Who sends or receives an interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What sort of number it is, as `ZZ` (mutually agreed) or `30` (a US tax number).
    pub qualifier: String,
    /// The number, without the blanks that fill it up.
    pub id: String,
}

/// Whether an interchange is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// ISA15 = P.
    Production,
    /// ISA15 = T.
    Test,
}

impl Usage {
    /// ISA15.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Production => "P",
            Self::Test => "T",
        }
    }
}

/// An interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interchange {
    /// Who sends it.
    pub sender: Identity,
    /// Who receives it.
    pub receiver: Identity,
    /// ISA13, nine digits.
    pub control: String,
    /// ISA15.
    pub usage: Usage,
    /// In order.
    pub groups: Vec<Group>,
}

/// A functional group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// GS01, as `HC` for claims.
    pub function: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04.
    pub date: Date,
    /// GS06.
    pub control: String,
    /// GS08, as `005010X222A1`.
    pub version: String,
    /// The GS itself, for places.
    pub header: Segment,
    /// In order.
    pub sets: Vec<Set>,
}

/// A transaction set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// ST01, as `837`.
    pub kind: String,
    /// ST02.
    pub control: String,
    /// ST03, where it is given.
    pub version: Option<String>,
    /// The ST itself, for places.
    pub header: Segment,
    /// The segments between ST and SE.
    pub segments: Vec<Segment>,
    /// Where the SE stands, or should.
    pub end: Place,
    /// What is wrong with its trailer: it is refused, the rest of the interchange is not.
    pub fault: Option<Fault>,
}

/// Reads an interchange.
///
/// # Errors
/// `not_x12`, `truncated`, `unsupported_version`, `unsupported`, `invalid_character`, `unexpected_segment`,
/// `missing_segment`, `control_number_mismatch`, `count_mismatch`, `duplicate_number`, and those of its elements. What
/// concerns one transaction set alone is in [`Set::fault`].
pub fn read(text: &str) -> Result<Interchange, Fault> {
    let (delimiters, isa) = header(text)?;
    let mut parts = Parts::new(text, delimiters);
    // The ISA, read by its widths above.
    parts.next_text();
    let mut groups = Vec::new();
    let mut controls = BTreeSet::new();
    loop {
        let segment = parts.require("GS or IEA")?;
        match segment.id.as_str() {
            "GS" => {
                let group = group(segment, &mut parts)?;
                if !controls.insert(group.control.clone()) {
                    let message =
                        format!("The group control number {} stands twice.", group.control);
                    return Err(group.header.fault(Kind::Duplicate, 6, message));
                }
                groups.push(group);
            }
            "IEA" => {
                count(&segment, groups.len(), "functional groups")?;
                same_control(&segment, isa.required(13, 9)?)?;
                break;
            }
            _ => {
                let message = format!(
                    "{} cannot stand outside of a functional group (GS to GE).",
                    segment.id
                );
                return Err(segment.whole_fault(Kind::UnexpectedSegment, message));
            }
        }
    }
    parts.finish()?;
    let identity = |qualifier: usize| -> Result<Identity, Fault> {
        Ok(Identity {
            qualifier: isa.required(qualifier, 2)?.to_owned(),
            id: isa.required(qualifier.saturating_add(1), 15)?.to_owned(),
        })
    };
    Ok(Interchange {
        sender: identity(5)?,
        receiver: identity(7)?,
        control: isa.required(13, 9)?.to_owned(),
        usage: match isa.code(15, &["P", "T"])? {
            "T" => Usage::Test,
            _ => Usage::Production,
        },
        groups,
    })
}

/// The ISA, and what it says about delimiters.
fn header(text: &str) -> Result<(Delimiters, Segment), Fault> {
    let refused = |message: &str| Fault::new(Kind::NotX12, Place::default(), message);
    let fixed: Vec<char> = text.chars().take(ISA_LENGTH).collect();
    if !text.starts_with("ISA") {
        return Err(refused("An X12 interchange starts with ISA; this does not (a byte order mark or a blank before it counts)."));
    }
    if fixed.len() < ISA_LENGTH {
        return Err(refused(
            "The ISA has 106 characters with its terminator; the document is shorter.",
        ));
    }
    let at = |index: usize| fixed.get(index).copied().unwrap_or(' ');
    let delimiters = Delimiters {
        element: at(3),
        repetition: at(82),
        component: at(104),
        segment: at(105),
    };
    let all = [
        delimiters.element,
        delimiters.repetition,
        delimiters.component,
        delimiters.segment,
    ];
    let unusable = all.iter().any(|delimiter| {
        !delimiter.is_ascii()
            || delimiter.is_ascii_alphanumeric()
            || matches!(delimiter, ' ' | '-' | '.')
    });
    if unusable || all.iter().collect::<BTreeSet<_>>().len() < all.len() {
        return Err(refused("The four delimiters of the ISA (element, repetition, component, segment) are four different characters, none a letter, a digit, a blank, a hyphen or a point. Is an element of the ISA not filled up with blanks?"));
    }
    let line: String = fixed.iter().take(ISA_LENGTH.saturating_sub(1)).collect();
    for (element, width) in line.split(delimiters.element).skip(1).zip(ISA_WIDTHS) {
        if element.chars().count() != width {
            return Err(refused("The elements of the ISA have fixed widths, filled up with blanks; these have others."));
        }
    }
    let isa = Segment::parse(&line, delimiters, 1, 0)?;
    if isa.len() != ISA_WIDTHS.len() {
        return Err(refused("The ISA has sixteen elements."));
    }
    isa.code(14, &["0", "1"])?;
    if isa.text(12) != Some(VERSION) {
        let message = format!("Galen reads version {VERSION}; this interchange is of another.");
        return Err(isa.fault(Kind::UnsupportedVersion, 12, message));
    }
    let control = isa.required(13, 9)?;
    if !control.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(isa.fault(
            Kind::InvalidValue,
            13,
            "The interchange control number is nine digits.",
        ));
    }
    Ok((delimiters, isa))
}

/// Segments one after the other.
struct Parts<'a> {
    rest: &'a str,
    delimiters: Delimiters,
    /// Segments handed out so far.
    count: usize,
    /// The number of the next segment in its transaction set; 0 outside of one.
    in_set: usize,
}

impl<'a> Parts<'a> {
    fn new(text: &'a str, delimiters: Delimiters) -> Self {
        Self {
            rest: text,
            delimiters,
            count: 0,
            in_set: 0,
        }
    }

    /// The text of the next segment without terminator and the line break that may follow it.
    fn next_text(&mut self) -> Option<&'a str> {
        let (text, rest) = self.rest.split_once(self.delimiters.segment)?;
        self.rest = rest.trim_start_matches(['\r', '\n']);
        self.count = self.count.saturating_add(1);
        Some(text)
    }

    fn require(&mut self, what: &str) -> Result<Segment, Fault> {
        let count = self.count.saturating_add(1);
        let Some(text) = self.next_text() else {
            let place = Place {
                segment: count,
                in_set: self.in_set,
                id: "?".to_owned(),
                ..Place::default()
            };
            let message = format!("The document ends here, without {what}; it was cut off.");
            return Err(Fault::new(Kind::Truncated, place, message));
        };
        Segment::parse(text, self.delimiters, count, self.in_set)
    }

    fn finish(&self) -> Result<(), Fault> {
        if self.rest.trim().is_empty() {
            return Ok(());
        }
        let place = Place {
            segment: self.count.saturating_add(1),
            id: "?".to_owned(),
            ..Place::default()
        };
        let message = "Something follows the IEA; a document is one interchange.";
        Err(Fault::new(Kind::UnexpectedSegment, place, message))
    }
}

fn group(header: Segment, parts: &mut Parts) -> Result<Group, Fault> {
    header.code(7, &["X"])?;
    let mut group = Group {
        function: header.required(1, 2)?.to_owned(),
        sender: header.required(2, 15)?.to_owned(),
        receiver: header.required(3, 15)?.to_owned(),
        date: header.date(4)?,
        control: header.required(6, 9)?.to_owned(),
        version: header.required(8, 12)?.to_owned(),
        header,
        sets: Vec::new(),
    };
    let mut controls = BTreeSet::new();
    loop {
        let segment = {
            parts.in_set = 1;
            let segment = parts.require("ST or GE")?;
            parts.in_set = 0;
            segment
        };
        match segment.id.as_str() {
            "ST" => {
                let mut set = set(segment, parts)?;
                if !controls.insert(set.control.clone()) {
                    let message = format!(
                        "The transaction set control number {} stands twice in its group.",
                        set.control
                    );
                    set.fault = Some(set.header.fault(Kind::Duplicate, 2, message));
                }
                group.sets.push(set);
            }
            "GE" => {
                count(&segment, group.sets.len(), "transaction sets")?;
                same_control(&segment, &group.control)?;
                return Ok(group);
            }
            _ => {
                let message = format!(
                    "{} cannot stand outside of a transaction set (ST to SE).",
                    segment.id
                );
                return Err(segment.whole_fault(Kind::UnexpectedSegment, message));
            }
        }
    }
}

fn set(header: Segment, parts: &mut Parts) -> Result<Set, Fault> {
    let mut set = Set {
        kind: header.required(1, 3)?.to_owned(),
        control: header.required(2, 9)?.to_owned(),
        version: header.optional(3, 35)?.map(str::to_owned),
        end: header.place(),
        header,
        segments: Vec::new(),
        fault: None,
    };
    parts.in_set = 2;
    let mut unreadable = 0_usize;
    loop {
        let segment = match parts.require("SE") {
            Err(fault) if fault.kind != Kind::Truncated => {
                // It spoils its transaction set; what comes after is read, to know where the set ends.
                set.fault.get_or_insert(fault);
                unreadable = unreadable.saturating_add(1);
                parts.in_set = parts.in_set.saturating_add(1);
                continue;
            }
            read => read?,
        };
        parts.in_set = parts.in_set.saturating_add(1);
        match segment.id.as_str() {
            "SE" => {
                let included = set
                    .segments
                    .len()
                    .saturating_add(unreadable)
                    .saturating_add(2);
                let trailer = count(&segment, included, "segments, ST and SE among them")
                    .and_then(|()| same_control(&segment, &set.control));
                set.fault = set.fault.or(trailer.err());
                set.end = segment.place();
                parts.in_set = 0;
                return Ok(set);
            }
            "ISA" | "IEA" | "GS" | "GE" | "ST" => {
                let message = format!(
                    "{} cannot stand in a transaction set; its SE is missing.",
                    segment.id
                );
                return Err(segment.whole_fault(Kind::MissingSegment, message));
            }
            _ => set.segments.push(segment),
        }
    }
}

/// That a trailer counts what there is.
fn count(trailer: &Segment, found: usize, what: &str) -> Result<(), Fault> {
    let stated = trailer.count(1)?;
    if stated == found {
        return Ok(());
    }
    let message = format!(
        "{}01 counts {stated} {what}; there are {found}.",
        trailer.id
    );
    Err(trailer.fault(Kind::Count, 1, message))
}

/// That a trailer has its header's control number. Leading zeros count, as the standard says for ST and SE; the numbers
/// of GS and GE are numeric, but nobody writes them differently.
fn same_control(trailer: &Segment, control: &str) -> Result<(), Fault> {
    let stated = trailer.required(2, 9)?;
    if stated == control {
        return Ok(());
    }
    let message = format!(
        "{}02 is {stated} and the header says {control}.",
        trailer.id
    );
    Err(trailer.fault(Kind::ControlNumber, 2, message))
}

/// A day as ISA09 has it, YYMMDD.
pub(crate) fn short_day(date: Date) -> String {
    element::day(date).get(2..).unwrap_or_default().to_owned()
}
