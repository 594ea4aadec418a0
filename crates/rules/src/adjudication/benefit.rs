//! What a plan's schedule says of one procedure.

use crate::date::Window;
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
