//! 270: who asks, about whom, for which days.

use galen_rules::Date;

use super::{Inquiry, Subject, VERSION, WHOLE_PLAN};
use crate::cursor::{Body, Cursor};
use crate::fault::{Fault, Kind, Place};
use crate::interchange;
use crate::professional::Party;
use crate::segment::Segment;

const ABOUT: &Body = &[
    ("REF", 9),
    ("N3", 1),
    ("N4", 1),
    ("PRV", 1),
    ("DMG", 1),
    ("INS", 1),
    ("HI", 1),
    ("DTP", 2),
];
const SERVICE: &Body = &[("AMT", 2), ("III", 1), ("REF", 1), ("DTP", 1)];

/// Reads an inquiry.
///
/// # Errors
/// Those of [`interchange::read`] and of its elements; `unsupported` for several groups or transaction sets.
pub fn read_270(text: &str) -> Result<Inquiry, Fault> {
    let interchange = interchange::read(text)?;
    let [group] = interchange.groups.as_slice() else {
        let message = "An inquiry is read from an interchange of one group.";
        return Err(Fault::new(Kind::Unsupported, Place::default(), message));
    };
    group.header.code(1, &["HS"])?;
    if group.version != VERSION {
        let message = format!("Galen reads inquiries of version {VERSION}.");
        return Err(group.header.fault(Kind::UnsupportedVersion, 8, message));
    }
    let [set] = group.sets.as_slice() else {
        let message = "A group is read that has one inquiry.";
        return Err(group.header.whole_fault(Kind::Unsupported, message));
    };
    if let Some(fault) = &set.fault {
        return Err(fault.clone());
    }
    set.header.code(1, &["270"])?;
    let mut cursor = Cursor::new(&set.segments, set.end.clone());
    let beginning = cursor.take("BHT", "header")?;
    beginning.code(1, &["0022"])?;
    beginning.code(2, &["13"])?;
    let asked = beginning.date(4)?;
    let reference = beginning.optional(3, 50)?.unwrap_or_default().to_owned();

    level(&mut cursor, 1, None, "20", "2000A")?;
    let payer = cursor.take_with("NM1", &["PR", "2B", "36", "GP", "P5"], "2100A")?;
    let payer = party(&payer, &["PI", "XV", "NI", "FI", "46", "24", "AD"])?;
    level(&mut cursor, 2, Some(1), "21", "2000B")?;
    let provider = cursor.take_with(
        "NM1",
        &["1P", "2B", "36", "80", "FA", "GP", "P5", "PR"],
        "2100B",
    )?;
    let provider = party(&provider, &["XX", "SV", "FI", "24", "34", "PI", "PP", "XV"])?;
    cursor.body(ABOUT, "2100B")?;
    let mut subjects = Vec::new();
    let mut levels = 2;
    while cursor.is("HL") {
        levels = subject(&mut cursor, levels, asked, &mut subjects)?;
    }
    cursor.finish("2000C")?;
    if subjects.is_empty() {
        return Err(cursor.missing("HL*3*2*22", "2000C"));
    }
    Ok(Inquiry {
        reference,
        payer,
        provider,
        subjects,
        interchange,
    })
}

/// Takes an HL that has to be there, as the `number`th.
fn level(
    cursor: &mut Cursor,
    number: usize,
    parent: Option<usize>,
    code: &str,
    within: &'static str,
) -> Result<Segment, Fault> {
    let level = cursor.take("HL", within)?;
    if level.count(1)? != number {
        let message = format!("HL01 counts the levels from 1; expected {number}.");
        return Err(level.fault(Kind::InvalidValue, 1, message));
    }
    level.code(3, &[code])?;
    let stated = level.text(2).map(|_| level.count(2)).transpose()?;
    if stated != parent {
        let message = "HL02 names the level above.";
        return Err(level.fault(Kind::MissingReference, 2, message));
    }
    Ok(level)
}

/// A subscriber with whatever hangs on it; the number of levels read so far.
fn subject(
    cursor: &mut Cursor,
    levels: usize,
    asked: Date,
    subjects: &mut Vec<Subject>,
) -> Result<usize, Fault> {
    let own = levels.saturating_add(1);
    level(cursor, own, Some(2), "22", "2000C")?;
    let mut trace = trace(cursor)?;
    let name = cursor.take_with("NM1", &["IL"], "2100C")?;
    let subscriber = party(&name, &["MI", "II"])?;
    let about = cursor.body(ABOUT, "2100C")?;
    let days = days(&about)?;
    let services = services(cursor)?;
    if !cursor.is("HL") || !is_dependent(cursor) {
        subjects.push(Subject {
            trace,
            subscriber,
            is_dependent: false,
            days: days.unwrap_or((asked, asked)),
            services,
        });
        return Ok(own);
    }
    let mut last = own;
    while is_dependent(cursor) {
        last = last.saturating_add(1);
        level(cursor, last, Some(own), "23", "2000D")?;
        let of_dependent = self::trace(cursor)?;
        cursor.take_with("NM1", &["03"], "2100D")?;
        let about = cursor.body(ABOUT, "2100D")?;
        let own_days = self::days(&about)?.or(days);
        subjects.push(Subject {
            trace: of_dependent.or_else(|| trace.take()),
            subscriber: subscriber.clone(),
            is_dependent: true,
            days: own_days.unwrap_or((asked, asked)),
            services: self::services(cursor)?,
        });
    }
    Ok(last)
}

fn is_dependent(cursor: &Cursor) -> bool {
    cursor
        .peek()
        .is_some_and(|segment| segment.id == "HL" && segment.text(3) == Some("23"))
}

/// The first trace of a level; the guide lets the clearing house add another.
fn trace(cursor: &mut Cursor) -> Result<Option<(String, String)>, Fault> {
    let mut found = None;
    while let Some(segment) = cursor.try_take("TRN", "2000C") {
        segment.code(1, &["1"])?;
        let trace = (
            segment.required(2, 50)?.to_owned(),
            segment.required(3, 10)?.to_owned(),
        );
        found.get_or_insert(trace);
    }
    Ok(found)
}

fn days(about: &[Segment]) -> Result<Option<(Date, Date)>, Fault> {
    about
        .iter()
        .find(|segment| segment.id == "DTP" && segment.text(1) == Some("291"))
        .map(|segment| segment.span(2, 3))
        .transpose()
}

fn services(cursor: &mut Cursor) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    while let Some(segment) = cursor.try_take("EQ", "2110C") {
        cursor.body(SERVICE, "2110C")?;
        found.extend(segment.repetitions(1).map(str::to_owned));
    }
    if found.is_empty() {
        found.push(WHOLE_PLAN.to_owned());
    }
    Ok(found)
}

fn party(name: &Segment, qualifiers: &[&str]) -> Result<Party, Fault> {
    name.code(2, &["1", "2"])?;
    Ok(Party {
        qualifier: name.code(8, qualifiers)?.to_owned(),
        id: name.required(9, 80)?.to_owned(),
        name: name.optional(3, 60)?.unwrap_or_default().to_owned(),
        first_name: name.optional(4, 35)?.unwrap_or_default().to_owned(),
        place: name.at(9),
    })
}
