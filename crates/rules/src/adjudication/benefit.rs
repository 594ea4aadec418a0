//! What a plan's schedule says of one procedure.

use crate::date::{Date, Window};
use crate::money::{BasisPoints, Cents};
use crate::reason::Remark;

/// One entry of a benefit schedule. `None` inherits from the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Benefit {
    /// What the plan allows for one unit.
    pub fee: Cents,
    /// Whether it is covered.
    pub covered: Covered,
    /// The days on which the code is valid.
    pub effective: Window,
    /// Index into the plan's categories.
    pub category: Option<u8>,
    /// Whether the deductible applies. Inherited: yes, except under
    /// [`CopayFirst`](super::CostShareOrder::CopayFirst) where a copay above zero does.
    pub deductible_applies: Option<bool>,
    /// Copay; zero is none.
    pub copay: Option<Cents>,
    /// The member's share; bypasses the plan's tiers.
    pub coinsurance: Option<BasisPoints>,
    /// Whether it must have been authorized before.
    pub authorization_required: bool,
    /// Days before the same code is covered again; zero is no such limit. Not inherited.
    pub frequency_days: Option<u32>,
    /// Units in one line at most. Not inherited.
    pub max_units: Option<u32>,
    /// Days from the start of coverage; zero is none.
    pub waiting_days: Option<u32>,
}

/// An entry of a schedule, wherever it is kept: what a [`Benefit`] says, asked for by the gate or step that needs it.
///
/// Most lines are asked for little of it, and who keeps entries in a form of its own, as the chain does, is spared making all
/// of a [`Benefit`] first. Each answer is that of the field of its name.
pub trait Entry: Copy {
    /// [`Benefit::fee`].
    fn fee(&self) -> Cents;
    /// [`Benefit::covered`].
    fn covered(&self) -> Covered;
    /// [`Benefit::effective`].
    fn effective(&self) -> Window;
    /// Whether the code is valid on a day. An entry whose codes always are has nothing to compare.
    fn is_effective_on(&self, date: Date) -> bool {
        self.effective().contains(date)
    }
    /// [`Benefit::category`].
    fn category(&self) -> Option<u8>;
    /// [`Benefit::deductible_applies`].
    fn deductible_applies(&self) -> Option<bool>;
    /// [`Benefit::copay`].
    fn copay(&self) -> Option<Cents>;
    /// [`Benefit::coinsurance`].
    fn coinsurance(&self) -> Option<BasisPoints>;
    /// [`Benefit::authorization_required`].
    fn authorization_required(&self) -> bool;
    /// [`Benefit::frequency_days`].
    fn frequency_days(&self) -> Option<u32>;
    /// [`Benefit::max_units`].
    fn max_units(&self) -> Option<u32>;
    /// [`Benefit::waiting_days`].
    fn waiting_days(&self) -> Option<u32>;
}

/// Whether a code of the schedule is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    /// It is.
    Yes,
    /// It is not part of the member's plan: CARC 204.
    NotInPlan,
    /// It is excluded, for a reason that the remark states: CARC 96, which needs one.
    Excluded(Remark),
}

impl Benefit {
    /// All that an entry says.
    #[must_use]
    pub fn of(entry: &impl Entry) -> Self {
        Self {
            fee: entry.fee(),
            covered: entry.covered(),
            effective: entry.effective(),
            category: entry.category(),
            deductible_applies: entry.deductible_applies(),
            copay: entry.copay(),
            coinsurance: entry.coinsurance(),
            authorization_required: entry.authorization_required(),
            frequency_days: entry.frequency_days(),
            max_units: entry.max_units(),
            waiting_days: entry.waiting_days(),
        }
    }

    /// A covered benefit at this fee that inherits everything.
    #[must_use]
    pub const fn at(fee: Cents) -> Self {
        Self {
            fee,
            covered: Covered::Yes,
            effective: Window::ALWAYS,
            category: None,
            deductible_applies: None,
            copay: None,
            coinsurance: None,
            authorization_required: false,
            frequency_days: None,
            max_units: None,
            waiting_days: None,
        }
    }
}

impl Entry for Benefit {
    fn fee(&self) -> Cents {
        self.fee
    }

    fn covered(&self) -> Covered {
        self.covered
    }

    fn effective(&self) -> Window {
        self.effective
    }

    fn category(&self) -> Option<u8> {
        self.category
    }

    fn deductible_applies(&self) -> Option<bool> {
        self.deductible_applies
    }

    fn copay(&self) -> Option<Cents> {
        self.copay
    }

    fn coinsurance(&self) -> Option<BasisPoints> {
        self.coinsurance
    }

    fn authorization_required(&self) -> bool {
        self.authorization_required
    }

    fn frequency_days(&self) -> Option<u32> {
        self.frequency_days
    }

    fn max_units(&self) -> Option<u32> {
        self.max_units
    }

    fn waiting_days(&self) -> Option<u32> {
        self.waiting_days
    }
}
