//! What the gates look at that most claims do without: diagnoses, places, ages, authorizations, code pairs.
//!
//! [`adjudicate_with`](super::adjudicate_with) takes it beside the claim; a claim without details
//! pays nothing for it. Every field has a value with which it changes nothing, and the
//! `NONE` of each type is made of those.

mod facts;
mod plan;

pub use facts::{
    Authorization, ClaimDetails, Discharge, FilingException, FilingGround, LineDetails,
    MemberDetails, Past, Review,
};
pub use plan::{
    Ages, BenefitDetails, Bundle, BundleReason, Dependent, Diagnosis, ModifierIndicator, Need,
    PlanDetails, Spanning, UnitsIndicator, UnitsPerDay, DISTINCT,
};

use super::line::Line;

/// What is known beyond the plain claim. Keys are compared, never read: any one-to-one eight bytes
/// do.
#[derive(Clone, Copy, Debug)]
pub struct Details<'a> {
    /// What the plan demands.
    pub plan: &'a PlanDetails<'a>,
    /// Who the member is, and what the member was granted.
    pub member: &'a MemberDetails<'a>,
    /// What the claim says of itself.
    pub claim: &'a ClaimDetails<'a>,
    /// `lines[i]` is about the claim's `lines[i]`; of a line without an entry nothing is known.
    pub lines: &'a [LineDetails<'a>],
}

impl<'a> Details<'a> {
    /// What is known of the line at `index`.
    pub(super) fn line(&self, index: usize) -> &LineDetails<'a> {
        self.lines.get(index).unwrap_or(&LineDetails::NONE)
    }

    /// What the plan demands for the line at `index`.
    pub(super) fn benefit(&self, index: usize) -> &BenefitDetails<'a> {
        self.line(index).benefit.unwrap_or(&BenefitDetails::NONE)
    }

    /// Which of the member's authorizations the line at `index` uses up by its units if it is let
    /// through: the one it cites, for a benefit that needs one. Of several entries under the cited
    /// number, the one for its code, else the one for any.
    #[must_use]
    pub fn authorization_used(&self, index: usize, line: &Line) -> Option<usize> {
        if !line
            .benefit
            .is_some_and(|benefit| benefit.authorization_required)
        {
            return None;
        }
        let (list, number) = (self.member.authorizations?, self.line(index).authorization?);
        let cited = |entry: &Authorization| entry.number == number;
        let code = line.service.code;
        list.iter()
            .position(|entry| cited(entry) && entry.code == Some(code))
            .or_else(|| {
                list.iter()
                    .position(|entry| cited(entry) && entry.code.is_none())
            })
            .or_else(|| list.iter().position(cited))
    }
}
