//! The accounts of the claims program, one a file, and the rules of their transitions.

pub mod accumulators;
pub mod agreement;
pub mod agreement_past;
pub mod appeal;
pub mod archived_claim;
pub mod authorization;
pub mod benefit_schedule;
pub mod checks;
pub mod claim;
pub mod claim_facts;
pub mod claim_head;
pub mod claim_recoupment;
pub mod clocks;
#[cfg(not(feature = "idl-build"))]
mod copied;
pub mod course;
pub mod draw_chain;
pub mod duplicate_entry;
pub mod family;
pub mod filed_claim;
pub mod history;
pub mod member;
pub mod member_facts;
pub mod other_payer;
pub mod pack_commitment;
pub mod plan;
pub mod plan_details;
pub mod plan_version;
pub mod pool;
pub mod predetermination;
pub mod rounds;
pub mod stated;
pub mod treaty;
pub mod turns;

pub use accumulators::{
    LifetimeAccumulators, NetworkAccumulators, OpeningAccumulators, PeriodAccumulators,
    KEPT_PERIODS,
};
pub use agreement::{Agreement, AgreementStatus, AgreementTerms};
pub use agreement_past::AgreementPast;
pub use appeal::{Appeal, AppealStatus, Filing};
pub use archived_claim::ArchivedClaim;
pub use authorization::{Authorization, Grant};
pub use benefit_schedule::{BenefitEntry, BenefitSchedule};
pub use checks::{Confirmation, PlanChecks};
pub use claim::{
    AdjustmentGroup, Claim, ClaimLine, ClaimLineArgs, ClaimStatus, ClaimTotals, Opening, PendReason,
};
pub use claim_facts::{ClaimFact, ClaimFactKind, ClaimFacts};
pub use claim_head::ClaimHead;
pub use claim_recoupment::ClaimRecoupment;
pub use clocks::PlanClocks;
pub use course::Course;
pub use draw_chain::DrawChain;
pub use duplicate_entry::{DuplicateEntry, Holder};
pub use family::{Family, FamilyPeriod, FamilyUsed};
pub use filed_claim::FiledClaim;
pub use history::{DayNote, History, HistoryEntry, HistoryPages};
pub use member::{DateSpan, Member};
pub use member_facts::{MemberFact, MemberFactKind, MemberFacts};
pub use other_payer::{OtherPayer, OtherPayers};
pub use pack_commitment::{Committing, PackCommitment};
pub use plan::{Plan, PlanEntry};
pub use plan_details::{DetailEntry, DetailKind, PlanDetails};
pub use plan_version::{
    CategoryMaximum, CategoryPeriod, CoordinationRule, CostShareOrder, Limits, OutOfNetworkRule,
    PlanTerms, PlanVersion, Tier,
};
pub use pool::Pool;
pub use predetermination::{Predetermination, QuotedLine};
pub use rounds::{RoundMark, Rounds, Waiting};
pub use treaty::{Settlement, Treaty, TreatyStatus, TreatyTerms};
pub use turns::Turns;

use anchor_lang::prelude::*;

/// A copy of the zero-copy account in `data`, whatever its alignment: for clients and tests.
///
/// # Errors
/// `AccountDiscriminatorMismatch`, `AccountDidNotDeserialize`.
pub fn decode_zero_copy<T: anchor_lang::ZeroCopy>(data: &[u8]) -> Result<T> {
    let body = data
        .strip_prefix(T::DISCRIMINATOR)
        .ok_or(ErrorCode::AccountDiscriminatorMismatch)?;
    let bytes = body
        .get(..std::mem::size_of::<T>())
        .ok_or(ErrorCode::AccountDidNotDeserialize)?;
    Ok(bytemuck::pod_read_unaligned(bytes))
}
