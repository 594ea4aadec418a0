//! A claim (2300) with its service lines (2400).

use galen_documents::claim::{MAX_LINES, MAX_MODIFIERS};
use galen_documents::{Modifier, Name};
use galen_rules::{Cents, Date};

use super::claim::{Claim, Line};
use super::levels::Block;
use super::prior::{self, Adjudication, Payer};
use super::{diagnoses, loops};
use crate::cursor::{Body, Cursor};
use crate::fault::{Fault, Kind, Place};
use crate::segment::Segment;

const CLAIM: &Body = &[
    ("DTP", 20),
    ("PWK", 10),
    ("CN1", 1),
    ("AMT", 1),
    ("REF", 14),
    ("K3", 10),
    ("NTE", 1),
    ("CR1", 1),
    ("CR2", 1),
    ("CRC", 8),
    ("HI", 4),
    ("HCP", 1),
];
const PROVIDER: &Body = &[("PRV", 1), ("N3", 1), ("N4", 1), ("REF", 20), ("PER", 1)];
/// Referring, rendering, place, supervising, ambulance from and to.
const PROVIDERS: [&str; 7] = ["DN", "P3", "82", "77", "DQ", "PW", "45"];
const LINE: &Body = &[
    ("SV5", 1),
    ("PWK", 11),
    ("CR1", 1),
    ("CR3", 1),
    ("CRC", 5),
    ("DTP", 12),
    ("QTY", 2),
    ("MEA", 5),
    ("CN1", 1),
    ("REF", 17),
    ("AMT", 2),
    ("K3", 10),
    ("NTE", 2),
    ("PS1", 1),
    ("HCP", 1),
];
/// As those of a claim, with purchased and ordering.
const LINE_PROVIDERS: [&str; 9] = ["82", "QB", "77", "DQ", "DK", "DN", "P3", "PW", "45"];
const DRUG: &Body = &[("CTP", 1), ("REF", 1)];
const FORM: &Body = &[("FRM", 99)];

/// What changes the price in a way that Galen does not know must not be dropped.
const UNSUPPORTED: [(&str, &str); 3] = [
    (
        "CN1",
        "Terms of a contract stand in the agreement, not in a claim; leave the CN1 out.",
    ),
    (
        "HCP",
        "Repriced amounts are not taken; the plan's schedule prices a claim. Leave the HCP out.",
    ),
    (
        "SV5",
        "Prices of rented or bought equipment (SV5) are not taken; bill a code of the schedule.",
    ),
];

impl Block<'_> {
    /// Reads the claim; its transaction set was made on the day `submitted`.
    pub(super) fn read(&self, submitted: Option<Date>) -> Result<Claim, Fault> {
        let mut cursor = Cursor::new(self.segments, self.end.clone());
        let claim = cursor.take("CLM", "2300")?;
        check(&claim)?;
        let charge = claim.money(2)?;
        let facility = claim.required_component(5, 1)?.to_owned();
        let about = cursor.body(CLAIM, "2300")?;
        refuse_unsupported(&about)?;
        let diagnoses = diagnoses::of_claim(&about)?;
        let mut rendering = None;
        while cursor.is_with("NM1", &PROVIDERS) {
            let name = cursor.take("NM1", "2310")?;
            let about = cursor.body(PROVIDER, "2310")?;
            if name.text(1) == Some("82") {
                let specialty = loops::find(&about, "PRV", Some(&["PE"]));
                rendering = specialty
                    .map(|segment| segment.required(3, 50).map(str::to_owned))
                    .transpose()?;
            }
        }
        let payers = prior::payers(&mut cursor)?;
        let prior = prior::before(&payers, &self.subscriber.position, &claim)?;
        let authorization = loops::placed_reference(&about, "G1")?;
        let mut lines = Vec::new();
        let mut adjudications = Vec::new();
        while cursor.is("LX") {
            let number = cursor.take("LX", "2400")?;
            let expected = lines.len().saturating_add(1);
            if number.count(1)? != expected {
                let message = format!("LX01 counts the lines from 1; expected {expected}.");
                return Err(number.fault(Kind::InvalidValue, 1, message));
            }
            let context = Context {
                diagnoses: &diagnoses,
                facility: &facility,
                authorization: authorization.as_ref(),
                payers: &payers,
            };
            let (line, decided) = context.line(&mut cursor)?;
            lines.push(line);
            adjudications.push(decided);
        }
        cursor.finish("2300")?;
        check_count(&claim, lines.len())?;
        check_sum(&claim, charge, &lines)?;
        if let Some(payer) = prior {
            prior::settle(payer, &claim, &mut lines, &adjudications)?;
        }
        let provider_type = rendering.or_else(|| self.billing.provider_type.clone());
        Ok(Claim {
            control_number: claim.required(1, 38)?.to_owned(),
            submitted,
            provider: self.billing.provider.clone(),
            provider_type: provider_type.map(Name),
            subscriber: self.subscriber.party.clone(),
            dependent: self.patient.as_ref().map(|patient| patient.person.clone()),
            payer: self.subscriber.payer.clone(),
            filing_indicator: self.subscriber.filing_indicator.clone(),
            frequency: claim.required_component(5, 3)?.to_owned(),
            facility,
            charge,
            referral: loops::reference(&about, "9F")?,
            authorization: authorization.map(|(number, _)| number),
            attachments: loops::attachments(&about)?,
            lines,
            source: self.source(),
            place: claim.place(),
        })
    }
}

/// What the CLM itself must say.
fn check(claim: &Segment) -> Result<(), Fault> {
    claim.required(1, 38)?;
    claim.required_component(5, 1)?;
    if claim.required_component(5, 2)? != "B" {
        let message =
            "The place of service comes from the list of professional claims (CLM05-2 = B).";
        return Err(claim.component_fault(Kind::InvalidCode, 5, 2, message));
    }
    if claim.required_component(5, 3)? != "1" {
        let message = "Only original claims (CLM05-3 = 1) are taken. The insurer takes a claim back; what was denied can be filed again as an original.";
        return Err(claim.component_fault(Kind::Unsupported, 5, 3, message));
    }
    claim.code(6, &["Y", "N"])?;
    claim.code(7, &["A", "B", "C"])?;
    if claim.code(8, &["Y", "N", "W"])? == "N" {
        let message =
            "Benefits are not assigned to the provider (CLM08 = N); Galen pays providers only.";
        return Err(claim.fault(Kind::Unsupported, 8, message));
    }
    claim.code(9, &["Y", "I"])?;
    Ok(())
}

fn refuse_unsupported(segments: &[Segment]) -> Result<(), Fault> {
    for (id, why) in UNSUPPORTED {
        if let Some(segment) = loops::find(segments, id, None) {
            return Err(segment.whole_fault(Kind::Unsupported, why));
        }
    }
    Ok(())
}

fn check_count(claim: &Segment, lines: usize) -> Result<(), Fault> {
    match lines {
        0 => Err(claim.whole_fault(
            Kind::NoLines,
            "The claim has no line (LX, SV1); there is nothing to adjudicate.",
        )),
        1..=MAX_LINES => Ok(()),
        _ => Err(claim.whole_fault(
            Kind::TooManyLines,
            format!("The claim has {lines} lines and a claim takes {MAX_LINES}; split it."),
        )),
    }
}

fn check_sum(claim: &Segment, charge: Cents, lines: &[Line]) -> Result<(), Fault> {
    let total = lines
        .iter()
        .try_fold(Cents::ZERO, |sum, line| sum.checked_add(line.charge))
        .ok_or_else(|| {
            claim.fault(
                Kind::MoneyTooLarge,
                2,
                "The lines add up to more than Galen counts.",
            )
        })?;
    if total == charge {
        return Ok(());
    }
    let message = format!(
        "CLM02 says {} and the lines add up to {} (in cents).",
        charge.get(),
        total.get()
    );
    Err(claim.fault(Kind::SumMismatch, 2, message))
}

/// What the lines of a claim have in common.
struct Context<'a> {
    diagnoses: &'a [Name],
    facility: &'a str,
    authorization: Option<&'a (String, Place)>,
    payers: &'a [Payer],
}

impl Context<'_> {
    /// Reads a line whose LX has been taken, and what other payers decided about it.
    fn line(&self, cursor: &mut Cursor) -> Result<(Line, Vec<Adjudication>), Fault> {
        let service = cursor.take("SV1", "2400")?;
        let about = cursor.body(LINE, "2400")?;
        refuse_unsupported(&about)?;
        let Some(date) = loops::find(&about, "DTP", Some(&["472"])) else {
            return Err(cursor.missing("DTP*472 (the service date)", "2400"));
        };
        let mut dates = about
            .iter()
            .filter(|segment| segment.id == "DTP" && segment.text(1) == Some("472"));
        if let Some(second) = dates.nth(1) {
            let message = "The line has a service date already; several days are one DTP with RD8.";
            return Err(second.whole_fault(Kind::TooManySegments, message));
        }
        let (first, last) = date.span(2, 3)?;
        if cursor.try_take("LIN", "2410").is_some() {
            cursor.body(DRUG, "2410")?;
        }
        while cursor.is_with("NM1", &LINE_PROVIDERS) {
            cursor.take("NM1", "2420")?;
            cursor.body(PROVIDER, "2420")?;
        }
        let decided = prior::adjudications(cursor, self.payers)?;
        while cursor.try_take("LQ", "2440").is_some() {
            cursor.body(FORM, "2440")?;
        }
        let authorization = loops::placed_reference(&about, "G1")?;
        let (authorization, authorization_place) = authorization
            .or_else(|| self.authorization.cloned())
            .unzip();
        let place = service.optional(5, 2)?.unwrap_or(self.facility);
        let line = Line {
            code: procedure(&service)?,
            modifiers: modifiers(&service)?,
            units: units(&service)?,
            charge: service.money(2)?,
            service_date: first,
            service_to: (last != first).then_some(last),
            place_of_service: Name(place.to_owned()),
            diagnoses: diagnoses::of_line(&service, self.diagnoses)?,
            authorization,
            authorization_place,
            control_number: loops::reference(&about, "6R")?,
            attachments: loops::attachments(&about)?,
            other_payer: None,
            place: service.place(),
        };
        Ok((line, decided))
    }
}

fn procedure(service: &Segment) -> Result<String, Fault> {
    let system = service.required_component(1, 1)?;
    if system != "HC" {
        let message = format!("Procedures are taken as HCPCS codes (HC); found {system}.");
        return Err(service.component_fault(Kind::Unsupported, 1, 1, message));
    }
    if service.text(15) == Some("0") {
        let message =
            "Exemption from the copayment (SV115) is not taken; the plan says what a member owes.";
        return Err(service.fault(Kind::Unsupported, 15, message));
    }
    let code = service.required_component(1, 2)?.trim();
    if code.is_empty() || code.chars().count() > 48 {
        let message = "A procedure's code has 1 to 48 characters.";
        return Err(service.component_fault(Kind::InvalidValue, 1, 2, message));
    }
    Ok(code.to_owned())
}

fn modifiers(service: &Segment) -> Result<Vec<Modifier>, Fault> {
    let mut found = Vec::new();
    for component in 3..MAX_MODIFIERS.saturating_add(3) {
        let Some(text) = service.component(1, component) else {
            continue;
        };
        let Some(modifier) = Modifier::new(text) else {
            let message = format!("A modifier is two capital letters or digits; found \"{text}\".");
            return Err(service.component_fault(Kind::InvalidValue, 1, component, message));
        };
        found.push(modifier);
    }
    Ok(found)
}

fn units(service: &Segment) -> Result<u16, Fault> {
    if service.code(3, &["UN", "MJ"])? == "MJ" {
        let message =
            "Minutes of anaesthesia (SV103 = MJ) are not priced by the schedule; bill units (UN).";
        return Err(service.fault(Kind::Unsupported, 3, message));
    }
    let text = service.required(4, 15)?;
    let whole = text.split_once('.').map_or(text, |(whole, rest)| {
        let is_whole = !rest.is_empty() && rest.bytes().all(|byte| byte == b'0');
        if is_whole {
            whole
        } else {
            text
        }
    });
    let digits = whole.bytes().all(|byte| byte.is_ascii_digit());
    match whole.parse::<u16>() {
        Ok(units) if units > 0 && digits => Ok(units),
        _ => {
            let message = format!(
                "A quantity is a whole number from 1 to {}; found {text}.",
                u16::MAX
            );
            Err(service.fault(Kind::InvalidValue, 4, message))
        }
    }
}
