//! 837P, the professional claim (005010X222 with errata A1): from an interchange to claims that can be quoted, submitted
//! and filed in batches as FHIR claims are.
//!
//! What concerns one claim alone (its loop 2300 and all under it) refuses that claim; what concerns the header or a level
//! that claims hang on refuses the transaction set, with all of its claims.

mod claim;
mod diagnoses;
mod fhir;
mod levels;
mod line;
mod loops;
mod prior;

pub use claim::{Attachment, Claim, Line, Party, Person, NPI_SYSTEM};
pub use fhir::{kind, system};
pub use levels::Header;

use galen_documents::Problem;
use galen_rules::{Cents, Date};

use crate::fault::{Fault, Kind, Place};
use crate::interchange::{self, Delimiters, Group, Interchange, Segment, Set};

/// The implementation guides that are read: without and with the errata that changed no element of it.
pub const VERSIONS: [&str; 2] = ["005010X222A1", "005010X222"];

/// What an interchange of claims says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Professional {
    /// The envelope, with all of its segments: acknowledgements are written from it.
    pub interchange: Interchange,
    /// The transaction sets of all groups, in order.
    pub sets: Vec<ClaimSet>,
}

/// A transaction set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimSet {
    /// The index of its group in the interchange.
    pub group: usize,
    /// The index in its group.
    pub index: usize,
    /// What its header says, or why the set is refused.
    pub header: Result<Header, Fault>,
    /// Its claims, in order; where the set is refused, so is each.
    pub claims: Vec<Entry>,
}

/// A claim, or why it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// CLM01, the provider's number of the claim; empty where not even that is readable.
    pub control_number: String,
    /// CLM02, where it is readable.
    pub charge: Option<Cents>,
    /// Where its CLM stands.
    pub place: Place,
    /// Whom it concerns; none where its transaction set is refused.
    pub concerns: Option<Concerns>,
    /// The claim.
    pub claim: Result<Claim, Fault>,
}

/// Whom a claim concerns, readable or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concerns {
    /// Who bills.
    pub provider: Party,
    /// Who was treated: a dependent by the subscriber's number.
    pub patient: Party,
    /// Who is to pay.
    pub payer: Party,
    /// The first service date that is readable.
    pub service_date: Option<Date>,
}

/// Reads an interchange of professional claims whose amounts are in `currency` (ISO 4217).
///
/// # Errors
/// What concerns the interchange as such: those of [`interchange::read`], and `unsupported` for an interchange of other
/// documents. What is wrong with a transaction set or a claim is in the result.
pub fn read_837p(text: &str, currency: &str) -> Result<Professional, Fault> {
    let interchange = interchange::read(text)?;
    let mut sets = Vec::new();
    for (at, group) in interchange.groups.iter().enumerate() {
        if group.function != "HC" {
            let message = format!(
                "Claims come in groups of the sort HC; this one is of the sort {}.",
                group.function
            );
            return Err(group.header.fault(Kind::Unsupported, 1, message));
        }
        for (index, set) in group.sets.iter().enumerate() {
            sets.push(claim_set(at, index, group, set, currency));
        }
    }
    Ok(Professional { interchange, sets })
}

/// Whether bytes begin as the segments of one claim do ([`Claim::source`]).
pub fn is_source(bytes: &[u8]) -> bool {
    bytes.starts_with(levels::SOURCE_BEGINS.as_bytes())
}

/// Reads a claim from the segments that make it ([`Claim::source`]), without an interchange around them: places count them from 1.
/// They do not say when it was filed, nor the specialty of who bills.
///
/// # Errors
/// `truncated` where the last one is not ended, and those of a claim.
pub fn read_source(text: &str) -> Result<Claim, Fault> {
    let delimiters = Delimiters::default();
    let place = |index: usize| index.saturating_add(1);
    let mut parts: Vec<&str> = text.split(delimiters.segment).collect();
    let end = Place {
        segment: parts.len(),
        in_set: parts.len(),
        id: "?".to_owned(),
        ..Place::default()
    };
    if parts.pop() != Some("") {
        let message = "The segments of a claim end each with a tilde (~); the last one does not.";
        return Err(Fault::new(Kind::Truncated, end, message));
    }
    let segments = parts.into_iter().enumerate();
    let segments =
        segments.map(|(index, part)| Segment::parse(part, delimiters, place(index), place(index)));
    let segments = segments.collect::<Result<Vec<_>, _>>()?;
    levels::of_source(&segments, end)?.read(None)
}

/// The claims of an interchange in its order, each with the provider's number of it (CLM01) and with the place of what
/// makes it unreadable. A transaction set that is refused and has no claim at all gives one entry without a number.
///
/// # Errors
/// As [`read_837p`].
pub fn claims_of(
    text: &str,
    currency: &str,
) -> Result<Vec<(String, Result<Claim, Problem>)>, Problem> {
    let mut claims = Vec::new();
    for set in read_837p(text, currency)?.sets {
        if let (Err(fault), true) = (&set.header, set.claims.is_empty()) {
            claims.push((String::new(), Err(fault.clone().into())));
        }
        for entry in set.claims {
            claims.push((entry.control_number, entry.claim.map_err(Problem::from)));
        }
    }
    Ok(claims)
}

fn claim_set(at: usize, index: usize, group: &Group, set: &Set, currency: &str) -> ClaimSet {
    let read = check(group, set).and_then(|()| levels::read(set, currency));
    let (header, claims) = match read {
        Ok((header, blocks)) => {
            let entries = blocks.iter().map(|block| Entry {
                control_number: block.control_number(),
                charge: block.charge(),
                place: block.place(),
                concerns: Some(block.concerns()),
                claim: block.read(Some(header.created)),
            });
            let entries = entries.collect();
            (Ok(header), entries)
        }
        Err(fault) => {
            let claims = set.segments.iter().filter(|segment| segment.id == "CLM");
            let entries = claims.map(|segment| Entry {
                control_number: segment.text(1).unwrap_or_default().to_owned(),
                charge: segment.money(2).ok(),
                place: segment.place(),
                concerns: None,
                claim: Err(fault.clone()),
            });
            let entries = entries.collect();
            (Err(fault), entries)
        }
    };
    ClaimSet {
        group: at,
        index,
        header,
        claims,
    }
}

fn check(group: &Group, set: &Set) -> Result<(), Fault> {
    if let Some(fault) = &set.fault {
        return Err(fault.clone());
    }
    set.header.code(1, &["837"])?;
    if !VERSIONS.contains(&group.version.as_str()) {
        let message = format!(
            "Galen reads professional claims, version {}; this group is of version {}.",
            VERSIONS.join(" or "),
            group.version
        );
        return Err(group.header.fault(Kind::UnsupportedVersion, 8, message));
    }
    match &set.version {
        Some(version) if !VERSIONS.contains(&version.as_str()) => {
            let message = format!(
                "The transaction set is of version {version}, its group of {}.",
                group.version
            );
            Err(set.header.fault(Kind::UnsupportedVersion, 3, message))
        }
        _ => Ok(()),
    }
}
