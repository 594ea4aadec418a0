//! A claim in Galen's own form, or one that was brought into it, as a FHIR Claim has it.

use galen_rules::{Cents, Date};

use super::claim::{Claim, Item, Purpose};
use super::elements::unsupported;
use super::facts::Information;
use super::reference::Party;
use crate::claim::{self, Part};
use crate::leaf::{Day, Name};
use crate::problem::Problem;

impl Claim {
    /// The same claim as a FHIR document says it, about `patient` under `coverage`; where they are not known otherwise, by what the claim
    /// names the insured. What FHIR cannot say and would change what is owed is refused.
    ///
    /// # Errors
    /// With the place in the claim's own form: `missing_field` for a claim that names no provider or no insured;
    /// `unsupported`, `money_too_large`.
    pub fn from_galen(
        claim: &claim::Claim,
        patient: Option<Party>,
        coverage: Option<Party>,
    ) -> Result<Self, Problem> {
        refuse(claim)?;
        let party = |text: Option<&str>, at: &str| {
            text.map(Party::of_text).ok_or_else(|| {
                Problem::new(
                    "missing_field",
                    at,
                    "A FHIR Claim says who was treated and who bills; name them.",
                )
            })
        };
        let insured = || party(claim.insured.as_ref().map(|name| &*name.0), "insured");
        let patient = patient.map_or_else(insured, Ok)?;
        let coverage = coverage.unwrap_or_else(|| patient.clone());
        let mut items = Vec::with_capacity(claim.lines.len());
        let mut total = Cents::ZERO;
        for (index, (line, sequence)) in claim.lines.iter().zip(1..).enumerate() {
            total = total.checked_add(line.charge.0).ok_or_else(|| {
                Problem::new(
                    "money_too_large",
                    claim.at(index, Part::Charge),
                    "The charges add up to more than Galen counts.",
                )
            })?;
            items.push(item(claim, line, index, sequence)?);
        }
        let submitted = claim.filed().0;
        Ok(Self {
            purpose: Purpose::Claim,
            identifiers: Vec::new(),
            identifier: None,
            kind: None,
            patient,
            provider: party(claim.provider.as_deref(), "provider")?,
            insurer: claim.payer.as_ref().map(|name| Party::of_text(&name.0)),
            coverage,
            insurance: 0,
            submitted,
            service_date: first(&items).unwrap_or(submitted),
            order: (0..items.len()).collect(),
            items,
            total,
            referral: claim.referral.as_ref().map(|name| Party::of_text(&name.0)),
            provider_type: claim.provider_type.clone(),
            information: information(&claim.information, &claim.attachments, "attachments")?,
            balance_billing_prohibited: None,
        })
    }
}

fn first(items: &[Item]) -> Option<Date> {
    items.iter().map(|item| item.service_date).min()
}

/// Refuses what a FHIR Claim has no element for.
fn refuse(claim: &claim::Claim) -> Result<(), Problem> {
    for (at, there, why) in [
        (
            "in_network",
            !claim.in_network,
            "FHIR does not say in which network a claim is: the agreement does, and a quote of a FHIR claim by `--out-of-network`",
        ),
        (
            "provider_eligible",
            !claim.provider_eligible,
            "FHIR has no element for a provider who may not bill",
        ),
        (
            "filing_exception",
            claim.filing_exception.is_some(),
            "FHIR has no element for what excuses a late claim",
        ),
    ] {
        if there {
            return Err(unsupported(at, why));
        }
    }
    Ok(())
}

fn item(
    claim: &claim::Claim,
    line: &claim::Line,
    index: usize,
    sequence: u32,
) -> Result<Item, Problem> {
    let at = |field: &str| format!("{}{field}", claim.at(index, Part::Whole));
    for (field, there, why) in [
        (
            ".sequence",
            line.sequence != 0,
            "FHIR does not number equal services of one day",
        ),
        (
            ".review",
            line.review.is_some(),
            "What a reviewer found is not the provider's to say, and no part of a FHIR Claim",
        ),
    ] {
        if there {
            return Err(unsupported(&at(field), why));
        }
    }
    let day = claim.date_of(line);
    let diagnoses = line.diagnoses.as_ref().unwrap_or(&claim.diagnoses);
    Ok(Item {
        sequence,
        system: String::new(),
        code: line.code.clone(),
        modifiers: line.modifiers.clone(),
        units: line.units,
        charge: line.charge.0,
        service_date: day.0,
        service_to: line
            .service_to
            .filter(|last| *last != day)
            .map(|Day(last)| last),
        authorization: line.authorization.clone(),
        diagnoses: diagnoses.clone(),
        place: line.place.as_ref().or(claim.place.as_ref()).cloned(),
        information: information(&line.information, &line.attachments, &at(".attachments"))?,
        other_payer: line.other_payer,
        balance_billing_prohibited: line.balance_billing_prohibited.then_some(true),
    })
}

/// What is stated and what comes along, which in FHIR is stated too.
fn information(stated: &[Name], attached: &[Name], at: &str) -> Result<Information, Problem> {
    let mut open = attached.to_vec();
    let mut along = Vec::with_capacity(attached.len());
    for name in stated {
        if let Some(index) = open.iter().position(|other| other == name) {
            along.push(open.swap_remove(index));
        }
    }
    match open.first() {
        None => Ok(Information {
            stated: stated.to_vec(),
            attached: along,
        }),
        Some(name) => Err(unsupported(
            at,
            &format!(
                "What comes with a FHIR Claim is stated by it too: name {} among `information`",
                name.0
            ),
        )),
    }
}
