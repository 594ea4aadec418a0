//! What an insurer waives when it gives in to an appeal.

use anchor_lang::prelude::*;
use galen_rules::adjudication::{Benefit, Covered, Line, Plan};
use galen_rules::date::Window;

use crate::error::ClaimsError;
use crate::state::{Claim, HistoryEntry};

/// Gates of the rulebook that do not apply to a claim, as bits. What a waiver lets through is adjudicated like anything
/// else: fee, cost share and maxima are never waived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waivers(u16);

/// Bit of a waiver: filed late (CARC 29).
#[constant]
pub const WAIVE_FILING: u16 = 1;
/// Bit of a waiver: duplicate and frequency (CARC 18, 151).
#[constant]
pub const WAIVE_HISTORY: u16 = 1 << 1;
/// Bit of a waiver: waiting period, and pre-existing conditions (CARC 179, 51).
#[constant]
pub const WAIVE_WAITING: u16 = 1 << 2;
/// Bit of a waiver: prior authorisation (CARC 197, 198, 15).
#[constant]
pub const WAIVE_AUTHORIZATION: u16 = 1 << 3;
/// Bit of a waiver: most units, of a line and of a day (CARC 151).
#[constant]
pub const WAIVE_UNITS: u16 = 1 << 4;
/// Bit of a waiver: listed in the schedule with a fee, as not covered, or as experimental (CARC 204, 96, 55).
#[constant]
pub const WAIVE_EXCLUSION: u16 = 1 << 5;

/// Bit of a waiver: whatever the plan version's details demand that no other bit names: completeness, diagnoses, age, sex,
/// modifiers, referral, requirements, code pairs, readmission, windows of codes.
#[constant]
pub const WAIVE_DEMANDS: u16 = 1 << 6;
/// Bit of a waiver: outside the network (CARC 242); the claim is adjudicated as one from within.
#[constant]
pub const WAIVE_NETWORK: u16 = 1 << 7;
/// Bit of a waiver: another payer comes first (CARC 22).
#[constant]
pub const WAIVE_OTHER_PAYER: u16 = 1 << 8;
/// Bit of a waiver: before or after coverage (CARC 26, 27); with it the waiting period, which counts from its first day.
#[constant]
pub const WAIVE_COVERAGE: u16 = 1 << 9;
/// Bit of a waiver: what a reviewer has found of lines (CARC 50, 150).
#[constant]
pub const WAIVE_REVIEW: u16 = 1 << 10;

impl Waivers {
    /// Nothing is waived.
    pub const NONE: Self = Self(0);
    const ALL: u16 = WAIVE_FILING
        | WAIVE_HISTORY
        | WAIVE_WAITING
        | WAIVE_AUTHORIZATION
        | WAIVE_UNITS
        | WAIVE_EXCLUSION
        | WAIVE_DEMANDS
        | WAIVE_NETWORK
        | WAIVE_OTHER_PAYER
        | WAIVE_COVERAGE
        | WAIVE_REVIEW;

    /// Checks that these bits can be waived.
    ///
    /// # Errors
    /// `WaiversInvalid`.
    pub fn check(bits: u16) -> Result<()> {
        require!(bits & !Self::ALL == 0, ClaimsError::WaiversInvalid);
        Ok(())
    }

    /// Those that appeals have waived of `claim`, or of the claims in whose place it stands.
    #[inline(always)]
    pub fn of(claim: &Claim) -> Self {
        Self(claim.facts.waived())
    }

    /// Whether what a plan version's details demand is waived.
    pub fn lifts_demands(self) -> bool {
        self.has(WAIVE_DEMANDS)
    }

    /// Whether most units are waived, those of a day too.
    pub fn lifts_units(self) -> bool {
        self.has(WAIVE_UNITS)
    }

    /// Whether exclusions are waived, that of what is experimental too.
    pub fn lifts_exclusion(self) -> bool {
        self.has(WAIVE_EXCLUSION)
    }

    /// Whether prior authorisation is waived.
    pub fn lifts_authorization(self) -> bool {
        self.has(WAIVE_AUTHORIZATION)
    }

    /// Whether waiting is waived, that for conditions from before coverage too.
    pub fn lifts_waiting(self) -> bool {
        self.has(WAIVE_WAITING)
    }

    /// Whether the history is waived.
    pub fn lifts_history(self) -> bool {
        self.has(WAIVE_HISTORY)
    }

    /// Whether what a reviewer has found of lines is waived.
    pub fn lifts_review(self) -> bool {
        self.has(WAIVE_REVIEW)
    }

    /// Whether a claim from outside the network, of which these bits are waived, is adjudicated as one from within.
    pub fn lift_network(bits: u16) -> bool {
        Self(bits).has(WAIVE_NETWORK)
    }

    /// The days on which another payer comes first, where that is not waived.
    pub fn first_payer(self, days: Option<Window>) -> Option<Window> {
        days.filter(|_| !self.has(WAIVE_OTHER_PAYER))
    }

    /// The days of coverage: all of them where those are waived.
    pub fn coverage(self, days: Window) -> Window {
        if self.has(WAIVE_COVERAGE) {
            Window::ALWAYS
        } else {
            days
        }
    }

    fn has(self, bit: u16) -> bool {
        self.0 & bit != 0
    }

    /// Changes what the rulebook is asked, and answers which of the live lines it is told of.
    #[inline(always)]
    pub fn apply<'a>(
        self,
        plan: &mut Plan,
        lines: &mut [Line],
        live: &'a [HistoryEntry],
    ) -> &'a [HistoryEntry] {
        if self == Self::NONE {
            return live;
        }
        self.change(plan, lines);
        if self.has(WAIVE_HISTORY) {
            &[]
        } else {
            live
        }
    }

    fn change(self, plan: &mut Plan, lines: &mut [Line]) {
        if self.has(WAIVE_FILING) {
            plan.filing_limit_days = u32::MAX;
        }
        for line in lines {
            line.authorized |= self.has(WAIVE_AUTHORIZATION);
            if let Some(benefit) = &mut line.benefit {
                self.relax(benefit);
            }
        }
    }

    fn relax(self, benefit: &mut Benefit) {
        if self.has(WAIVE_HISTORY) {
            benefit.frequency_days = None;
        }
        if self.has(WAIVE_WAITING) {
            benefit.waiting_days = Some(0);
        }
        if self.has(WAIVE_UNITS) {
            benefit.max_units = None;
        }
        if self.has(WAIVE_EXCLUSION) {
            benefit.covered = Covered::Yes;
        }
    }
}
