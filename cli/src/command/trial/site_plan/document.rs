//! SITE-PLAN.json: a site's own milestones, and what they pay.

use std::path::Path;

use galen_documents::{strict, Money, Name};
use serde::Deserialize;
use trials::state::SiteMilestoneTerms;

use crate::document;
use crate::error::{CliError, Result};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SitePlan {
    milestones: Vec<Milestone>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Milestone {
    /// For people; it stays in the document.
    #[serde(default)]
    #[allow(dead_code)]
    name: Option<Name>,
    /// In cents.
    amount: Money,
    /// Participants enrolled at the site from which it is earned; 0 = when the site says that it is done.
    #[serde(default)]
    enrolled: u32,
}

/// Reads a document. How many milestones there may be, and that each pays something, the program says.
///
/// # Errors
/// `file_missing`, and what the reader refuses, with its place.
pub fn read(path: &Path) -> Result<Vec<SiteMilestoneTerms>> {
    let name = document::name(path);
    let value = document::json(path)?;
    let plan: SitePlan =
        strict::from_value(&value).map_err(|problem| CliError::in_document(&name, problem))?;
    Ok(plan
        .milestones
        .iter()
        .map(|milestone| SiteMilestoneTerms {
            amount: milestone.amount.0.get(),
            enrolled: milestone.enrolled,
        })
        .collect())
}
