//! What was decided about a line, and that it balances (X12 835: charge = paid + Σ adjustments).

use super::accumulators::Deltas;
use super::coordination::Settled;
use super::error::Error;
use super::fee::Fee;
use super::history::Findings;
use super::line::{Line, Network};
use super::maxima::Capped;
use crate::money::Cents;
use crate::reason::{Group, Reason, Remark};

/// A part of a charge that the plan does not pay, who bears it, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Who bears it.
    pub group: Group,
    /// Why.
    pub reason: Reason,
    /// How much; never zero.
    pub amount: Cents,
}

/// A line's adjustments, in the order 45, 122, 1, 3, 2, 23, 119, 149; a denied line's in the
/// order 23, denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustments {
    list: [Adjustment; Self::MOST],
    count: usize,
}

impl Adjustments {
    /// How many a line can have.
    pub const MOST: usize = 8;

    const NONE: Self = Self {
        list: [Adjustment {
            group: Group::Contractual,
            reason: Reason::OverFeeSchedule,
            amount: Cents::ZERO,
        }; Self::MOST],
        count: 0,
    };

    /// The adjustments, none of them zero.
    #[must_use]
    pub fn as_slice(&self) -> &[Adjustment] {
        self.list.get(..self.count).unwrap_or(&[])
    }

    /// Their sum in one group. `None` where it does not fit.
    #[must_use]
    pub fn total(&self, group: Group) -> Option<Cents> {
        self.as_slice()
            .iter()
            .filter(|adjustment| adjustment.group == group)
            .try_fold(Cents::ZERO, |sum, adjustment| {
                sum.checked_add(adjustment.amount)
            })
    }

    /// Lists an adjustment unless it is zero. `None` where there is no room, which the balance
    /// would reveal anyway.
    fn push(&mut self, group: Group, reason: Reason, amount: Cents) -> Option<()> {
        if amount.is_zero() {
            return Some(());
        }
        *self.list.get_mut(self.count)? = Adjustment {
            group,
            reason,
            amount,
        };
        self.count = self.count.checked_add(1)?;
        Some(())
    }
}

/// Why a line is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The reason of the first gate that it failed.
    pub reason: Reason,
    /// What that reason says nothing without (CARC 16, 96, 252).
    pub remark: Option<Remark>,
}

impl Denial {
    pub(super) const fn of(reason: Reason) -> Self {
        Self {
            reason,
            remark: None,
        }
    }
}

/// What was decided about one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineResult {
    /// The line's number.
    pub number: u16,
    /// What was charged.
    pub charge: Cents,
    /// What the plan allows: min(charge, fee × units); zero where denied.
    pub allowed: Cents,
    /// What is awarded. Interest is outside it.
    pub paid: Cents,
    /// Why the rest is not.
    pub adjustments: Adjustments,
    /// Why nothing is, where the line is denied.
    pub denial: Option<Denial>,
    /// Another claim has a line of the same provider and day: someone must look before this one
    /// is paid (rulings.md 3). The amounts are those that hold if it is released.
    pub suspect: bool,
    /// What the line added to the accumulators.
    pub deltas: Deltas,
    pub(super) findings: Findings,
}

impl Default for LineResult {
    fn default() -> Self {
        Self {
            number: 0,
            charge: Cents::ZERO,
            allowed: Cents::ZERO,
            paid: Cents::ZERO,
            adjustments: Adjustments::NONE,
            denial: None,
            suspect: false,
            deltas: Deltas::NONE,
            findings: Findings::default(),
        }
    }
}

impl LineResult {
    /// Whether the line belongs in the member's history: paid, pended or owed by the patient, not
    /// denied.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.denial.is_none()
    }

    /// Σ PR. `None` for no line that was adjudicated: it balances.
    #[must_use]
    pub fn patient(&self) -> Option<Cents> {
        self.adjustments.total(Group::Patient)
    }

    /// Whether charge = paid + Σ adjustments, exactly.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.adjustments
            .as_slice()
            .iter()
            .try_fold(self.paid, |sum, adjustment| {
                sum.checked_add(adjustment.amount)
            })
            .is_some_and(|sum| sum == self.charge)
    }

    /// Forgets whatever was here before.
    pub(super) fn open(&mut self, line: &Line) {
        *self = Self {
            number: line.number,
            charge: line.charge,
            ..Self::default()
        };
    }

    /// One adjustment of what a prior payer settled, one of the denial for what it left.
    pub(super) fn deny(&mut self, line: &Line, denial: Denial, network: Network) -> Option<()> {
        let open = line.open_amount();
        self.denial = Some(denial);
        self.adjustments
            .push(Group::Other, Reason::PriorPayer, line.charge.above(open))?;
        self.adjustments.push(
            denial.reason.denial_group(network.is_in()),
            denial.reason,
            open,
        )
    }

    /// The result of the arithmetic.
    pub(super) fn settle(
        &mut self,
        fee: &Fee,
        settled: &Settled,
        capped: &Capped,
        network: Network,
        category: Option<u8>,
    ) -> Option<()> {
        let patient = &settled.patient;
        self.allowed = fee.allowed;
        self.paid = capped.paid;
        self.findings.copay_taken = patient.copay_taken;
        for (group, reason, amount) in [
            (
                settled.over_fee_group,
                Reason::OverFeeSchedule,
                settled.over_fee,
            ),
            (Group::Patient, Reason::Unrecognised, settled.unrecognised),
            (Group::Patient, Reason::Deductible, patient.deductible),
            (Group::Patient, Reason::Copay, patient.copay),
            (Group::Patient, Reason::Coinsurance, patient.coinsurance),
            (Group::Other, Reason::PriorPayer, settled.prior),
            (Group::Patient, Reason::PeriodMaximum, capped.over_period),
            (
                Group::Patient,
                Reason::CategoryLifetimeMaximum,
                capped.over_lifetime,
            ),
        ] {
            self.adjustments.push(group, reason, amount)?;
        }
        self.deltas = Deltas {
            network,
            category,
            deductible: settled.deductible_used,
            out_of_pocket: patient.patient()?,
            tier: patient.tiered,
            paid: capped.paid,
        };
        Some(())
    }
}

/// How a claim ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every line was adjudicated to payment or cost share.
    Complete,
    /// Some lines are denied.
    Partial,
    /// All lines are.
    Denied,
}

impl Outcome {
    /// `complete`, `partial` or `denied`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Denied => "denied",
        }
    }
}

/// The sums of a claim: charge = paid + patient + write-off + other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How it ended.
    pub outcome: Outcome,
    /// Σ charge.
    pub charge: Cents,
    /// Σ allowed.
    pub allowed: Cents,
    /// Σ paid.
    pub paid: Cents,
    /// Σ PR: what the patient bears.
    pub patient: Cents,
    /// Σ CO: what the provider writes off.
    pub write_off: Cents,
    /// Σ OA and PI.
    pub other: Cents,
}

impl Totals {
    /// The sums over adjudicated lines.
    ///
    /// # Errors
    /// [`Error::NoLines`], and [`Error::TooLarge`] with the line at which a sum stops to fit.
    pub fn of(results: &[LineResult]) -> Result<Self, Error> {
        let mut totals = Self {
            outcome: Outcome::Complete,
            charge: Cents::ZERO,
            allowed: Cents::ZERO,
            paid: Cents::ZERO,
            patient: Cents::ZERO,
            write_off: Cents::ZERO,
            other: Cents::ZERO,
        };
        let (mut denied, mut decided) = (false, false);
        for result in results {
            totals.add(result).ok_or(Error::TooLarge(result.number))?;
            denied |= !result.is_live();
            decided |= result.is_live();
        }
        totals.outcome = match (decided, denied) {
            (true, false) => Outcome::Complete,
            (true, true) => Outcome::Partial,
            (false, true) => Outcome::Denied,
            (false, false) => return Err(Error::NoLines),
        };
        Ok(totals)
    }

    fn add(&mut self, result: &LineResult) -> Option<()> {
        self.charge = self.charge.checked_add(result.charge)?;
        self.allowed = self.allowed.checked_add(result.allowed)?;
        self.paid = self.paid.checked_add(result.paid)?;
        for adjustment in result.adjustments.as_slice() {
            let total = match adjustment.group {
                Group::Patient => &mut self.patient,
                Group::Contractual => &mut self.write_off,
                Group::Other | Group::Payer => &mut self.other,
            };
            *total = total.checked_add(adjustment.amount)?;
        }
        Some(())
    }
}
