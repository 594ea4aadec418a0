//! What another payer has settled of a charge, from the adjustments that its remittance has: the same for an X12 837 and for
//! FHIR documents.

use galen_rules::Cents;

use crate::claim::OtherPayer;
use crate::leaf::Money;

/// What the patient owes of what was allowed: deductible, coinsurance, copay, blood deductible, recognised share (CARC).
const COST_SHARES: [&str; 5] = ["1", "2", "3", "66", "122"];

/// An adjustment of a charge by another payer, who may give any reason there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// CO, CR, OA, PI or PR.
    pub group: String,
    /// Claim adjustment reason code.
    pub reason: String,
    /// In cents; below zero where it adds to what is paid.
    pub cents: i64,
}

/// Why they cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uneven {
    /// They are larger than Galen counts.
    TooLarge,
    /// Paid and adjusted add up to so many cents, and not to the charge.
    Sum(i64),
    /// Not in the order paid ≤ allowed ≤ obligated ≤ charge. Cents.
    Order {
        /// What it paid.
        paid: i64,
        /// What it allowed.
        allowed: i64,
        /// What the provider is left to accept.
        obligated: i64,
    },
}

/// What a payer allowed, paid and left to be accepted of a charge. Allowed is what it says itself, else paid + what the patient
/// owes of it as cost share; the provider is obliged to accept what the contract (CO) does not take off.
///
/// # Errors
/// Where the figures contradict each other.
pub fn shares(
    charge: Cents,
    paid: Cents,
    allowed: Option<Cents>,
    adjustments: &[Adjustment],
) -> Result<OtherPayer, Uneven> {
    let sum = |is_meant: &dyn Fn(&Adjustment) -> bool| {
        let meant = adjustments.iter().filter(|entry| is_meant(entry));
        meant
            .map(|entry| entry.cents)
            .try_fold(0_i64, i64::checked_add)
            .ok_or(Uneven::TooLarge)
    };
    let signed = |cents: Cents| i64::try_from(cents.get()).map_err(|_| Uneven::TooLarge);
    let (charged, settled) = (signed(charge)?, signed(paid)?);
    let all = sum(&|_| true)?
        .checked_add(settled)
        .ok_or(Uneven::TooLarge)?;
    if all != charged {
        return Err(Uneven::Sum(all));
    }
    let is_cost_share =
        |entry: &Adjustment| entry.group == "PR" && COST_SHARES.contains(&entry.reason.as_str());
    let allowed = match allowed {
        Some(allowed) => signed(allowed)?,
        None => sum(&is_cost_share)?
            .checked_add(settled)
            .ok_or(Uneven::TooLarge)?,
    };
    let obligated = charged
        .checked_sub(sum(&|entry| entry.group == "CO")?)
        .ok_or(Uneven::TooLarge)?;
    ordered(charged, settled, allowed, obligated)
}

/// The figures, if they are in order.
///
/// # Errors
/// `Order`, `TooLarge`.
fn ordered(charge: i64, paid: i64, allowed: i64, obligated: i64) -> Result<OtherPayer, Uneven> {
    if !(paid <= allowed && allowed <= obligated && obligated <= charge) {
        return Err(Uneven::Order {
            paid,
            allowed,
            obligated,
        });
    }
    let money = |cents: i64| {
        u64::try_from(cents)
            .map(|cents| Money(Cents::new(cents)))
            .map_err(|_| Uneven::TooLarge)
    };
    Ok(OtherPayer {
        allowed: money(allowed)?,
        paid: money(paid)?,
        obligated: Some(money(obligated)?),
    })
}

/// The same of a payer that does not explain the difference: the provider is obliged to accept `obligated`, else what was
/// allowed.
///
/// # Errors
/// `Order`, `TooLarge`.
pub fn stated(
    charge: Cents,
    paid: Cents,
    allowed: Cents,
    obligated: Option<Cents>,
) -> Result<OtherPayer, Uneven> {
    let signed = |cents: Cents| i64::try_from(cents.get()).map_err(|_| Uneven::TooLarge);
    ordered(
        signed(charge)?,
        signed(paid)?,
        signed(allowed)?,
        signed(obligated.unwrap_or(allowed))?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adjusted(entries: &[(&str, &str, i64)]) -> Vec<Adjustment> {
        let entries = entries.iter();
        entries
            .map(|(group, reason, cents)| Adjustment {
                group: (*group).to_owned(),
                reason: (*reason).to_owned(),
                cents: *cents,
            })
            .collect()
    }

    /// Allowed, paid, obligated in cents.
    fn figures(found: Result<OtherPayer, Uneven>) -> Result<[u64; 3], Uneven> {
        found.map(|other| [other.allowed, other.paid, other.obligated()].map(|money| money.0.get()))
    }

    #[test]
    fn what_was_allowed_is_paid_and_owed_as_cost_share() {
        let of = |paid: u64, allowed: Option<u64>, entries: &[(&str, &str, i64)]| {
            figures(shares(
                Cents::new(17_500),
                Cents::new(paid),
                allowed.map(Cents::new),
                &adjusted(entries),
            ))
        };
        // 42 CFR 411.33(b), as rulings.md 2 has it.
        let example = [("CO", "45", 2_500), ("PR", "2", 3_000)];
        assert_eq!(of(12_000, None, &example), Ok([15_000, 12_000, 15_000]));
        // What it says itself counts, also beyond what the reasons tell: a maximum is no cost share.
        let capped = [("CO", "45", 2_500), ("PR", "119", 3_000)];
        assert_eq!(of(12_000, None, &capped), Ok([12_000, 12_000, 15_000]));
        assert_eq!(
            of(12_000, Some(15_000), &capped),
            Ok([15_000, 12_000, 15_000])
        );
        assert_eq!(of(12_000, None, &[]), Err(Uneven::Sum(12_000)));
        assert_eq!(
            of(12_000, Some(16_000), &example),
            Err(Uneven::Order {
                paid: 12_000,
                allowed: 16_000,
                obligated: 15_000
            })
        );
        let huge = [("CO", "45", i64::MAX), ("PR", "2", i64::MAX)];
        assert_eq!(of(12_000, None, &huge), Err(Uneven::TooLarge));
    }

    #[test]
    fn a_payer_need_not_explain_the_difference() {
        let of = |paid: u64, allowed: u64, obligated: Option<u64>| {
            figures(stated(
                Cents::new(100),
                Cents::new(paid),
                Cents::new(allowed),
                obligated.map(Cents::new),
            ))
        };
        assert_eq!(of(40, 60, None), Ok([60, 40, 60]));
        assert_eq!(of(40, 60, Some(80)), Ok([60, 40, 80]));
        for (paid, allowed, obligated) in [(70, 60, None), (40, 60, Some(50)), (40, 101, None)] {
            assert!(of(paid, allowed, obligated).is_err());
        }
    }
}
