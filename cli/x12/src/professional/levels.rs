//! The header of a transaction set and the levels that claims hang on: who bills, who is insured, who was treated.

use std::collections::BTreeMap;
use std::rc::Rc;

use galen_rules::{Cents, Date};

use super::claim::{Party, Person};
use super::{loops, Concerns};
use crate::cursor::{Body, Cursor};
use crate::fault::{Fault, Kind, Place};
use crate::interchange::Set;
use crate::segment::Segment;

/// What the header of a transaction set says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// BHT03, the submitter's number of the transaction set.
    pub reference: String,
    /// BHT04.
    pub created: Date,
    /// Who sends (1000A).
    pub submitter: Party,
    /// For whom it is (1000B).
    pub receiver: Party,
}

/// The billing provider's level.
pub(super) struct Billing {
    pub provider: Party,
    pub provider_type: Option<String>,
    source: String,
}

/// The subscriber's level.
pub(super) struct Subscriber {
    pub party: Party,
    pub payer: Party,
    /// SBR01: as which payer in turn this one is asked.
    pub position: String,
    pub filing_indicator: Option<String>,
    /// SBR02 = 18: the subscriber is the patient.
    pub is_patient: bool,
    source: String,
}

/// The patient's level, where it is not the subscriber's.
pub(super) struct Patient {
    pub person: Person,
    source: String,
}

/// The segments of one claim, and what they hang on.
pub(super) struct Block<'a> {
    pub billing: Rc<Billing>,
    pub subscriber: Rc<Subscriber>,
    pub patient: Option<Rc<Patient>>,
    /// From the CLM on.
    pub segments: &'a [Segment],
    /// Right after them.
    pub end: Place,
}

impl Block<'_> {
    /// CLM01.
    pub(super) fn control_number(&self) -> String {
        let claim = self.segments.first();
        let number = claim.and_then(|segment| segment.text(1));
        number.unwrap_or_default().to_owned()
    }

    /// CLM02, where it is an amount.
    pub(super) fn charge(&self) -> Option<Cents> {
        self.segments.first()?.money(2).ok()
    }

    /// Where the CLM stands.
    pub(super) fn place(&self) -> Place {
        self.segments
            .first()
            .map(Segment::place)
            .unwrap_or_default()
    }

    /// Whom the claim concerns.
    pub(super) fn concerns(&self) -> Concerns {
        let subscriber = &self.subscriber.party;
        let patient = match &self.patient {
            None => subscriber.clone(),
            Some(patient) => Party {
                name: patient.person.name.clone(),
                first_name: patient.person.first_name.clone(),
                ..subscriber.clone()
            },
        };
        let mut dates = self
            .segments
            .iter()
            .filter(|segment| segment.id == "DTP" && segment.text(1) == Some("472"));
        Concerns {
            provider: self.billing.provider.clone(),
            patient,
            payer: self.subscriber.payer.clone(),
            service_date: dates.find_map(|segment| Some(segment.span(2, 3).ok()?.0)),
        }
    }

    /// All segments that make the claim, in one writing.
    pub(super) fn source(&self) -> String {
        let mut text = self.billing.source.clone();
        text.push_str(&self.subscriber.source);
        if let Some(patient) = &self.patient {
            text.push_str(&patient.source);
        }
        text.extend(self.segments.iter().map(Segment::canonical));
        text
    }
}

/// How what [`Block::source`] writes begins.
pub(super) const SOURCE_BEGINS: &str = "NM1*85*";

const SUBMITTER: &Body = &[("PER", 2)];
const BILLING: &Body = &[("PRV", 1), ("CUR", 1)];
const SUBSCRIBER: &Body = &[("SBR", 1), ("PAT", 1)];
/// REF01 of a tax number.
const TAX_NUMBERS: [&str; 2] = ["EI", "SY"];
const NAME: &Body = &[("N3", 1), ("N4", 1), ("DMG", 1), ("REF", 6), ("PER", 2)];

/// The claim whose segments these are, as [`Block::source`] writes them.
pub(super) fn of_source(segments: &[Segment], end: Place) -> Result<Block<'_>, Fault> {
    let mut cursor = Cursor::new(segments, end.clone());
    let name = cursor.take_with("NM1", &["85"], "2010AA")?;
    let tax = cursor.take_with("REF", &TAX_NUMBERS, "2010AA")?;
    let billing = Billing::new(&name, &tax, None)?;
    let information = cursor.take("SBR", "2000B")?;
    let name = cursor.take_with("NM1", &["IL"], "2010BA")?;
    let payer = cursor.take_with("NM1", &["PR"], "2010BB")?;
    let subscriber = Subscriber::new(&information, &name, &payer)?;
    let patient = match cursor.is("PAT") {
        true => Some(Rc::new(patient(&mut cursor)?)),
        false => None,
    };
    Ok(Block {
        billing: Rc::new(billing),
        subscriber: Rc::new(subscriber),
        patient,
        segments: cursor.rest(),
        end,
    })
}

/// Reads the header and finds the claims.
pub(super) fn read<'a>(set: &'a Set, currency: &str) -> Result<(Header, Vec<Block<'a>>), Fault> {
    let mut cursor = Cursor::new(&set.segments, set.end.clone());
    let header = header(&mut cursor)?;
    let mut levels = Levels {
        currency,
        numbers: BTreeMap::new(),
        billing: None,
        subscriber: None,
        patient: None,
    };
    let mut blocks = Vec::new();
    if !cursor.is("HL") {
        return Err(cursor.missing("HL*1**20", "2000A"));
    }
    while let Some(segment) = cursor.peek() {
        match segment.id.as_str() {
            "HL" => levels.enter(&mut cursor)?,
            "CLM" => blocks.push(levels.block(&mut cursor, set)?),
            _ => {
                cursor.finish(levels.name())?;
            }
        }
    }
    if blocks.is_empty() {
        return Err(cursor.missing("CLM", levels.name()));
    }
    Ok((header, blocks))
}

fn header(cursor: &mut Cursor) -> Result<Header, Fault> {
    let beginning = cursor.take("BHT", "header")?;
    beginning.code(1, &["0019"])?;
    beginning.code(2, &["00", "18"])?;
    if beginning.code(6, &["CH", "RP"])? == "RP" {
        let message =
            "It reports encounters (BHT06 = RP) and asks for no payment; Galen takes claims (CH).";
        return Err(beginning.fault(Kind::Unsupported, 6, message));
    }
    let submitter = cursor.take_with("NM1", &["41"], "1000A")?;
    if cursor.body(SUBMITTER, "1000A")?.is_empty() {
        return Err(cursor.missing("PER", "1000A"));
    }
    let receiver = cursor.take_with("NM1", &["40"], "1000B")?;
    Ok(Header {
        reference: beginning.required(3, 50)?.to_owned(),
        created: beginning.date(4)?,
        submitter: loops::party(&submitter, &["46"])?,
        receiver: loops::party(&receiver, &["46"])?,
    })
}

/// The levels that are open.
struct Levels<'c> {
    currency: &'c str,
    /// HL03 of each HL01.
    numbers: BTreeMap<usize, String>,
    billing: Option<(usize, Rc<Billing>)>,
    subscriber: Option<(usize, Rc<Subscriber>)>,
    patient: Option<Rc<Patient>>,
}

impl Levels<'_> {
    fn name(&self) -> &'static str {
        match (&self.patient, &self.subscriber) {
            (Some(_), _) => "2000C",
            (None, Some(_)) => "2000B",
            (None, None) => "2000A",
        }
    }

    fn enter(&mut self, cursor: &mut Cursor) -> Result<(), Fault> {
        let level = cursor.take("HL", "2000A")?;
        let number = level.count(1)?;
        let expected = self.numbers.len().saturating_add(1);
        if number != expected {
            let message =
                format!("HL01 counts the levels from 1; expected {expected}, found {number}.");
            return Err(level.fault(Kind::InvalidValue, 1, message));
        }
        let code = level.code(3, &["20", "22", "23"])?.to_owned();
        let parent = match code.as_str() {
            "20" => None,
            "22" => self.billing.as_ref().map(|(number, _)| *number),
            _ => self.subscriber.as_ref().map(|(number, _)| *number),
        };
        let stated = level.text(2).map(|_| level.count(2)).transpose()?;
        if stated != parent || (code != "20" && parent.is_none()) {
            let message = "HL02 names the level above: none for a billing provider (20), a billing provider for a subscriber (22), a subscriber for a patient (23).";
            return Err(level.fault(Kind::MissingReference, 2, message));
        }
        self.numbers.insert(number, code.clone());
        match code.as_str() {
            "20" => {
                self.billing = Some((number, Rc::new(billing(cursor, self.currency, &level)?)));
                (self.subscriber, self.patient) = (None, None);
            }
            "22" => {
                self.subscriber = Some((number, Rc::new(subscriber(cursor)?)));
                self.patient = None;
            }
            _ => self.patient = Some(Rc::new(patient(cursor)?)),
        }
        Ok(())
    }

    /// The segments from a CLM to the next one, or to the next level.
    fn block<'a>(&self, cursor: &mut Cursor<'a>, set: &'a Set) -> Result<Block<'a>, Fault> {
        let claim = cursor.peek().map(Segment::place).unwrap_or_default();
        let (Some((_, billing)), Some((_, subscriber))) = (&self.billing, &self.subscriber) else {
            let message = "A claim belongs to a subscriber; there is no HL*…*22 before it.";
            return Err(Fault::new(Kind::UnexpectedSegment, claim, message));
        };
        if !subscriber.is_patient && self.patient.is_none() {
            let message = "The subscriber is not the patient (SBR02 is not 18); the claim belongs under the patient's own level (HL*…*23).";
            return Err(Fault::new(Kind::UnexpectedSegment, claim, message));
        }
        // ST is the first segment of the set and not among `segments`.
        let start = claim.in_set.saturating_sub(2);
        cursor.advance();
        while cursor
            .peek()
            .is_some_and(|segment| segment.id != "CLM" && segment.id != "HL")
        {
            cursor.advance();
        }
        let end = cursor
            .peek()
            .map_or_else(|| set.end.clone(), Segment::place);
        let stop = end.in_set.saturating_sub(2);
        Ok(Block {
            billing: Rc::clone(billing),
            subscriber: Rc::clone(subscriber),
            patient: self.patient.clone(),
            segments: set.segments.get(start..stop).unwrap_or_default(),
            end,
        })
    }
}

/// The segments of a level, in one writing; without the HL, whose numbers are those of the interchange.
fn source(segments: &[&Segment]) -> String {
    segments.iter().map(|segment| segment.canonical()).collect()
}

fn billing(cursor: &mut Cursor, currency: &str, level: &Segment) -> Result<Billing, Fault> {
    let own = cursor.body(BILLING, "2000A")?;
    let named = loops::find(&own, "CUR", None);
    let stated = named.map(|segment| segment.required(2, 3)).transpose()?;
    if stated.unwrap_or("USD") != currency {
        let message = format!("The amounts are in {}, the plan in {currency}; a claim is adjudicated in the plan's currency.", stated.unwrap_or("USD (no CUR says otherwise)"));
        return Err(named.map_or_else(
            || level.whole_fault(Kind::WrongCurrency, message.clone()),
            |segment| segment.fault(Kind::WrongCurrency, 2, message.clone()),
        ));
    }
    let name = cursor.take_with("NM1", &["85"], "2010AA")?;
    let about = cursor.body(NAME, "2010AA")?;
    for id in ["N3", "N4"] {
        if loops::find(&about, id, None).is_none() {
            return Err(cursor.missing(id, "2010AA"));
        }
    }
    let tax = loops::find(&about, "REF", Some(&TAX_NUMBERS));
    let Some(tax) = tax else {
        return Err(cursor.missing("REF*EI (the tax number)", "2010AA"));
    };
    let specialty = loops::find(&own, "PRV", Some(&["BI"]));
    let billing = Billing::new(&name, tax, specialty)?;
    while cursor.is_with("NM1", &["87", "PE"]) {
        cursor.take("NM1", "2010AB")?;
        cursor.body(NAME, "2010AB")?;
    }
    Ok(billing)
}

impl Billing {
    fn new(name: &Segment, tax: &Segment, specialty: Option<&Segment>) -> Result<Self, Fault> {
        let provider = match name.text(9) {
            Some(_) => loops::party(name, &["XX"])?,
            None => Party {
                qualifier: tax.required(1, 3)?.to_owned(),
                id: tax.required(2, 50)?.to_owned(),
                name: name.text(3).unwrap_or_default().to_owned(),
                first_name: name.text(4).unwrap_or_default().to_owned(),
                place: tax.at(2),
            },
        };
        Ok(Self {
            provider_type: specialty
                .map(|segment| segment.required(3, 50).map(str::to_owned))
                .transpose()?,
            source: source(&[name, tax]),
            provider,
        })
    }
}

fn subscriber(cursor: &mut Cursor) -> Result<Subscriber, Fault> {
    let own = cursor.body(SUBSCRIBER, "2000B")?;
    let Some(information) = loops::find(&own, "SBR", None) else {
        return Err(cursor.missing("SBR", "2000B"));
    };
    let name = cursor.take_with("NM1", &["IL"], "2010BA")?;
    cursor.body(NAME, "2010BA")?;
    let payer = cursor.take_with("NM1", &["PR"], "2010BB")?;
    cursor.body(NAME, "2010BB")?;
    Subscriber::new(information, &name, &payer)
}

impl Subscriber {
    fn new(information: &Segment, name: &Segment, payer: &Segment) -> Result<Self, Fault> {
        Ok(Self {
            position: information.code(1, &loops::POSITIONS)?.to_owned(),
            is_patient: information.text(2) == Some("18"),
            filing_indicator: information.optional(9, 2)?.map(str::to_owned),
            party: loops::party(name, &["MI", "II"])?,
            source: source(&[information, name, payer]),
            payer: loops::party(payer, &["PI", "XV"])?,
        })
    }
}

fn patient(cursor: &mut Cursor) -> Result<Patient, Fault> {
    let relation = cursor.take("PAT", "2000C")?;
    let name = cursor.take_with("NM1", &["QC"], "2010CA")?;
    cursor.body(NAME, "2010CA")?;
    Ok(Patient {
        person: Person {
            name: name.required(3, 60)?.to_owned(),
            first_name: name.text(4).unwrap_or_default().to_owned(),
            relationship: relation.required(1, 2)?.to_owned(),
        },
        source: source(&[&relation, &name]),
    })
}
