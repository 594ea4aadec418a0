//! What another payer has decided before: `Claim.insurance[]` with `focal` false, whose `claimResponse` is contained.
//!
//! FHIR R4 says so (Claim.insurance.claimResponse: the result of the adjudication of the line items for that coverage). The
//! response is a ClaimResponse, or the ExplanationOfBenefit that a payer has given its member (CARIN Blue Button). Each line of
//! the claim needs what was decided about it.

use std::collections::BTreeMap;

use ::fhir::r4::resources::claim::ClaimInsurance;
use ::fhir::r4::resources::{Claim, ClaimResponse, ExplanationOfBenefit, Resource};
use ::fhir::r4::types::{CodeableConcept, Money};
use galen_rules::Cents;

use super::claim::{adjustment_reason, coding, Item};
use super::elements::unsupported;
use super::reference::{id_of, missing};
use super::{amount, systems};
use crate::claim::OtherPayer;
use crate::prior::{self, Adjustment, Uneven};
use crate::problem::Problem;

/// The coverage that is claimed on, and its index.
///
/// # Errors
/// `unsupported` where none or several are.
pub(super) fn focal(claim: &Claim) -> Result<(usize, &ClaimInsurance), Problem> {
    let mut focal = claim
        .insurance
        .iter()
        .enumerate()
        .filter(|(_, insurance)| insurance.focal.0);
    let (Some((index, insurance)), second) = (focal.next(), focal.next()) else {
        return Err(unsupported(
            "Claim.insurance[0].focal",
            "One coverage has to be the one that is claimed on",
        ));
    };
    if let Some((second, _)) = second {
        return Err(unsupported(
            &format!("Claim.insurance[{second}].focal"),
            "Only one coverage can be the one that is claimed on",
        ));
    }
    if insurance.claim_response.is_some() {
        return Err(unsupported(
            &format!("Claim.insurance[{index}].claimResponse"),
            "What the coverage claimed on has decided belongs to no claim on it",
        ));
    }
    Ok((index, insurance))
}

/// Gives each item what the payer before the one that is claimed on has decided about it.
///
/// # Errors
/// `duplicate_sequence`, `prior_payer_missing`, `missing_reference`, `unsupported`, `sum_mismatch`, `money_too_large`, and
/// those of amounts, with the place.
pub(super) fn settle(claim: &Claim, items: &mut [Item], currency: &str) -> Result<(), Problem> {
    let (own, insurance) = focal(claim)?;
    let turn = insurance.sequence.0;
    let mut before = None;
    for (index, other) in claim.insurance.iter().enumerate() {
        if index == own {
            continue;
        }
        let at = |name: &str| format!("Claim.insurance[{index}].{name}");
        if other.sequence.0 == turn {
            return Err(Problem::new(
                "duplicate_sequence",
                at("sequence"),
                format!("Two coverages have the turn {turn}."),
            ));
        }
        if other.sequence.0 > turn {
            if other.claim_response.is_some() {
                return Err(unsupported(
                    &at("claimResponse"),
                    "A payer that comes later has not decided before; the sequence says who comes first",
                ));
            }
            continue;
        }
        if before.is_some() {
            return Err(unsupported(
                &format!("Claim.insurance[{index}]"),
                "Two payers come before the one that is asked; Galen coordinates with one",
            ));
        }
        before = Some((index, other));
    }
    match before {
        None => Ok(()),
        Some((index, other)) => {
            let lines = decided(claim, index, other, currency)?;
            lines.settle(items)
        }
    }
}

/// What a payer has decided, line by line.
struct Decided<'a> {
    /// The path of the document.
    at: String,
    lines: Vec<Decision<'a>>,
    /// What it says that it pays in all, and where.
    total: Option<(Cents, String)>,
    currency: &'a str,
}

/// What it has decided about one line.
struct Decision<'a> {
    /// The number of the claim's item.
    sequence: u32,
    at: String,
    figures: Vec<Figure<'a>>,
}

/// One amount of a line.
struct Figure<'a> {
    category: &'a CodeableConcept,
    reason: Option<&'a CodeableConcept>,
    amount: Option<&'a Money>,
    has_value: bool,
}

/// The types of the library for the two documents, element by element the same.
macro_rules! decided {
    ($response:expr, $at:expr, $sequence:ident, $currency:expr) => {{
        let (response, at) = ($response, $at);
        let mut lines = Vec::with_capacity(response.item.len());
        for (index, item) in response.item.iter().enumerate() {
            let at = format!("{at}.item[{index}]");
            if !item.detail.is_empty() {
                return Err(unsupported(
                    &format!("{at}.detail[0]"),
                    "Details under a line are not read; Galen needs what was decided about the line",
                ));
            }
            let figures = item.adjudication.iter().map(|entry| Figure {
                category: &entry.category,
                reason: entry.reason.as_ref(),
                amount: entry.amount.as_ref(),
                has_value: entry.value.is_some(),
            });
            lines.push(Decision {
                sequence: item.$sequence.0,
                figures: figures.collect(),
                at,
            });
        }
        let mut total = None;
        for (index, entry) in response.total.iter().enumerate() {
            let place = format!("{at}.total[{index}]");
            let (_, code) = coding(&entry.category, &format!("{place}.category"))?;
            if code == BENEFIT {
                let amount = amount::cents(&entry.amount, &format!("{place}.amount"), $currency)?;
                total = Some((amount, format!("{place}.amount.value")));
            }
        }
        Ok(Decided {
            at,
            lines,
            total,
            currency: $currency,
        })
    }};
}

const SUBMITTED: &str = "submitted";
const ELIGIBLE: &str = "eligible";
const BENEFIT: &str = "benefit";
/// What the provider has to write off, in CARIN's categories.
pub(super) const DISCOUNT: &str = "discount";
/// What the figures above contain already: shares of the patient, and to whom the benefit goes.
const CONTAINED: [&str; 9] = [
    "copay",
    "deductible",
    "coinsurance",
    "noncovered",
    "memberliability",
    "paidtoprovider",
    "paidtopatient",
    "paidbypatient",
    "unallocdeduct",
];

fn decided<'a>(
    claim: &'a Claim,
    index: usize,
    insurance: &ClaimInsurance,
    currency: &'a str,
) -> Result<Decided<'a>, Problem> {
    let at = format!("Claim.insurance[{index}].claimResponse");
    let Some(response) = &insurance.claim_response else {
        return Err(Problem::new(
            "prior_payer_missing",
            at,
            "This payer comes first, and nothing says what it decided; ask it first, and contain its answer.",
        ));
    };
    let reference = response.reference.as_ref().map(|text| text.0.as_str());
    let id = reference.and_then(|text| text.strip_prefix('#')).ok_or_else(|| {
        missing(
            &format!("{at}.reference"),
            "What the payer before has decided has to be contained in the claim; refer to it as #id",
        )
    })?;
    let contained = claim.contained.iter().enumerate();
    let found = contained
        .into_iter()
        .find(|(_, resource)| id_of(resource).as_deref() == Some(id));
    let Some((index, resource)) = found else {
        return Err(missing(
            &format!("{at}.reference"),
            &format!("There is no contained resource with the id `{id}`"),
        ));
    };
    let place = format!("Claim.contained[{index}]");
    match resource {
        Resource::ClaimResponse(response) => of_response(response, place, currency),
        Resource::ExplanationOfBenefit(explanation) => of_explanation(explanation, place, currency),
        _ => Err(unsupported(
            &place,
            "What a payer has decided is a ClaimResponse or an ExplanationOfBenefit",
        )),
    }
}

fn of_response<'a>(
    response: &'a ClaimResponse,
    at: String,
    currency: &'a str,
) -> Result<Decided<'a>, Problem> {
    final_only(
        &at,
        &response.status.code(),
        &response.outcome.code(),
        &response.r#use.code(),
    )?;
    for (name, there) in [
        ("addItem[0]", !response.add_item.is_empty()),
        ("adjudication[0]", !response.adjudication.is_empty()),
        ("error[0]", !response.error.is_empty()),
    ] {
        whole(&at, name, there)?;
    }
    decided!(response, at, item_sequence, currency)
}

fn of_explanation<'a>(
    explanation: &'a ExplanationOfBenefit,
    at: String,
    currency: &'a str,
) -> Result<Decided<'a>, Problem> {
    final_only(
        &at,
        &explanation.status.code(),
        &explanation.outcome.code(),
        &explanation.r#use.code(),
    )?;
    for (name, there) in [
        ("addItem[0]", !explanation.add_item.is_empty()),
        ("adjudication[0]", !explanation.adjudication.is_empty()),
    ] {
        whole(&at, name, there)?;
    }
    decided!(explanation, at, sequence, currency)
}

/// Refuses what has not been decided, or is not about a claim.
fn final_only(at: &str, status: &str, outcome: &str, about: &str) -> Result<(), Problem> {
    for (name, found, needed) in [
        ("status", status, "active"),
        ("outcome", outcome, "complete"),
        ("use", about, "claim"),
    ] {
        if found != needed {
            return Err(unsupported(
                &format!("{at}.{name}"),
                &format!("What the payer before has decided about the claim counts: this has to be {needed}, and is {found}"),
            ));
        }
    }
    Ok(())
}

fn whole(at: &str, name: &str, there: bool) -> Result<(), Problem> {
    match there {
        true => Err(unsupported(
            &format!("{at}.{name}"),
            "Galen needs what the payer before decided about each line, and about nothing else",
        )),
        false => Ok(()),
    }
}

impl Decided<'_> {
    fn settle(&self, items: &mut [Item]) -> Result<(), Problem> {
        let mut lines = BTreeMap::new();
        for line in &self.lines {
            if lines.insert(line.sequence, line).is_some() {
                return Err(Problem::new(
                    "duplicate_sequence",
                    &*line.at,
                    format!("The line {} is decided about twice.", line.sequence),
                ));
            }
        }
        let mut paid = Cents::ZERO;
        for item in items {
            let line = lines.remove(&item.sequence).ok_or_else(|| {
                Problem::new(
                    "prior_payer_missing",
                    format!("{}.item", self.at),
                    format!(
                        "The payer before decided about other lines, and nothing says what about the line {}.",
                        item.sequence
                    ),
                )
            })?;
            let other = line.shares(item.charge, self.currency)?;
            paid = paid.checked_add(other.paid.0).ok_or_else(|| {
                Problem::new(
                    "money_too_large",
                    format!("{}.item", self.at),
                    "The payments of the payer before add up to more than Galen counts.",
                )
            })?;
            item.other_payer = Some(other);
        }
        if let Some(line) = lines.into_values().next() {
            return Err(missing(
                &line.at,
                &format!("The claim has no line {}", line.sequence),
            ));
        }
        match &self.total {
            Some((stated, at)) if *stated != paid => Err(Problem::new(
                "sum_mismatch",
                &**at,
                format!(
                    "The total says {} and the lines add up to {} (in cents).",
                    stated.get(),
                    paid.get()
                ),
            )),
            _ => Ok(()),
        }
    }
}

impl Decision<'_> {
    /// What was allowed, paid and left to be accepted of a charge.
    fn shares(&self, charge: Cents, currency: &str) -> Result<OtherPayer, Problem> {
        let mut known: BTreeMap<&str, Cents> = BTreeMap::new();
        let mut adjustments = Vec::new();
        for (index, figure) in self.figures.iter().enumerate() {
            let at = format!("{}.adjudication[{index}]", self.at);
            match figure.read(&at, currency)? {
                Entry::Said(name, amount) => {
                    if known.insert(name, amount).is_some() {
                        return Err(Problem::new(
                            "duplicate_sequence",
                            at,
                            "This amount of the line stands twice.",
                        ));
                    }
                }
                Entry::Adjusted(adjustment) => adjustments.push(adjustment),
                Entry::Contained => {}
            }
        }
        let at = || format!("{}.adjudication", self.at);
        let needed = |name: &str, what: &str| {
            known.get(name).copied().ok_or_else(|| {
                let message =
                    format!("The line does not say what the payer before {what} (`{name}`).");
                Problem::new("missing_field", at(), message)
            })
        };
        if let Some(submitted) = known.get(SUBMITTED).filter(|amount| **amount != charge) {
            let message = format!(
                "The payer before was asked for {} and the line's charge is {} (in cents).",
                submitted.get(),
                charge.get()
            );
            return Err(Problem::new("sum_mismatch", at(), message));
        }
        let paid = needed(BENEFIT, "paid")?;
        let found = if adjustments.is_empty() {
            let written_off = known.get(DISCOUNT).copied();
            let obligated =
                written_off.map(|off| Cents::new(charge.get().saturating_sub(off.get())));
            prior::stated(charge, paid, needed(ELIGIBLE, "allowed")?, obligated)
        } else {
            prior::shares(charge, paid, known.get(ELIGIBLE).copied(), &adjustments)
        };
        found.map_err(|uneven| self.refuse(charge, uneven))
    }

    fn refuse(&self, charge: Cents, uneven: Uneven) -> Problem {
        let (code, message) = match uneven {
            Uneven::TooLarge => (
                "money_too_large",
                "The amounts are larger than Galen counts.".to_owned(),
            ),
            Uneven::Sum(all) => (
                "sum_mismatch",
                format!(
                    "What the payer before paid and adjusted adds up to {all} and the charge is {} (in cents).",
                    charge.get()
                ),
            ),
            Uneven::Order { paid, allowed, obligated } => (
                "sum_mismatch",
                format!(
                    "What the payer before paid ({paid}), allowed ({allowed}) and left to be accepted ({obligated}) of the charge ({}, in cents) is not in that order.",
                    charge.get()
                ),
            ),
        };
        Problem::new(code, format!("{}.adjudication", self.at), message)
    }
}

/// What a figure says.
enum Entry {
    /// One of the amounts by its name.
    Said(&'static str, Cents),
    /// An adjustment by group and reason.
    Adjusted(Adjustment),
    /// Nothing that the other figures do not say.
    Contained,
}

impl Figure<'_> {
    fn read(&self, at: &str, currency: &str) -> Result<Entry, Problem> {
        if self.has_value {
            return Err(unsupported(
                &format!("{at}.value"),
                "A rate in the place of an amount is not read",
            ));
        }
        let (system, code) = coding(self.category, &format!("{at}.category"))?;
        let place = format!("{at}.amount");
        let amount = || {
            self.amount.ok_or_else(|| {
                Problem::new(
                    "missing_field",
                    place.clone(),
                    "The adjudication has no amount.",
                )
            })
        };
        let is_ours =
            [systems::ADJUDICATION, systems::CARIN_ADJUDICATION].contains(&system.as_str());
        let said = [SUBMITTED, ELIGIBLE, BENEFIT, DISCOUNT]
            .into_iter()
            .find(|name| is_ours && *name == code);
        if let Some(name) = said {
            return Ok(Entry::Said(
                name,
                amount::cents(amount()?, &place, currency)?,
            ));
        }
        if system == systems::ADJUSTMENT_GROUPS {
            return Ok(Entry::Adjusted(Adjustment {
                group: code,
                reason: self.reason(at)?,
                cents: amount::signed_cents(amount()?, &place, currency)?,
            }));
        }
        if is_ours && CONTAINED.contains(&code.as_str()) {
            return Ok(Entry::Contained);
        }
        Err(unsupported(
            &format!("{at}.category"),
            "Of the payer before Galen reads submitted, eligible, benefit, discount, shares of the patient, and X12 adjustment groups",
        ))
    }

    fn reason(&self, at: &str) -> Result<String, Problem> {
        let at = format!("{at}.reason");
        let Some(reason) = self.reason else {
            return Err(Problem::new(
                "missing_field",
                at,
                "The adjustment has no reason.",
            ));
        };
        // Why it is missing does not change what was decided.
        adjustment_reason(reason, &at).map(|(code, _)| code)
    }
}
