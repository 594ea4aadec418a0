//! FHIR R4 documents, in and out: `Claim`, `ClaimResponse`, `ExplanationOfBenefit`, `CoverageEligibilityRequest` and
//! `CoverageEligibilityResponse`.
//!
//! The types are the `fhir` library's. What the library does not promise is checked here: it skips elements that it does
//! not know (they are found by writing the claim out again and comparing), it takes any code, any date and any amount.
//! What Galen does not understand yet is refused by its FHIR path and never dropped: a dropped element could be the one
//! that changes what is owed.

mod adjudicated;
mod amount;
mod claim;
mod coverage;
mod elements;
mod eligibility;
mod facts;
mod from_galen;
mod parse;
mod prior;
mod reference;
mod response;
pub mod systems;
mod write;
mod write_claim;

pub use adjudicated::{
    Adjudicated, AdjudicatedItem, Code, Identifier, LineAdjustment, Payment, Service,
};
pub use claim::{Claim, Item, Purpose};
pub use coverage::{
    read_coverage, About, Amount, CoverageAnswer, CoverageBenefit, CoverageItem, Covered, Standing,
};
pub use eligibility::{
    read_eligibility_request, read_eligibility_response, write_eligibility_request,
    write_eligibility_response, Benefit, BenefitKind, Eligibility, EligibilityPurpose,
    EligibilityRequest, Extent, Network, Quantity, Requested, Term, Unit,
};
pub use facts::Information;
pub use parse::Root;
pub use reference::Party;
pub use response::{
    outcome_document, read_claim_response, read_explanation, write_claim_response,
    write_explanation,
};
pub use write_claim::{write_claim, Systems};

use serde_json::Value;

use crate::problem::Problem;

/// Whether a JSON document is a FHIR resource at all.
pub fn is_resource(document: &Value) -> bool {
    document.get("resourceType").is_some()
}

/// Reads a FHIR R4 Claim whose amounts are in `currency` (ISO 4217).
///
/// # Errors
/// With the FHIR path as the place: `unsupported_resource`, `unsupported_version`, `unsupported`, `unknown_field`,
/// `missing_field`, `wrong_type`, `missing_reference`, `negative_money`, `too_many_decimals`, `money_too_large`,
/// `wrong_currency`, `sum_mismatch`, `invalid_date`, `invalid_value`, `no_lines`,
/// `too_many_lines`, `duplicate_sequence`, `prior_payer_missing`.
pub fn read_claim(document: &Value, currency: &str) -> Result<Claim, Problem> {
    elements::require(document, "Claim")?;
    let claim: ::fhir::r4::resources::Claim =
        crate::strict::from_value(document).map_err(|problem| problem.within("Claim"))?;
    // Before the comparison, which takes an empty list for one that was skipped.
    crate::claim::check_count(claim.item.len(), "Claim.item")?;
    elements::refuse_unknown(document, &claim)?;
    elements::refuse_unsupported(document, &claim)?;
    claim::map(&claim, currency)
}
