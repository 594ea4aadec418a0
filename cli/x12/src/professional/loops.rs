//! What several loops have in common.

use galen_documents::Name;

use super::claim::{Attachment, Party};
use crate::fault::{Fault, Kind, Place};
use crate::segment::Segment;

/// SBR01: in whose turn a payer is asked; `U` for who does not know.
pub(super) const POSITIONS: [&str; 12] =
    ["P", "S", "T", "A", "B", "C", "D", "E", "F", "G", "H", "U"];

/// The first segment of a sort, where several sorts are told apart by their first element.
pub(super) fn find<'a>(
    segments: &'a [Segment],
    id: &str,
    codes: Option<&[&str]>,
) -> Option<&'a Segment> {
    segments.iter().find(|segment| {
        segment.id == id
            && codes.is_none_or(|codes| segment.text(1).is_some_and(|code| codes.contains(&code)))
    })
}

/// The second element of a REF, where there is one of that sort. One with a fourth element is another payer's number.
pub(super) fn reference(segments: &[Segment], code: &str) -> Result<Option<String>, Fault> {
    Ok(placed_reference(segments, code)?.map(|(number, _)| number))
}

/// The same, and where it stands.
pub(super) fn placed_reference(
    segments: &[Segment],
    code: &str,
) -> Result<Option<(String, Place)>, Fault> {
    let mut own = segments.iter().filter(|segment| {
        segment.id == "REF" && segment.text(1) == Some(code) && segment.text(4).is_none()
    });
    let found = own.next();
    if let Some(second) = own.next() {
        let message = format!("There is a REF*{code} already; which one counts?");
        return Err(second.whole_fault(Kind::TooManySegments, message));
    }
    found
        .map(|segment| Ok((segment.required(2, 50)?.to_owned(), segment.at(2))))
        .transpose()
}

/// An NM1 whose number has to be there, of one of these sorts.
pub(super) fn party(name: &Segment, qualifiers: &[&str]) -> Result<Party, Fault> {
    name.code(2, &["1", "2"])?;
    Ok(Party {
        qualifier: name.code(8, qualifiers)?.to_owned(),
        id: name.required(9, 80)?.to_owned(),
        name: name.optional(3, 60)?.unwrap_or_default().to_owned(),
        first_name: name.optional(4, 35)?.unwrap_or_default().to_owned(),
        place: name.at(9),
    })
}

/// The documents that belong to a claim or a line.
pub(super) fn attachments(segments: &[Segment]) -> Result<Vec<Attachment>, Fault> {
    let found = segments.iter().filter(|segment| segment.id == "PWK");
    found
        .map(|segment| {
            Ok(Attachment {
                report: Name(segment.required(1, 2)?.to_owned()),
                sent: segment.required(2, 2)? != "AA",
            })
        })
        .collect()
}
