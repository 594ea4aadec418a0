//! The accounts of the trials program, one a file, and the rules of their transitions.

pub mod adherence;
pub mod cohort;
pub mod data_log;
pub mod key_change;
pub mod participant;
pub mod payee_change;
pub mod payout_change;
pub mod person;
pub mod protocol_version;
pub mod schedule;
pub mod site;
pub mod site_plan;
pub mod trial;
pub mod visit_claim;

pub use adherence::{Adherence, Dose};
pub use cohort::Cohort;
pub use data_log::{DataLog, PlanTerms};
pub use key_change::KeyChange;
pub use participant::{ConsentEntry, Entry, KeyHolder, Participant};
pub use payee_change::PayeeChange;
pub use payout_change::PayoutChange;
pub use person::Person;
pub use protocol_version::ProtocolVersion;
pub use schedule::{AdherenceEntry, MilestoneEntry, Schedule};
pub use site::{Site, SiteTerms};
pub use site_plan::{SiteMilestone, SiteMilestoneTerms, SitePlan};
pub use trial::{Beginning, CapsTerms, EndReason, Trial, VersionEntry};
pub use visit_claim::{ClaimTurn, ClaimedVisit, VisitClaim};

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
