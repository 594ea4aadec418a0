//! What payers before this one have decided (loops 2320 and 2430).

use galen_documents::claim::OtherPayer;
use galen_documents::prior::{self, Adjustment, Uneven};
use galen_rules::Cents;

use super::claim::Line;
use super::loops::{self, POSITIONS};
use crate::cursor::{Body, Cursor};
use crate::fault::{Fault, Kind};
use crate::segment::Segment;

const PAYER: &Body = &[("CAS", 5), ("AMT", 3), ("OI", 1), ("MOA", 1)];
const NAME: &Body = &[("N3", 1), ("N4", 1), ("DTP", 1), ("REF", 6)];
/// Other payers' numbers for the providers of the claim.
const PROVIDERS: [&str; 6] = ["DN", "P3", "82", "77", "DQ", "85"];
const DECIDED: &Body = &[("CAS", 5), ("DTP", 1), ("AMT", 1)];

/// Another payer of the patient.
pub(super) struct Payer {
    information: Segment,
    name: Segment,
    id: String,
    position: String,
    /// AMT*D.
    paid: Option<(Segment, Cents)>,
    adjustments: Vec<Adjustment>,
}

/// What a payer decided about a line.
pub(super) struct Adjudication {
    payer: String,
    paid: Cents,
    adjustments: Vec<Adjustment>,
    place: Segment,
}

/// Reads the other payers of a claim.
pub(super) fn payers(cursor: &mut Cursor) -> Result<Vec<Payer>, Fault> {
    let mut found: Vec<Payer> = Vec::new();
    while let Some(information) = cursor.try_take("SBR", "2320") {
        if found.len() >= 10 {
            let message = "A claim names at most ten other payers.";
            return Err(information.whole_fault(Kind::TooManySegments, message));
        }
        let about = cursor.body(PAYER, "2320")?;
        if loops::find(&about, "OI", None).is_none() {
            return Err(cursor.missing("OI", "2320"));
        }
        cursor.take_with("NM1", &["IL"], "2330A")?;
        cursor.body(NAME, "2330A")?;
        let name = cursor.take_with("NM1", &["PR"], "2330B")?;
        cursor.body(NAME, "2330B")?;
        while cursor.is_with("NM1", &PROVIDERS) {
            cursor.take("NM1", "2330C")?;
            cursor.body(NAME, "2330C")?;
        }
        let id = loops::party(&name, &["PI", "XV"])?.id;
        if found.iter().any(|payer| payer.id == id) {
            let message =
                format!("The payer {id} stands here twice; its decisions could not be told apart.");
            return Err(name.fault(Kind::Duplicate, 9, message));
        }
        let paid = loops::find(&about, "AMT", Some(&["D"]))
            .map(|amount| Ok::<_, Fault>((amount.clone(), amount.money(2)?)))
            .transpose()?;
        found.push(Payer {
            position: information.code(1, &POSITIONS)?.to_owned(),
            adjustments: adjustments(&about)?,
            paid,
            id,
            information,
            name,
        });
    }
    Ok(found)
}

/// The one payer that comes before the payer at `position`.
///
/// # Errors
/// `unsupported` where there are several, `unknown_value` where two have the same turn.
pub(super) fn before<'a>(
    payers: &'a [Payer],
    position: &str,
    claim: &Segment,
) -> Result<Option<&'a Payer>, Fault> {
    let turn = |code: &str| POSITIONS.iter().position(|known| *known == code);
    let own = turn(position);
    let mut earlier = None;
    for payer in payers {
        if payer.position == position && position != "U" {
            let message =
                format!("Two payers have the turn {position}, the one that is asked and this one.");
            return Err(payer.information.fault(Kind::InvalidCode, 1, message));
        }
        // Whose turn is not known has had it if it has decided.
        let is_before = match payer.position.as_str() {
            "U" => payer.paid.is_some(),
            code => turn(code) < own,
        };
        if !is_before {
            continue;
        }
        if earlier.is_some() {
            let message =
                "Two payers come before the one that is asked; Galen coordinates with one.";
            return Err(payer.information.whole_fault(Kind::Unsupported, message));
        }
        earlier = Some(payer);
    }
    if earlier.is_none() && matches!(position, "S" | "T") {
        let message = format!("The payer is asked as {position}, not as the first, and the claim names none before it (loop 2320).");
        return Err(claim.whole_fault(Kind::PriorPayerMissing, message));
    }
    Ok(earlier)
}

/// Reads what other payers decided about a line.
pub(super) fn adjudications(
    cursor: &mut Cursor,
    payers: &[Payer],
) -> Result<Vec<Adjudication>, Fault> {
    let mut found: Vec<Adjudication> = Vec::new();
    while let Some(decision) = cursor.try_take("SVD", "2430") {
        let about = cursor.body(DECIDED, "2430")?;
        if loops::find(&about, "DTP", Some(&["573"])).is_none() {
            return Err(cursor.missing("DTP*573 (when it was decided)", "2430"));
        }
        let payer = decision.required(1, 80)?.to_owned();
        if !payers.iter().any(|known| known.id == payer) {
            let message =
                format!("No other payer of the claim (loop 2330B) has the number {payer}.");
            return Err(decision.fault(Kind::MissingReference, 1, message));
        }
        if found.iter().any(|known| known.payer == payer) {
            let message = "A line that a payer has split up or put together (several SVD of one payer) is not taken; give one SVD for each line.";
            return Err(decision.whole_fault(Kind::Unsupported, message));
        }
        found.push(Adjudication {
            payer,
            paid: decision.money(2)?,
            adjustments: adjustments(&about)?,
            place: decision,
        });
    }
    Ok(found)
}

/// The adjustments of the CAS among these segments.
fn adjustments(segments: &[Segment]) -> Result<Vec<Adjustment>, Fault> {
    let mut found = Vec::new();
    for segment in segments.iter().filter(|segment| segment.id == "CAS") {
        let group = segment.code(1, &["CO", "CR", "OA", "PI", "PR"])?;
        for reason in (2_usize..=17).step_by(3) {
            let amount = reason.saturating_add(1);
            let quantity = reason.saturating_add(2);
            let is_there = [reason, amount, quantity]
                .iter()
                .any(|element| segment.text(*element).is_some());
            if reason > 2 && !is_there {
                continue;
            }
            found.push(Adjustment {
                group: group.to_owned(),
                reason: segment.required(reason, 5)?.to_owned(),
                cents: segment.signed_money(amount)?,
            });
        }
    }
    Ok(found)
}

/// Gives each line what the payer before this one decided about it.
///
/// # Errors
/// `prior_payer_missing`, `unsupported`, `sum_mismatch`, `money_too_large`.
pub(super) fn settle(
    payer: &Payer,
    claim: &Segment,
    lines: &mut [Line],
    decisions: &[Vec<Adjudication>],
) -> Result<(), Fault> {
    let of_lines = decisions
        .iter()
        .flatten()
        .any(|decision| decision.payer == payer.id);
    if !of_lines {
        return settle_whole(payer, lines);
    }
    if !payer.adjustments.is_empty() {
        let message = "The payer before adjusted the claim as a whole and its lines too; Galen needs what it decided about each line (2430 alone).";
        return Err(payer.information.whole_fault(Kind::Unsupported, message));
    }
    let mut paid = Cents::ZERO;
    for (line, decided) in lines.iter_mut().zip(decisions) {
        let Some(decision) = decided.iter().find(|decision| decision.payer == payer.id) else {
            let message = format!("The payer {} decided about other lines, and nothing says what about this one (SVD).", payer.id);
            return Err(Fault::new(
                Kind::PriorPayerMissing,
                line.place.clone(),
                message,
            ));
        };
        line.other_payer = Some(shares(
            line.charge,
            decision.paid,
            &decision.adjustments,
            &decision.place,
        )?);
        paid = paid.checked_add(decision.paid).ok_or_else(|| {
            claim.fault(
                Kind::MoneyTooLarge,
                2,
                "The payments of another payer add up to more than Galen counts.",
            )
        })?;
    }
    match &payer.paid {
        Some((amount, stated)) if *stated != paid => {
            let message = format!(
                "AMT*D says {} and the lines' SVD02 add up to {} (in cents).",
                stated.get(),
                paid.get()
            );
            Err(amount.fault(Kind::SumMismatch, 2, message))
        }
        _ => Ok(()),
    }
}

/// Where the payer decided about the claim as a whole, which says enough only of a claim of one line.
fn settle_whole(payer: &Payer, lines: &mut [Line]) -> Result<(), Fault> {
    let Some((amount, paid)) = &payer.paid else {
        let message = format!("The payer {} comes first, and nothing says what it decided (2320 AMT*D, 2430); ask it first.", payer.id);
        return Err(payer.name.fault(Kind::PriorPayerMissing, 9, message));
    };
    let [line] = lines else {
        let message = "The payer before decided about the claim as a whole; Galen needs what it decided about each line (2430).";
        return Err(payer.information.whole_fault(Kind::Unsupported, message));
    };
    line.other_payer = Some(shares(line.charge, *paid, &payer.adjustments, amount)?);
    Ok(())
}

/// What a payer allowed, paid and left to be accepted of a charge.
fn shares(
    charge: Cents,
    paid: Cents,
    adjustments: &[Adjustment],
    place: &Segment,
) -> Result<OtherPayer, Fault> {
    prior::shares(charge, paid, None, adjustments).map_err(|uneven| match uneven {
        Uneven::TooLarge => place.whole_fault(
            Kind::MoneyTooLarge,
            "The adjustments are larger than Galen counts.",
        ),
        Uneven::Sum(all) => {
            let message = format!("What the payer before paid and adjusted adds up to {all} and the charge is {} (in cents).", charge.get());
            place.fault(Kind::SumMismatch, 2, message)
        }
        Uneven::Order { paid, allowed, obligated } => {
            let message = format!("What the payer before paid ({paid}), allowed ({allowed}) and left to be accepted ({obligated}) of the charge ({}, in cents) is not in that order; an adjustment has the wrong sign or group.", charge.get());
            place.fault(Kind::SumMismatch, 2, message)
        }
    })
}
