//! What a letter gives notice of: the lines that an adverse decision is about, and what was missing.

use std::path::Path;

use claims::state::{Claim, ClaimLine};
use galen_documents::fhir::{Adjudicated, AdjudicatedItem};
use galen_rules::Remark;
use sha2::{Digest, Sha256};

use crate::command::claim::outcome::Case;
use crate::command::claim::remark;
use crate::document;
use crate::error::{CliError, Result};

/// What the notice is about.
pub struct Notice<'a> {
    /// The heading.
    pub title: &'static str,
    /// In a sentence.
    pub opening: String,
    /// The lines with what the ledger has of them.
    pub lines: Vec<(&'a AdjudicatedItem, &'a ClaimLine)>,
    /// How many of them are denied.
    pub denied: usize,
    /// How many a maximum has cut.
    pub reduced: usize,
    /// Whether it is about a claim that the insurer has taken back.
    pub taken_back: bool,
}

impl<'a> Notice<'a> {
    /// The adverse decision about a claim.
    ///
    /// # Errors
    /// `nothing_denied`, `claim_not_decided`, `claim_reversed`.
    pub fn of(case: &'a Case, claim: &'a Adjudicated) -> Result<Self> {
        if claim.pending {
            return Err(CliError::new(
                "claim_not_decided",
                "The claim waits for the insurer's decision; there is nothing to give notice of yet.",
            ));
        }
        let lines = || claim.items.iter().zip(&case.claim.lines);
        let count = claim.items.len();
        if claim.cancelled {
            check_taken_back(&case.claim)?;
            return Ok(Self {
                title: "Notice of a claim taken back",
                opening: format!("The insurer has taken back its decision on this claim of {count} services, and nothing stands in its place. Each is below with what had been paid for it."),
                lines: lines().collect(),
                denied: 0,
                reduced: 0,
                taken_back: true,
            });
        }
        let concerned = lines().filter(|(_, line)| line.is_denied() || is_cut(line));
        let lines: Vec<_> = concerned.collect();
        let denied = lines.iter().filter(|(_, line)| line.is_denied()).count();
        let reduced = lines.len().saturating_sub(denied);
        let opening = match (denied, reduced) {
            (0, 0) => {
                return Err(CliError::new(
                    "nothing_denied",
                    "No line of the claim is denied or cut by a maximum; `galen claim explanation` says where each cent went.",
                ))
            }
            (_, 0) => format!("Your plan does not pay for {denied} of the {count} services that this claim bills. Each is below with the reason."),
            (0, _) => format!("Your plan pays less for {reduced} of the {count} services that this claim bills, because a maximum is reached. Each is below with the reason."),
            (_, _) => format!("Your plan does not pay for {denied} of the {count} services that this claim bills, and pays less for {reduced} more, because a maximum is reached. Each is below with the reason."),
        };
        Ok(Self {
            title: match denied {
                0 => "Notice of services paid in part",
                _ => "Notice of denied services",
            },
            opening,
            lines,
            denied,
            reduced,
            taken_back: false,
        })
    }
}

/// Whether a maximum of the plan has cut what it pays for a line: a reduction is an adverse decision (29 CFR 2560.503-1(m)(4)).
fn is_cut(line: &ClaimLine) -> bool {
    line.over_maximum > 0 || line.over_lifetime_maximum > 0
}

/// Refuses a claim that was taken back, where there is nothing to give notice of.
fn check_taken_back(claim: &Claim) -> Result<()> {
    let message = if claim.reversal_reason == Claim::PUT_BACK {
        "The pack was put back and the claim taken back with it: nobody was treated, and nothing is owed.".to_owned()
    } else if claim.awaits_replacement() && claim.reversal_reason != Claim::REPROCESSED {
        return Ok(());
    } else {
        let id = &claim.course.replaced_by;
        let (there, _) = Claim::find_address(&claim.pool, &claim.provider, id);
        match claim.awaits_replacement() {
            true => "The claim is being adjudicated anew; what becomes of it has letters of its own.".to_owned(),
            false => format!("The claim was adjudicated anew; {there} stands in its place and has letters of its own."),
        }
    };
    Err(CliError::new("claim_reversed", message))
}

/// Names of what a plan asks for, by the remark that says it is missing.
#[derive(Default)]
pub struct Needs(Vec<(Remark, String)>);

impl Needs {
    /// Those of the document from which the plan version was published.
    ///
    /// # Errors
    /// `plan_version_differs`, and what the reader refuses.
    pub fn read(path: &Path, case: &Case) -> Result<Self> {
        let plan = document::plan(path)?;
        let digest: [u8; 32] = Sha256::digest(document::bytes(path)?).into();
        if digest != case.version.document {
            return Err(CliError::new(
                "plan_version_differs",
                format!("The claim was decided by a plan version that was published from another document than {}; name the one it is of.", document::name(path)),
            ));
        }
        let of_benefits = plan
            .benefits
            .iter()
            .flat_map(|benefit| benefit.information.iter().chain(&benefit.attachments));
        let all = plan
            .information
            .iter()
            .chain(&plan.attachments)
            .chain(of_benefits);
        let mut needs: Vec<(Remark, String)> = all
            .map(|need| (need.remark.0, need.name.0.clone()))
            .collect();
        needs.sort();
        needs.dedup();
        Ok(Self(needs))
    }

    /// What a denial with this remark says is missing.
    pub fn missing(&self, remark: Remark) -> String {
        let names = self.0.iter().filter(|(known, _)| *known == remark);
        let names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
        match (names.as_slice(), remark::missing(remark)) {
            ([], None) => format!("remark code {remark} of X12 list 411 says what it is, and so do the provider and we"),
            ([], Some(words)) => format!("{words} (remark code {remark})"),
            (names, _) => format!("{} (remark code {remark})", names.join(" or ")),
        }
    }
}
