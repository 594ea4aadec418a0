//! What a provider asks: a claim and its lines.

use super::benefit::Benefit;
use super::docket::{Docket, Slices};
use super::error::Error;
use super::history::Service;
use super::period::BenefitPeriod;
use crate::date::{Date, Window};
use crate::money::Cents;

/// A claim: what one provider did for one member, on days of one benefit period.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The day on which the insurer received it.
    pub submitted: Date,
    /// Whether the provider has an agreement with the insurer.
    pub network: Network,
    /// The lines, in any order.
    pub lines: &'a [Line],
}

/// Whether the provider is in the insurer's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// It is.
    In,
    /// It is not.
    Out,
}

impl Network {
    /// Whether this is [`Network::In`].
    #[must_use]
    pub const fn is_in(self) -> bool {
        matches!(self, Self::In)
    }
}

/// One line of a claim. `E`: the form in which its schedule keeps entries.
#[derive(Clone, Copy, Debug)]
pub struct Line<E = Benefit> {
    /// Its number; with the service date it decides the order, so no two lines of a day share one.
    pub number: u16,
    /// What was done, when and by whom.
    pub service: Service,
    /// What the schedule says of its code; `None` where the code is not in it.
    pub benefit: Option<E>,
    /// How many units; at least one.
    pub units: u32,
    /// What is charged for all units together.
    pub charge: Cents,
    /// Whether an authorization for it is at hand.
    pub authorized: bool,
    /// Whether law or contract forbids to bill the patient what the plan does not allow.
    pub balance_billing_prohibited: bool,
    /// What a prior payer decided.
    pub other_payer: Option<OtherPayer>,
}

/// What a prior payer decided about a line: paid ≤ allowed ≤ obligated ≤ charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherPayer {
    /// What it allowed.
    pub allowed: Cents,
    /// What it paid.
    pub paid: Cents,
    /// What the provider may collect in all: what it allowed, unless it says otherwise.
    pub obligated: Cents,
}

impl OtherPayer {
    /// R: what is left to be collected after it.
    pub(super) const fn left(&self) -> Cents {
        self.obligated.above(self.paid)
    }
}

impl<E> Line<E> {
    /// What decides its turn: its date, then its number.
    pub(super) fn turn(&self) -> i64 {
        // Dates are within a few million days of 1970: neither leaves the range.
        i64::from(self.service.date.days())
            .wrapping_mul(1 << 16)
            .wrapping_add(i64::from(self.number))
    }

    /// What can be denied or paid: the charge, or what a prior payer left of it.
    pub(super) fn open_amount(&self) -> Cents {
        self.other_payer
            .as_ref()
            .map_or(self.charge, OtherPayer::left)
    }
}

impl Claim<'_> {
    /// Checks what the types do not; adjudication does so first.
    ///
    /// # Errors
    /// A line that cannot be adjudicated, or lines that do not belong in one claim.
    pub fn validate(&self) -> Result<(), Error> {
        let mut results = [];
        Checked::of(&Slices {
            lines: self.lines,
            results: &mut results,
        })
        .map(|_| ())
    }
}

/// What a look at all lines has shown.
pub(super) struct Checked {
    /// Whether they come in the order of their turns already.
    pub in_order: bool,
    /// Every bit that is set in any charge.
    pub charges: u64,
    /// From the first day of them to the last.
    pub days: Window,
    /// The most days before a line on which the history is asked about its code.
    pub frequency_days: u32,
}

impl Checked {
    /// Validates the lines.
    #[inline(always)]
    pub(super) fn of<D: Docket>(docket: &D) -> Result<Self, Error> {
        let first = docket.line(0).ok_or(Error::NoLines)?;
        let period = BenefitPeriod::of(first.service.date).window();
        let (mut in_order, mut charges, mut frequency_days) = (true, 0, 0);
        let (mut before, mut last) = (i64::MIN, first.service.date);
        for index in 0..docket.count() {
            let line = docket.line(index).ok_or(Error::ResultsDoNotMatchLines)?;
            if !period.contains(line.service.date) {
                return Err(Error::SpansTwoPeriods(line.number));
            }
            if line.units == 0 {
                return Err(Error::NoUnits(line.number));
            }
            if let Some(prior) = &line.other_payer {
                if prior.paid > prior.allowed
                    || prior.allowed > prior.obligated
                    || prior.obligated > line.charge
                {
                    return Err(Error::OtherPayer(line.number));
                }
            }
            charges |= line.charge.get();
            frequency_days = line.frequency_days().max(frequency_days);
            let turn = line.turn();
            in_order &= before < turn;
            before = turn;
            last = line.service.date;
        }
        let mut days = Window {
            from: first.service.date,
            to: last,
        };
        if !in_order {
            turns_differ(docket)?;
            days = span(docket, days);
        }
        Ok(Self {
            in_order,
            charges,
            days,
            frequency_days,
        })
    }
}

/// Only for lines that do not come in order already, where equal turns could hide.
#[cold]
#[inline(never)]
fn turns_differ<D: Docket>(docket: &D) -> Result<(), Error> {
    for index in 0..docket.count() {
        let Some(line) = docket.line(index) else {
            break;
        };
        let mut earlier = (0..index).filter_map(|index| docket.line(index));
        if earlier.any(|other| other.turn() == line.turn()) {
            return Err(Error::SameNumber(line.number));
        }
    }
    Ok(())
}

/// The days of lines that do not come in order, widened from those of two of them.
#[cold]
#[inline(never)]
fn span<D: Docket>(docket: &D, mut days: Window) -> Window {
    for line in (0..docket.count()).filter_map(|index| docket.line(index)) {
        days.from = days.from.min(line.service.date);
        days.to = days.to.max(line.service.date);
    }
    days
}
