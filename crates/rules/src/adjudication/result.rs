//! What was decided about a line, and that it balances (X12 835: charge = paid + Σ adjustments).

use super::accumulators::Deltas;
use super::error::Error;
use super::history::Findings;
use super::line::{Line, Network};
use super::split::Split;
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
    contractual: Cents,
    patient: Cents,
    other: Cents,
    payer: Cents,
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
        contractual: Cents::ZERO,
        patient: Cents::ZERO,
        other: Cents::ZERO,
        payer: Cents::ZERO,
    };

    /// The adjustments, none of them zero.
    #[must_use]
    pub fn as_slice(&self) -> &[Adjustment] {
        self.list.get(..self.count).unwrap_or(&[])
    }

    /// Their sum in one group.
    #[must_use]
    pub const fn total(&self, group: Group) -> Cents {
        match group {
            Group::Contractual => self.contractual,
            Group::Patient => self.patient,
            Group::Other => self.other,
            Group::Payer => self.payer,
        }
    }

    /// Lists an adjustment unless it is zero. One that found no room would be missing from the
    /// balance.
    fn push(&mut self, group: Group, reason: Reason, amount: Cents) {
        if amount.is_zero() {
            return;
        }
        if let Some(place) = self.list.get_mut(self.count) {
            *place = Adjustment {
                group,
                reason,
                amount,
            };
            // The count was below the length of the list just now.
            self.count = self.count.wrapping_add(1);
            match group {
                Group::Contractual => &mut self.contractual,
                Group::Patient => &mut self.patient,
                Group::Other => &mut self.other,
                Group::Payer => &mut self.payer,
            }
            .put(amount);
        }
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

    /// Σ PR: what the patient bears of it.
    #[must_use]
    pub const fn patient(&self) -> Cents {
        self.adjustments.patient
    }

    /// Whether charge = paid + Σ adjustments, exactly.
    #[must_use]
    pub fn balances(&self) -> bool {
        let adjusted = &self.adjustments;
        self.paid
            .checked_add(adjusted.contractual)
            .and_then(|sum| sum.checked_add(adjusted.patient))
            .and_then(|sum| sum.checked_add(adjusted.other))
            .and_then(|sum| sum.checked_add(adjusted.payer))
            == Some(self.charge)
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
    pub(super) fn deny(&mut self, line: &Line, denial: Denial, network: Network) {
        let open = line.open_amount();
        let group = denial.reason.denial_group(network.is_in());
        let settled = line.charge.above(open);
        self.denial = Some(denial);
        self.adjustments
            .push(Group::Other, Reason::PriorPayer, settled);
        self.adjustments.push(group, denial.reason, open);
    }

    /// The result of the arithmetic.
    pub(super) fn settle(&mut self, split: &Split, network: Network, category: Option<u8>) {
        self.allowed = split.allowed;
        self.paid = split.plan;
        self.findings.copay_taken = split.copay_taken;
        let mut list = |group, reason, amount| self.adjustments.push(group, reason, amount);
        list(
            split.over_fee_group,
            Reason::OverFeeSchedule,
            split.over_fee,
        );
        list(Group::Patient, Reason::Unrecognised, split.unrecognised);
        list(Group::Patient, Reason::Deductible, split.deductible);
        list(Group::Patient, Reason::Copay, split.copay);
        list(Group::Patient, Reason::Coinsurance, split.coinsurance);
        list(Group::Other, Reason::PriorPayer, split.prior);
        list(Group::Patient, Reason::PeriodMaximum, split.over_period);
        list(
            Group::Patient,
            Reason::CategoryLifetimeMaximum,
            split.over_lifetime,
        );
        self.deltas = Deltas {
            network,
            category,
            deductible: split.deductible_used,
            out_of_pocket: split.shared(),
            tier: split.tiered,
            paid: split.plan,
        };
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
    /// How many lines there are.
    pub lines: usize,
    /// How many of them are denied.
    pub denied: usize,
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
    /// Those of no line at all.
    pub(super) const NONE: Self = Self {
        outcome: Outcome::Complete,
        lines: 0,
        denied: 0,
        charge: Cents::ZERO,
        allowed: Cents::ZERO,
        paid: Cents::ZERO,
        patient: Cents::ZERO,
        write_off: Cents::ZERO,
        other: Cents::ZERO,
    };

    /// The sums over adjudicated lines.
    ///
    /// # Errors
    /// [`Error::NoLines`], [`Error::Unbalanced`] with the line that does not balance, and
    /// [`Error::TooLarge`] with the line at which a sum stops to fit.
    pub fn of(results: &[LineResult]) -> Result<Self, Error> {
        if results.is_empty() {
            return Err(Error::NoLines);
        }
        let mut totals = Self::NONE;
        for result in results {
            totals.add(result)?;
        }
        Ok(totals.concluded())
    }

    /// With the outcome of the lines added.
    pub(super) const fn concluded(mut self) -> Self {
        self.outcome = match self.denied {
            0 => Outcome::Complete,
            all if all == self.lines => Outcome::Denied,
            _ => Outcome::Partial,
        };
        self
    }

    /// Adds a line that was adjudicated, which must balance.
    pub(super) fn add(&mut self, result: &LineResult) -> Result<(), Error> {
        if !result.balances() {
            return Err(Error::Unbalanced(result.number));
        }
        // The other sums are parts of this one.
        self.charge = self
            .charge
            .checked_add(result.charge)
            .ok_or(Error::TooLarge(result.number))?;
        self.allowed.put(result.allowed);
        self.paid.put(result.paid);
        self.patient.put(result.adjustments.patient);
        self.write_off.put(result.adjustments.contractual);
        self.other.put(result.adjustments.other);
        self.other.put(result.adjustments.payer);
        self.lines = self.lines.saturating_add(1);
        self.denied = self.denied.saturating_add(usize::from(!result.is_live()));
        Ok(())
    }
}
