//! That a remittance balances: nothing is paid that is not explained, and nothing is charged that is not.

use galen_documents::Problem;
use galen_rules::Cents;

use super::{ClaimPayment, Processed, ProviderReason, Remittance, ServicePayment};

/// Sums over the lines of a claim, in cents, with the sign that they are written with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub charge: i64,
    pub paid: i64,
    pub patient: i64,
    pub allowed: i64,
}

/// Checks it.
pub(super) fn check(remittance: &Remittance) -> Result<(), Problem> {
    let mut payment = 0_i64;
    for (index, claim) in remittance.claims.iter().enumerate() {
        let at = format!("claims[{index}]");
        for (number, line) in claim.lines.iter().enumerate() {
            check_line(line, &format!("{at}.lines[{number}]"))?;
        }
        let sums = sums(claim).ok_or_else(|| too_large(&at))?;
        payment = payment
            .checked_add(sums.paid)
            .ok_or_else(|| too_large(&at))?;
    }
    for (index, adjustment) in remittance.adjustments.iter().enumerate() {
        payment = payment
            .checked_sub(adjustment.amount)
            .ok_or_else(|| too_large(&format!("adjustments[{index}]")))?;
    }
    let stated = signed(remittance.paid).ok_or_else(|| too_large("paid"))?;
    if payment != stated {
        let message = format!("The claims and what changes the payment beside them add up to {payment} and the payment is {stated} (in cents).");
        return Err(Problem::new("unbalanced", "paid", message));
    }
    for (index, claim) in remittance.claims.iter().enumerate() {
        check_interest(remittance, claim, &format!("claims[{index}]"))?;
    }
    Ok(())
}

/// The interest that a claim carries (AMT*I) is what the payment is raised by for it (PLB).
fn check_interest(remittance: &Remittance, claim: &ClaimPayment, at: &str) -> Result<(), Problem> {
    let raised = remittance
        .adjustments
        .iter()
        .filter(|entry| {
            entry.reason == ProviderReason::Interest && entry.reference == claim.payer_number
        })
        .try_fold(0_i64, |sum, entry| sum.checked_sub(entry.amount))
        .ok_or_else(|| too_large(at))?;
    let stated = signed(claim.interest).ok_or_else(|| too_large(at))?;
    if raised == stated {
        return Ok(());
    }
    let message = format!("The claim carries interest of {stated} and the payment is raised by {raised} for it (in cents).");
    Err(Problem::new("unbalanced", at, message))
}

fn check_line(line: &ServicePayment, at: &str) -> Result<(), Problem> {
    let explained = line
        .adjustments
        .iter()
        .try_fold(line.paid, |sum, entry| sum.checked_add(entry.amount))
        .ok_or_else(|| too_large(at))?;
    if explained != line.charge {
        let message = format!(
            "What is paid and adjusted adds up to {} and the charge is {} (in cents).",
            explained.get(),
            line.charge.get()
        );
        return Err(Problem::new("unbalanced", at, message));
    }
    if line.denied && line.paid != Cents::ZERO {
        return Err(Problem::new(
            "unbalanced",
            at,
            "A denied line pays nothing.",
        ));
    }
    Ok(())
}

/// The sums of a claim; none where they are larger than can be counted.
pub(super) fn sums(claim: &ClaimPayment) -> Option<Sums> {
    let mut sums = Sums::default();
    for line in &claim.lines {
        sums.charge = sums.charge.checked_add(signed(line.charge)?)?;
        sums.paid = sums.paid.checked_add(signed(line.paid)?)?;
        sums.allowed = sums.allowed.checked_add(signed(line.allowed)?)?;
        for entry in &line.adjustments {
            if entry.group == galen_rules::Group::Patient {
                sums.patient = sums.patient.checked_add(signed(entry.amount)?)?;
            }
        }
    }
    if claim.processed == Processed::Reversal {
        sums = Sums {
            charge: -sums.charge,
            paid: -sums.paid,
            patient: -sums.patient,
            allowed: -sums.allowed,
        };
    }
    Some(sums)
}

/// An amount that can be written with either sign.
pub(super) fn signed(cents: Cents) -> Option<i64> {
    i64::try_from(cents.get()).ok()
}

pub(super) fn too_large(at: &str) -> Problem {
    Problem::new(
        "money_too_large",
        at,
        "The amounts add up to more than Galen counts.",
    )
}
