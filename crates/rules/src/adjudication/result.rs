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

/// What a plan does not pay of a line, by reason: amounts, most of them zero.
///
/// Kept by name, as the chain stores them; [`Adjustments::list`] makes the list that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustments {
    /// CARC 45, borne by `over_fee_group`.
    pub over_fee: Cents,
    /// PR-122.
    pub unrecognised: Cents,
    /// PR-1.
    pub deductible: Cents,
    /// PR-3.
    pub copay: Cents,
    /// PR-2.
    pub coinsurance: Cents,
    /// OA-23.
    pub prior: Cents,
    /// PR-119.
    pub over_period: Cents,
    /// PR-149.
    pub over_lifetime: Cents,
    /// What a denial refuses, or a reduction takes (CARC 59), borne by `denied_group`.
    pub denied: Cents,
    /// Who bears `over_fee`.
    pub over_fee_group: Group,
    /// Who bears `denied`.
    pub denied_group: Group,
    /// Why it is; says nothing where `denied` is zero.
    pub denied_reason: Reason,
}

impl Adjustments {
    /// How many a line can have.
    pub const MOST: usize = 9;

    const NONE: Self = Self {
        over_fee: Cents::ZERO,
        unrecognised: Cents::ZERO,
        deductible: Cents::ZERO,
        copay: Cents::ZERO,
        coinsurance: Cents::ZERO,
        prior: Cents::ZERO,
        over_period: Cents::ZERO,
        over_lifetime: Cents::ZERO,
        denied: Cents::ZERO,
        over_fee_group: Group::Contractual,
        denied_group: Group::Contractual,
        denied_reason: Reason::NotInPlan,
    };

    /// The adjustments that are not zero, in the order 45, 59, 122, 1, 3, 2, 23, 119, 149; a denied
    /// line's in the order 23, denial.
    #[must_use]
    pub fn list(&self) -> AdjustmentList {
        let mut list = AdjustmentList::EMPTY;
        let is_reduced = self.denied_reason == Reason::MultipleProcedure;
        list.push(self.over_fee_group, Reason::OverFeeSchedule, self.over_fee);
        if is_reduced {
            list.push(self.denied_group, self.denied_reason, self.denied);
        }
        list.push(Group::Patient, Reason::Unrecognised, self.unrecognised);
        list.push(Group::Patient, Reason::Deductible, self.deductible);
        list.push(Group::Patient, Reason::Copay, self.copay);
        list.push(Group::Patient, Reason::Coinsurance, self.coinsurance);
        list.push(Group::Other, Reason::PriorPayer, self.prior);
        list.push(Group::Patient, Reason::PeriodMaximum, self.over_period);
        list.push(
            Group::Patient,
            Reason::CategoryLifetimeMaximum,
            self.over_lifetime,
        );
        if !is_reduced {
            list.push(self.denied_group, self.denied_reason, self.denied);
        }
        list
    }

    /// Gives the part of what exceeds the allowed amount that a reduction took its own reason; who
    /// bears it does not change.
    pub(super) fn name_reduction(&mut self, part: Cents) {
        if part.is_zero() {
            return;
        }
        self.denied = self.over_fee.take(part);
        self.denied_group = self.over_fee_group;
        self.denied_reason = Reason::MultipleProcedure;
    }

    /// Their sum in one group.
    #[must_use]
    pub fn total(&self, group: Group) -> Cents {
        let mut total = match group {
            Group::Patient => self.borne_by_patient(),
            Group::Other => self.prior,
            Group::Contractual | Group::Payer => Cents::ZERO,
        };
        if self.over_fee_group == group {
            total.put(self.over_fee);
        }
        if self.denied_group == group {
            total.put(self.denied);
        }
        total
    }

    /// What is PR whatever the network and the reason of a denial.
    fn borne_by_patient(&self) -> Cents {
        let mut sum = self.unrecognised;
        for part in [
            self.deductible,
            self.copay,
            self.coinsurance,
            self.over_period,
            self.over_lifetime,
        ] {
            sum.put(part);
        }
        sum
    }

    /// Their sum and `paid`, or `None` where it does not fit.
    #[inline(always)]
    fn sum_with(&self, paid: Cents) -> Option<Cents> {
        Cents::sum([
            paid,
            self.over_fee,
            self.unrecognised,
            self.deductible,
            self.copay,
            self.coinsurance,
            self.prior,
            self.over_period,
            self.over_lifetime,
            self.denied,
        ])
    }
}

/// A line's adjustments as a list; reads as a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdjustmentList {
    list: [Adjustment; Adjustments::MOST],
    count: usize,
}

impl AdjustmentList {
    const EMPTY: Self = Self {
        list: [Adjustment {
            group: Group::Contractual,
            reason: Reason::OverFeeSchedule,
            amount: Cents::ZERO,
        }; Adjustments::MOST],
        count: 0,
    };

    /// Lists an adjustment unless it is zero.
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
        }
    }
}

impl core::ops::Deref for AdjustmentList {
    type Target = [Adjustment];

    fn deref(&self) -> &[Adjustment] {
        self.list.get(..self.count).unwrap_or(&[])
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
    /// Another claim has a line of the same provider on a day of this one: someone must look before this one
    /// is paid (rulings.md 3). The amounts are those that hold if it is released.
    pub suspect: bool,
    /// On a day on which another payer comes first, that one is said to have paid nothing of it: someone must look at its word
    /// before this line is paid. The amounts are those that hold if it is released.
    pub prior_unpaid: bool,
    /// Filed late, and excused on a ground that who bills gives: someone must look at it before this line is paid. The amounts are
    /// those that hold if it is released.
    pub late_excused: bool,
    /// Denied for nothing but what must come with it and did not: had it come, the line were let through. Whoever can still be asked
    /// for it need not be denied. The amounts are those that hold without it.
    pub attachment_missing: bool,
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
            prior_unpaid: false,
            late_excused: false,
            attachment_missing: false,
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

    /// What live lines say of it, and whether it took a copay: what a docket keeps with it.
    #[must_use]
    pub const fn findings(&self) -> Findings {
        self.findings
    }

    /// Whether it took the copay of its category and day.
    #[must_use]
    pub const fn took_copay(&self) -> bool {
        self.findings.has(Findings::COPAY_TAKEN)
    }

    /// Σ PR: what the patient bears of it.
    #[must_use]
    pub fn patient(&self) -> Cents {
        self.adjustments.total(Group::Patient)
    }

    /// Whether charge = paid + Σ adjustments, exactly.
    #[must_use]
    #[inline(always)]
    pub fn balances(&self) -> bool {
        self.adjustments.sum_with(self.paid) == Some(self.charge)
    }

    /// Forgets of whatever was here before what is read before the line is decided; [`deny`](Self::deny)
    /// and [`settle`](Self::settle) write the rest.
    #[inline(always)]
    pub(super) fn open<E>(&mut self, line: &Line<E>) {
        self.number = line.number;
        self.charge = line.charge;
        self.denial = None;
        self.suspect = false;
        self.prior_unpaid = false;
        self.late_excused = false;
        self.attachment_missing = false;
        self.findings = Findings::default();
    }

    /// One adjustment of what a prior payer settled, one of the denial for what it left.
    #[inline(always)]
    pub(super) fn deny<E>(&mut self, line: &Line<E>, denial: Denial, network: Network) {
        let open = line.open_amount();
        self.allowed = Cents::ZERO;
        self.paid = Cents::ZERO;
        self.denial = Some(denial);
        self.adjustments = Adjustments {
            prior: line.charge.above(open),
            denied: open,
            denied_group: denial.reason.denial_group(network.is_in()),
            denied_reason: denial.reason,
            ..Adjustments::NONE
        };
        self.deltas = Deltas::NONE;
    }

    /// The result of the arithmetic.
    #[inline(always)]
    pub(super) fn settle(&mut self, split: &Split, network: Network, category: Option<u8>) {
        self.allowed = split.allowed;
        self.paid = split.plan;
        self.findings.note(Findings::COPAY_TAKEN, split.copay_taken);
        self.adjustments = Adjustments {
            over_fee: split.over_fee,
            unrecognised: split.unrecognised,
            deductible: split.deductible,
            copay: split.copay,
            coinsurance: split.coinsurance,
            prior: split.prior,
            over_period: split.over_period,
            over_lifetime: split.over_lifetime,
            over_fee_group: split.over_fee_group,
            ..Adjustments::NONE
        };
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
        Ok(totals.concluded(results.len()))
    }

    /// With the outcome of the lines added, of which there are so many, and what the patient bears of them: what nobody else
    /// does, as each line balances.
    pub(super) const fn concluded(mut self, lines: usize) -> Self {
        self.lines = lines;
        self.patient = self
            .charge
            .without_part(self.paid)
            .without_part(self.write_off)
            .without_part(self.other);
        self.outcome = match self.denied {
            0 => Outcome::Complete,
            all if all == self.lines => Outcome::Denied,
            _ => Outcome::Partial,
        };
        self
    }

    /// Adds a line that was adjudicated, which must balance.
    #[inline(always)]
    pub(super) fn add(&mut self, result: &LineResult) -> Result<(), Error> {
        let charge = self.charge.checked_add(result.charge);
        self.add_fitting(result)?;
        self.charge = charge.ok_or(Error::TooLarge(result.number))?;
        Ok(())
    }

    /// The same where it has been seen that the sum of all charges fits.
    #[inline(always)]
    pub(super) fn add_fitting(&mut self, result: &LineResult) -> Result<(), Error> {
        if !result.balances() {
            return Err(Error::Unbalanced(result.number));
        }
        self.charge.put_part(result.charge);
        // The other sums are of parts of these charges, so they fit.
        let adjustments = &result.adjustments;
        self.allowed.put_part(result.allowed);
        self.paid.put_part(result.paid);
        self.other.put_part(adjustments.prior);
        self.bear(adjustments.over_fee_group, adjustments.over_fee);
        self.bear(adjustments.denied_group, adjustments.denied);
        // There are no more than lie in memory.
        self.denied = self.denied.wrapping_add(usize::from(!result.is_live()));
        Ok(())
    }

    /// Adds what a group bears, where that is not the patient, who bears the rest.
    #[inline(always)]
    fn bear(&mut self, group: Group, amount: Cents) {
        match group {
            Group::Contractual => self.write_off.put_part(amount),
            Group::Other | Group::Payer => self.other.put_part(amount),
            Group::Patient => {}
        }
    }
}
