//! Writes a remittance that balances.

use galen_documents::Problem;
use galen_rules::Group;

use super::balance::{signed, sums, too_large, Sums};
use super::{
    ClaimPayment, Payer, Processed, ProviderAdjustment, Remittance, ServicePayment,
    FILING_INDICATORS, GUIDE,
};
use crate::element::{day, decimal};
use crate::writer::{Envelope, Writer};

/// Adjustments of a PLB, at most.
const PER_PLB: usize = 6;
/// Adjustments of a CAS, at most.
const PER_CAS: usize = 6;

/// Writes it.
pub(super) fn write(remittance: &Remittance, envelope: &Envelope) -> Result<String, Problem> {
    check_texts(remittance)?;
    let mut writer = Writer::new(envelope, GUIDE);
    writer.begin_set();
    header(&mut writer, remittance, envelope)?;
    for (index, claim) in remittance.claims.iter().enumerate() {
        if index == 0 {
            writer.segment("LX", &["1"]);
        }
        let sums = sums(claim).ok_or_else(|| too_large(&format!("claims[{index}]")))?;
        write_claim(&mut writer, claim, sums)?;
    }
    for chunk in remittance.adjustments.chunks(PER_PLB) {
        provider_adjustments(&mut writer, remittance, chunk);
    }
    writer.finish(envelope)
}

/// What the guide bounds.
fn check_texts(remittance: &Remittance) -> Result<(), Problem> {
    let refused = |at: &str, what: &str| Err(Problem::new("invalid_value", at, what.to_owned()));
    let within =
        |text: &str, most: usize| (1..=most).contains(&text.chars().count()) && text.trim() == text;
    let Payer {
        name,
        identifier,
        street,
        city,
        contact,
        ..
    } = &remittance.payer;
    if !within(&remittance.number, 50) {
        return refused(
            "number",
            "The number of a remittance has 1 to 50 characters.",
        );
    }
    if identifier.len() != 10 || !identifier.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return refused("payer.identifier", "The payer's identifier has ten characters: 1 and the nine digits of its tax number (TRN03).");
    }
    for (at, text, most) in [
        ("payer.name", name.as_str(), 60),
        ("payer.city", city.as_str(), 30),
        ("payer.contact.name", contact.name.as_str(), 60),
        ("payer.contact.number", contact.number.as_str(), 256),
        ("payee.name", remittance.payee.name.as_str(), 60),
        ("payee.identifier", remittance.payee.identifier.as_str(), 50),
        ("currency", remittance.currency.as_str(), 3),
    ] {
        if !within(text, most) {
            return refused(
                at,
                &format!("It has 1 to {most} characters, without blanks around them."),
            );
        }
    }
    if !(1..=2).contains(&street.len()) || !street.iter().all(|line| within(line, 55)) {
        return refused(
            "payer.street",
            "An address has one or two lines of at most 55 characters.",
        );
    }
    for (index, claim) in remittance.claims.iter().enumerate() {
        let sort = claim.filing_indicator.as_deref();
        if sort.is_some_and(|sort| !FILING_INDICATORS.contains(&sort)) {
            let at = format!("claims[{index}].filing_indicator");
            return refused(
                &at,
                "It is none of the sorts of coverage that CLP06 takes; leave it out.",
            );
        }
    }
    if !["XX", "FI"].contains(&remittance.payee.qualifier.as_str()) {
        return refused(
            "payee.qualifier",
            "A payee is named by its National Provider Identifier (XX) or its tax number (FI).",
        );
    }
    Ok(())
}

fn header(
    writer: &mut Writer,
    remittance: &Remittance,
    envelope: &Envelope,
) -> Result<(), Problem> {
    let paid = signed(remittance.paid).ok_or_else(|| too_large("paid"))?;
    let payer = &remittance.payer;
    // Of the guide's ways to pay only a cheque needs no bank: what a transfer of tokens has is the number in TRN02.
    let (handling, method) = if paid == 0 {
        ("H", "NON")
    } else {
        ("I", "CHK")
    };
    let mut elements = vec![
        handling.to_owned(),
        decimal(paid),
        "C".to_owned(),
        method.to_owned(),
    ];
    elements.resize(15, String::new());
    elements.push(day(remittance.paid_on));
    let elements: Vec<&str> = elements.iter().map(String::as_str).collect();
    writer.segment("BPR", &elements);
    let number = writer.plain(&remittance.number);
    writer.segment("TRN", &["1", &number, &payer.identifier]);
    if remittance.currency != "USD" {
        writer.segment("CUR", &["PR", &remittance.currency]);
    }
    writer.segment("DTM", &["405", &day(envelope.date)]);
    let name = writer.plain(&payer.name);
    writer.segment("N1", &["PR", &name]);
    let street: Vec<&str> = payer.street.iter().map(String::as_str).collect();
    writer.segment("N3", &street);
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    writer.segment(
        "N4",
        &[
            &payer.city,
            &or_empty(&payer.state),
            &or_empty(&payer.postal_code),
            &or_empty(&payer.country),
        ],
    );
    let contact = &payer.contact;
    writer.segment(
        "PER",
        &["BL", &contact.name, contact.way.code(), &contact.number],
    );
    let payee = &remittance.payee;
    let name = writer.plain(&payee.name);
    writer.segment("N1", &["PE", &name, &payee.qualifier, &payee.identifier]);
    Ok(())
}

fn write_claim(writer: &mut Writer, claim: &ClaimPayment, sums: Sums) -> Result<(), Problem> {
    let control = writer.plain(claim.control_number.as_deref().unwrap_or("0"));
    let is_reversal = claim.processed == Processed::Reversal;
    // What the patient owes is not told where a payment is taken back.
    let patient = if is_reversal || sums.patient == 0 {
        String::new()
    } else {
        decimal(sums.patient)
    };
    let (facility, frequency) = claim.facility.clone().unwrap_or_default();
    writer.segment(
        "CLP",
        &[
            &control,
            claim.processed.code(),
            &decimal(sums.charge),
            &decimal(sums.paid),
            &patient,
            claim.filing_indicator.as_deref().unwrap_or("ZZ"),
            &claim.payer_number,
            &facility,
            &frequency,
        ],
    );
    let member = claim.member.as_deref().map(|id| writer.plain(id));
    let (qualifier, id) = member.as_deref().map_or(("", ""), |id| ("MI", id));
    writer.segment("NM1", &["QC", "1", "", "", "", "", "", qualifier, id]);
    if let Some(received) = claim.received {
        writer.segment("DTM", &["050", &day(received)]);
    }
    if sums.allowed != 0 {
        writer.segment("AMT", &["AU", &decimal(sums.allowed)]);
    }
    let interest = signed(claim.interest).ok_or_else(|| too_large("interest"))?;
    if interest != 0 {
        writer.segment("AMT", &["I", &decimal(interest)]);
    }
    for line in &claim.lines {
        write_line(writer, line, is_reversal)?;
    }
    Ok(())
}

fn write_line(
    writer: &mut Writer,
    line: &ServicePayment,
    is_reversal: bool,
) -> Result<(), Problem> {
    let amount = |cents| {
        let amount = signed(cents).ok_or_else(|| too_large("lines"))?;
        Ok::<_, Problem>(decimal(if is_reversal { -amount } else { amount }))
    };
    let mut procedure = vec!["HC", line.code.as_str()];
    procedure.extend(line.modifiers.iter().map(String::as_str));
    let procedure = writer.composite(&procedure);
    let billed = line.units.to_string();
    // Absent, the paid units are one.
    let (paid_units, billed) = match (line.denied, line.units) {
        (true, _) => ("0", billed.as_str()),
        (false, 1) => ("", ""),
        (false, _) => (billed.as_str(), ""),
    };
    writer.segment(
        "SVC",
        &[
            &procedure,
            &amount(line.charge)?,
            &amount(line.paid)?,
            "",
            paid_units,
            "",
            billed,
        ],
    );
    match line.service_to {
        None => writer.segment("DTM", &["472", &day(line.service_date)]),
        Some(last) => {
            writer.segment("DTM", &["150", &day(line.service_date)]);
            writer.segment("DTM", &["151", &day(last)]);
        }
    }
    for group in Group::ALL {
        let entries: Vec<_> = line
            .adjustments
            .iter()
            .filter(|entry| entry.group == group)
            .collect();
        for chunk in entries.chunks(PER_CAS) {
            let mut elements = vec![group.as_str().to_owned()];
            for entry in chunk {
                elements.extend([
                    entry.reason.to_string(),
                    amount(entry.amount)?,
                    String::new(),
                ]);
            }
            let elements: Vec<&str> = elements.iter().map(String::as_str).collect();
            writer.segment("CAS", &elements);
        }
    }
    if let Some(number) = &line.control_number {
        let number = writer.plain(number);
        writer.segment("REF", &["6R", &number]);
    }
    if line.allowed != galen_rules::Cents::ZERO {
        writer.segment("AMT", &["B6", &amount(line.allowed)?]);
    }
    for remark in &line.remarks {
        writer.segment("LQ", &["HE", remark]);
    }
    Ok(())
}

/// PLB02: the last day of the provider's fiscal year, which is that of the calendar where nobody says otherwise.
fn provider_adjustments(
    writer: &mut Writer,
    remittance: &Remittance,
    chunk: &[ProviderAdjustment],
) {
    let year_end = format!("{:04}1231", remittance.paid_on.year());
    let mut elements = vec![remittance.payee.identifier.clone(), year_end];
    for adjustment in chunk {
        let identifier = writer.composite(&[adjustment.reason.code(), &adjustment.reference]);
        elements.extend([identifier, decimal(adjustment.amount)]);
    }
    let elements: Vec<&str> = elements.iter().map(String::as_str).collect();
    writer.segment("PLB", &elements);
}
