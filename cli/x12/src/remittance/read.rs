//! Reads a remittance, refusing what does not balance.

use galen_documents::Problem;
use galen_rules::{Cents, Group};

use super::{
    balance, Adjustment, ClaimPayment, Contact, Payee, Payer, Processed, ProviderAdjustment,
    ProviderReason, Remittance, ServicePayment, Way, GUIDE,
};
use crate::cursor::{Body, Cursor};
use crate::fault::{Fault, Kind};
use crate::interchange;
use crate::segment::Segment;

const PAYER: &Body = &[("N3", 1), ("N4", 1), ("REF", 4), ("PER", 4)];
const PAYEE: &Body = &[("N3", 1), ("N4", 1), ("REF", 9), ("RDM", 1)];
const CLAIM: &Body = &[
    ("CAS", 99),
    ("NM1", 7),
    ("MIA", 1),
    ("MOA", 1),
    ("REF", 15),
    ("DTM", 4),
    ("PER", 2),
    ("AMT", 13),
    ("QTY", 14),
];
const LINE: &Body = &[
    ("DTM", 2),
    ("CAS", 99),
    ("REF", 24),
    ("AMT", 9),
    ("QTY", 6),
    ("LQ", 99),
];

/// Reads an interchange of one remittance of the sort that Galen writes.
///
/// # Errors
/// Those of [`interchange::read`] and of its elements, `unsupported` for what Galen does not write (several remittances,
/// adjustments of a claim as a whole, other reasons in PLB), `unbalanced`.
pub fn read_835(text: &str) -> Result<Remittance, Problem> {
    let remittance = read(text)?;
    balance::check(&remittance)?;
    Ok(remittance)
}

fn read(text: &str) -> Result<Remittance, Fault> {
    let interchange = interchange::read(text)?;
    let [group] = interchange.groups.as_slice() else {
        return Err(Fault::new(
            Kind::Unsupported,
            Default::default(),
            "A remittance is read from an interchange of one group.",
        ));
    };
    group.header.code(1, &[GUIDE.function])?;
    if group.version != GUIDE.version {
        let message = format!("Galen reads remittances of version {}.", GUIDE.version);
        return Err(group.header.fault(Kind::UnsupportedVersion, 8, message));
    }
    let [set] = group.sets.as_slice() else {
        return Err(group.header.whole_fault(
            Kind::Unsupported,
            "A group is read that has one remittance.",
        ));
    };
    if let Some(fault) = &set.fault {
        return Err(fault.clone());
    }
    set.header.code(1, &[GUIDE.set])?;
    let mut cursor = Cursor::new(&set.segments, set.end.clone());
    let mut remittance = header(&mut cursor)?;
    while cursor.try_take("LX", "2000").is_some() {
        while cursor.is("CLP") {
            let (claim, stated) = claim(&mut cursor)?;
            check(&claim, &stated)?;
            remittance.claims.push(claim);
        }
    }
    while let Some(segment) = cursor.try_take("PLB", "footer") {
        provider_adjustments(&segment, &remittance.payee, &mut remittance.adjustments)?;
    }
    cursor.finish("footer")?;
    Ok(remittance)
}

fn header(cursor: &mut Cursor) -> Result<Remittance, Fault> {
    let payment = cursor.take("BPR", "header")?;
    payment.code(1, &["I", "H"])?;
    let paid = payment.money(2)?;
    payment.code(3, &["C"])?;
    if (payment.code(4, &["CHK", "NON"])? == "NON") != (paid == Cents::ZERO) {
        let message = "Nothing is paid where the method is NON, and something where it is not.";
        return Err(payment.fault(Kind::SumMismatch, 2, message));
    }
    let trace = cursor.take("TRN", "header")?;
    let currency = cursor.try_take("CUR", "header");
    cursor.take("DTM", "header")?;
    let name = cursor.take_with("N1", &["PR"], "1000A")?;
    let about = cursor.body(PAYER, "1000A")?;
    let one = |id: &str| {
        about
            .iter()
            .find(|segment| segment.id == id)
            .ok_or_else(|| cursor.missing(id, "1000A"))
    };
    let (street, city, contact) = (one("N3")?, one("N4")?, one("PER")?);
    let way = contact.code(3, &Way::ALL.map(Way::code))?;
    let optional = |segment: &Segment, element| segment.text(element).map(str::to_owned);
    let payer = Payer {
        name: name.required(2, 60)?.to_owned(),
        identifier: trace.required(3, 10)?.to_owned(),
        street: [street.text(1), street.text(2)]
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect(),
        city: city.required(1, 30)?.to_owned(),
        state: optional(city, 2),
        postal_code: optional(city, 3),
        country: optional(city, 4),
        contact: Contact {
            name: contact.required(2, 60)?.to_owned(),
            way: Way::ALL
                .into_iter()
                .find(|known| known.code() == way)
                .unwrap_or(Way::Telephone),
            number: contact.required(4, 256)?.to_owned(),
        },
    };
    let name = cursor.take_with("N1", &["PE"], "1000B")?;
    cursor.body(PAYEE, "1000B")?;
    Ok(Remittance {
        number: trace.required(2, 50)?.to_owned(),
        paid,
        paid_on: payment.date(16)?,
        currency: match currency {
            Some(segment) => segment.required(2, 3)?.to_owned(),
            None => "USD".to_owned(),
        },
        payer,
        payee: Payee {
            name: name.required(2, 60)?.to_owned(),
            qualifier: name.code(3, &["XX", "FI"])?.to_owned(),
            identifier: name.required(4, 80)?.to_owned(),
        },
        claims: Vec::new(),
        adjustments: Vec::new(),
    })
}

/// A claim, and its CLP with the sums that it states.
fn claim(cursor: &mut Cursor) -> Result<(ClaimPayment, Segment), Fault> {
    let stated = cursor.take("CLP", "2100")?;
    let code = stated.code(2, &Processed::ALL.map(Processed::code))?;
    let processed = Processed::ALL
        .into_iter()
        .find(|known| known.code() == code)
        .unwrap_or(Processed::Primary);
    let about = cursor.body(CLAIM, "2100")?;
    let mut claim = ClaimPayment {
        control_number: Some(stated.required(1, 38)?.to_owned()).filter(|number| number != "0"),
        processed,
        filing_indicator: Some(stated.required(6, 2)?.to_owned()).filter(|code| code != "ZZ"),
        payer_number: stated.required(7, 50)?.to_owned(),
        facility: match (stated.text(8), stated.text(9)) {
            (Some(facility), Some(frequency)) => Some((facility.to_owned(), frequency.to_owned())),
            _ => None,
        },
        member: None,
        received: None,
        interest: Cents::ZERO,
        lines: Vec::new(),
    };
    for segment in &about {
        match (segment.id.as_str(), segment.text(1)) {
            ("NM1", Some("QC")) => claim.member = segment.text(9).map(str::to_owned),
            ("DTM", Some("050")) => claim.received = Some(segment.date(2)?),
            ("AMT", Some("I")) => claim.interest = segment.money(2)?,
            ("CAS", _) => {
                let message =
                    "Adjustments of a claim as a whole are not read; Galen adjusts line by line.";
                return Err(segment.whole_fault(Kind::Unsupported, message));
            }
            _ => {}
        }
    }
    while cursor.is("SVC") {
        claim
            .lines
            .push(line(cursor, processed == Processed::Reversal)?);
    }
    Ok((claim, stated))
}

/// That a CLP states the sums of its lines.
fn check(claim: &ClaimPayment, stated: &Segment) -> Result<(), Fault> {
    let sums = balance::sums(claim).ok_or_else(|| {
        stated.whole_fault(
            Kind::MoneyTooLarge,
            "The lines add up to more than Galen counts.",
        )
    })?;
    let is_reversal = claim.processed == Processed::Reversal;
    let patient = if is_reversal { 0 } else { sums.patient };
    for (element, sum) in [(3, sums.charge), (4, sums.paid), (5, patient)] {
        let found = stated
            .text(element)
            .map_or(Ok(0), |_| stated.signed_money(element))?;
        if found != sum {
            let message =
                format!("CLP{element:02} says {found} and the lines add up to {sum} (in cents).");
            return Err(stated.fault(Kind::SumMismatch, element, message));
        }
    }
    Ok(())
}

fn line(cursor: &mut Cursor, is_reversal: bool) -> Result<ServicePayment, Fault> {
    let service = cursor.take("SVC", "2110")?;
    let about = cursor.body(LINE, "2110")?;
    let amount = |segment: &Segment, element: usize| -> Result<Cents, Fault> {
        let cents = segment.signed_money(element)?;
        let cents = if is_reversal { -cents } else { cents };
        u64::try_from(cents).map(Cents::new).map_err(|_| {
            segment.fault(
                Kind::NegativeMoney,
                element,
                "The amount has the wrong sign for what became of the claim.",
            )
        })
    };
    let units = |element: usize, absent: u16| match service.text(element) {
        None => Ok(absent),
        Some(_) => u16::try_from(service.count(element)?).map_err(|_| {
            service.fault(
                Kind::InvalidValue,
                element,
                "A line has at most 65,535 units.",
            )
        }),
    };
    if service.required_component(1, 1)? != "HC" {
        return Err(service.component_fault(
            Kind::Unsupported,
            1,
            1,
            "Procedures are read as HCPCS codes (HC).",
        ));
    }
    let day = |qualifier| {
        about
            .iter()
            .find(|segment| segment.id == "DTM" && segment.text(1) == Some(qualifier))
            .map(|segment| segment.date(2))
            .transpose()
    };
    let paid_units = units(5, 1)?;
    let mut line = ServicePayment {
        code: service.required_component(1, 2)?.to_owned(),
        modifiers: (3..=6)
            .filter_map(|number| service.component(1, number))
            .map(str::to_owned)
            .collect(),
        charge: amount(&service, 2)?,
        paid: amount(&service, 3)?,
        allowed: Cents::ZERO,
        units: units(7, paid_units)?,
        denied: paid_units == 0,
        service_date: day("150")?
            .or(day("472")?)
            .ok_or_else(|| cursor.missing("DTM*472", "2110"))?,
        service_to: day("151")?,
        control_number: None,
        adjustments: Vec::new(),
        remarks: Vec::new(),
    };
    for segment in &about {
        match (segment.id.as_str(), segment.text(1)) {
            ("REF", Some("6R")) => line.control_number = segment.text(2).map(str::to_owned),
            ("AMT", Some("B6")) => line.allowed = amount(segment, 2)?,
            ("LQ", Some("HE")) => line.remarks.push(segment.required(2, 30)?.to_owned()),
            ("CAS", _) => adjustments(segment, &amount, &mut line.adjustments)?,
            _ => {}
        }
    }
    Ok(line)
}

fn adjustments(
    segment: &Segment,
    amount: &dyn Fn(&Segment, usize) -> Result<Cents, Fault>,
    found: &mut Vec<Adjustment>,
) -> Result<(), Fault> {
    let code = segment.code(1, &Group::ALL.map(Group::as_str))?;
    let Some(group) = Group::ALL.into_iter().find(|group| group.as_str() == code) else {
        return Ok(());
    };
    for element in (2_usize..=17).step_by(3) {
        if element > 2 && segment.text(element).is_none() {
            continue;
        }
        let text = segment.required(element, 5)?;
        let reason = text.parse().map_err(|_| {
            segment.fault(
                Kind::InvalidCode,
                element,
                format!("Claim adjustment reasons are numbers here; found {text}."),
            )
        })?;
        found.push(Adjustment {
            group,
            reason,
            amount: amount(segment, element.saturating_add(1))?,
        });
    }
    Ok(())
}

fn provider_adjustments(
    segment: &Segment,
    payee: &Payee,
    found: &mut Vec<ProviderAdjustment>,
) -> Result<(), Fault> {
    if segment.required(1, 50)? != payee.identifier {
        return Err(segment.fault(
            Kind::MissingReference,
            1,
            "It is about another provider than the payee.",
        ));
    }
    segment.date(2)?;
    for element in (3_usize..=13).step_by(2) {
        if element > 3 && segment.text(element).is_none() {
            continue;
        }
        let code = segment.required_component(element, 1)?;
        let Some(reason) = ProviderReason::ALL
            .into_iter()
            .find(|reason| reason.code() == code)
        else {
            let message = format!(
                "The reason {code} is not read; Galen writes interest (L6) and recovery (WO)."
            );
            return Err(segment.component_fault(Kind::Unsupported, element, 1, message));
        };
        found.push(ProviderAdjustment {
            reason,
            reference: segment.required_component(element, 2)?.to_owned(),
            amount: segment.signed_money(element.saturating_add(1))?,
        });
    }
    Ok(())
}
