//! The Claim itself: what is billed, for whom, by whom, when.

use std::collections::BTreeSet;

use ::fhir::coded::Coded;
use ::fhir::r4::codes::{ClaimUse, FmStatus};
use ::fhir::r4::resources::claim::{ClaimItem, ClaimItemServiced};
use ::fhir::r4::types::{CodeableConcept, Period};
use galen_rules::{Cents, Date};

use super::adjudicated::{Code, Identifier};
use super::amount;
use super::elements::unsupported;
use super::facts::{self, Information};
use super::prior;
use super::reference::{self, Party};
use super::systems;
use crate::claim::{self, Form, Line, OtherPayer, MAX_MODIFIERS};
use crate::date;
use crate::leaf::{check_code, Day, Modifier, Money, Name};
use crate::problem::Problem;

/// What the document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Payment for what was done.
    Claim,
    /// A question before care: what would be paid. It can be quoted, and asked of the ledger, never submitted.
    Predetermination,
}

/// A FHIR R4 Claim, reduced to what adjudication needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What the document is for.
    pub purpose: Purpose,
    /// Its business identifiers, as `system|value`.
    pub identifiers: Vec<String>,
    /// The first of them that has a value, by its parts.
    pub identifier: Option<Identifier>,
    /// Its type, where that has one code.
    pub kind: Option<Code>,
    /// Who was treated.
    pub patient: Party,
    /// Who bills.
    pub provider: Party,
    /// Who is to pay, where the document says so.
    pub insurer: Option<Party>,
    /// The coverage that is claimed on.
    pub coverage: Party,
    /// Which of the document's `insurance` that is, from 0.
    pub insurance: usize,
    /// `Claim.created`.
    pub submitted: Date,
    /// The start of the billable period, else the earliest date of an item.
    pub service_date: Date,
    /// The lines, by their numbers: that is the order in which the provider has billed them, and the array has none (R4: sequence,
    /// "a number to uniquely identify item entries").
    pub items: Vec<Item>,
    /// Where each of them stands in the document's array, from 0.
    pub order: Vec<usize>,
    /// The sum of the lines.
    pub total: Cents,
    /// Who referred, where somebody did.
    pub referral: Option<Party>,
    /// The qualification of who was responsible.
    pub provider_type: Option<Name>,
    /// Supporting information about all items.
    pub information: Information,
    /// Whether the claim as a whole says that the patient must not be billed what the plan does not allow.
    pub balance_billing_prohibited: Option<bool>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number in the document.
    pub sequence: u32,
    /// The code system of the procedure (empty where the document gives none).
    pub system: String,
    /// The procedure's code.
    pub code: String,
    /// Modifiers, in order.
    pub modifiers: Vec<Modifier>,
    /// At least 1.
    pub units: u16,
    /// The line's total.
    pub charge: Cents,
    /// When it was done, or begun.
    pub service_date: Date,
    /// The last day, where it took several.
    pub service_to: Option<Date>,
    /// The authorisation that the document cites, if any.
    pub authorization: Option<String>,
    /// For which diagnoses.
    pub diagnoses: Vec<Name>,
    /// Where.
    pub place: Option<Name>,
    /// Supporting information about this item.
    pub information: Information,
    /// Whether this item says that the patient must not be billed what the plan does not allow; it goes before the claim's word.
    pub balance_billing_prohibited: Option<bool>,
    /// What the payer before has decided about it, where one comes before.
    pub other_payer: Option<OtherPayer>,
}

impl Claim {
    /// The same claim in Galen's own form. FHIR says nothing about networks: the agreement does.
    pub fn to_galen(&self, in_network: bool) -> claim::Claim {
        let lines = self.items.iter().map(|item| Line {
            code: item.code.clone(),
            units: item.units,
            charge: Money(item.charge),
            service_date: Some(Day(item.service_date)),
            authorization: item.authorization.clone(),
            modifiers: item.modifiers.clone(),
            sequence: 0,
            balance_billing_prohibited: item
                .balance_billing_prohibited
                .or(self.balance_billing_prohibited)
                .unwrap_or(false),
            other_payer: item.other_payer,
            service_to: item.service_to.map(Day),
            place: item.place.clone(),
            diagnoses: Some(item.diagnoses.clone()),
            information: item.information.stated.clone(),
            attachments: item.information.attached.clone(),
            review: None,
        });
        claim::Claim {
            service_date: Some(Day(self.service_date)),
            submitted: Some(Day(self.submitted)),
            in_network,
            provider: Some(self.provider.text()),
            lines: lines.collect(),
            payer: self.insurer.as_ref().map(named),
            insured: Some(named(&self.patient)),
            provider_type: self.provider_type.clone(),
            provider_eligible: true,
            referral: self.referral.as_ref().map(named),
            filing_exception: None,
            information: self.information.stated.clone(),
            attachments: self.information.attached.clone(),
            place: None,
            diagnoses: Vec::new(),
            form: Form::Fhir,
            order: self.order.clone(),
        }
    }
}

/// A party under the text that stands for it.
fn named(party: &Party) -> Name {
    Name(party.text())
}

/// Maps a claim whose elements have passed.
pub(super) fn map(claim: &::fhir::r4::resources::Claim, currency: &str) -> Result<Claim, Problem> {
    let purpose = purpose(claim)?;
    let contained = &claim.contained;
    let patient = reference::party(&claim.patient, "Claim.patient", contained)?;
    let provider = reference::party(&claim.provider, "Claim.provider", contained)?;
    let insurer = claim
        .insurer
        .as_ref()
        .map(|insurer| reference::party(insurer, "Claim.insurer", contained))
        .transpose()?;
    let referral = claim
        .referral
        .as_ref()
        .map(|referral| reference::party(referral, "Claim.referral", contained))
        .transpose()?;
    let (index, insurance) = prior::focal(claim)?;
    let coverage = reference::party(
        &insurance.coverage,
        &format!("Claim.insurance[{index}].coverage"),
        contained,
    )?;
    let submitted = date::from_date_time(&claim.created.0, "Claim.created")?;
    if insurance.pre_auth_ref.len() > 1 {
        return Err(unsupported(
            &format!("Claim.insurance[{index}].preAuthRef[1]"),
            "R4 does not say which item an authorisation is for, so that Galen takes one for all of them; split the claim",
        ));
    }
    let authorization = insurance
        .pre_auth_ref
        .first_value()
        .map(|text| text.0.clone());
    let period = claim
        .billable_period
        .as_ref()
        .map(|period| bounds(period, "Claim.billablePeriod"))
        .transpose()?;
    let mut sequences = BTreeSet::new();
    let mut items = Vec::with_capacity(claim.item.len());
    for (index, item) in claim.item.iter().enumerate() {
        let at = format!("Claim.item[{index}]");
        if item.sequence.0 == 0 {
            return Err(Problem::new(
                "invalid_value",
                format!("{at}.sequence"),
                "Items are numbered from 1 (positiveInt).",
            ));
        }
        if !sequences.insert(item.sequence.0) {
            return Err(Problem::new(
                "duplicate_sequence",
                format!("{at}.sequence"),
                format!("The sequence {} stands twice.", item.sequence.0),
            ));
        }
        check_pointers(claim, item, &at)?;
        items.push(map_item(
            claim,
            item,
            &at,
            period,
            authorization.as_deref(),
            currency,
        )?);
    }
    prior::settle(claim, &mut items, currency)?;
    let total = sum(&items)?;
    if let Some(stated) = &claim.total {
        let stated = amount::cents(stated, "Claim.total", currency)?;
        if stated != total {
            let message = format!(
                "The total says {} and the items add up to {} (in cents).",
                stated.get(),
                total.get()
            );
            return Err(Problem::new("sum_mismatch", "Claim.total.value", message));
        }
    }
    let earliest = items
        .iter()
        .map(|item| item.service_date)
        .min()
        .unwrap_or(submitted);
    let mut numbered: Vec<(usize, Item)> = items.into_iter().enumerate().collect();
    numbered.sort_by_key(|(_, item)| item.sequence);
    let (order, items) = numbered.into_iter().unzip();
    Ok(Claim {
        purpose,
        identifiers: reference::identifiers(&claim.identifier),
        identifier: claim.identifier.iter().find_map(|identifier| {
            Some(Identifier {
                system: identifier.system.as_ref().map(|text| text.0.clone()),
                value: identifier.value.as_ref()?.0.clone(),
            })
        }),
        kind: coding(&claim.r#type, "Claim.type")
            .ok()
            .map(|(system, code)| Code { system, code }),
        patient,
        provider,
        insurer,
        coverage,
        insurance: index,
        submitted,
        service_date: period.map_or(earliest, |(start, _)| start),
        items,
        order,
        total,
        referral,
        provider_type: facts::provider_type(claim),
        information: facts::of_claim(claim),
        balance_billing_prohibited: facts::balance_billing(&claim.extension, "Claim")?,
    })
}

fn purpose(claim: &::fhir::r4::resources::Claim) -> Result<Purpose, Problem> {
    if claim.status != Coded::Known(FmStatus::Active) {
        let at = "Claim.status";
        return Err(unsupported(
            at,
            &format!(
                "Only an active claim is adjudicated; this one is {}",
                claim.status.code()
            ),
        ));
    }
    match claim.r#use {
        Coded::Known(ClaimUse::Claim) => Ok(Purpose::Claim),
        Coded::Known(ClaimUse::Predetermination) => Ok(Purpose::Predetermination),
        _ => Err(unsupported(
            "Claim.use",
            &format!(
                "Galen adjudicates claims and predeterminations; this is a {}",
                claim.r#use.code()
            ),
        )),
    }
}

fn map_item(
    claim: &::fhir::r4::resources::Claim,
    item: &ClaimItem,
    at: &str,
    period: Option<(Date, Date)>,
    authorization: Option<&str>,
    currency: &str,
) -> Result<Item, Problem> {
    let place = format!("{at}.productOrService");
    let (system, code) = coding(&item.product_or_service, &place)?;
    check_code(&code, format!("{place}.coding[0].code"))?;
    let modifiers = item
        .modifier
        .iter()
        .enumerate()
        .map(|(index, concept)| modifier(concept, &format!("{at}.modifier[{index}]")))
        .collect::<Result<Vec<_>, _>>()?;
    if modifiers.len() > MAX_MODIFIERS {
        return Err(Problem::new(
            "invalid_value",
            format!("{at}.modifier[{MAX_MODIFIERS}]"),
            format!("A line has at most {MAX_MODIFIERS} modifiers."),
        ));
    }
    let units = amount::units(item.quantity.as_ref(), &format!("{at}.quantity"))?;
    let (service_date, last) = service_days(item, at, period)?;
    Ok(Item {
        sequence: item.sequence.0,
        system,
        code,
        modifiers,
        units,
        charge: charge(item, at, units, currency)?,
        service_date,
        service_to: Some(last).filter(|last| *last != service_date),
        authorization: authorization.map(str::to_owned),
        diagnoses: facts::diagnoses(claim, item),
        place: facts::place(item),
        information: facts::of_item(claim, item),
        balance_billing_prohibited: facts::balance_billing(&item.extension, at)?,
        other_payer: None,
    })
}

pub(super) fn modifier(concept: &CodeableConcept, at: &str) -> Result<Modifier, Problem> {
    let (_, code) = coding(concept, at)?;
    let refused = || {
        Problem::new(
            "invalid_value",
            format!("{at}.coding[0].code"),
            format!("A modifier is two capital letters or digits; found \"{code}\"."),
        )
    };
    Modifier::new(&code).ok_or_else(refused)
}

/// The net amount, and where a unit price is given too, its agreement with price × quantity.
fn charge(item: &ClaimItem, at: &str, units: u16, currency: &str) -> Result<Cents, Problem> {
    let net = item
        .net
        .as_ref()
        .map(|net| amount::cents(net, &format!("{at}.net"), currency))
        .transpose()?;
    let Some(price) = &item.unit_price else {
        return net.ok_or_else(|| {
            Problem::new(
                "missing_field",
                format!("{at}.net"),
                "The item has neither a net amount nor a unit price.",
            )
        });
    };
    let price = amount::cents(price, &format!("{at}.unitPrice"), currency)?;
    let product = price
        .get()
        .checked_mul(u64::from(units))
        .map(Cents::new)
        .ok_or_else(|| {
            Problem::new(
                "money_too_large",
                format!("{at}.unitPrice.value"),
                "Unit price × quantity is larger than Galen counts.",
            )
        })?;
    match net {
        Some(net) if net != product => Err(Problem::new(
            "sum_mismatch",
            format!("{at}.net.value"),
            format!(
                "The net amount says {} and unit price × quantity is {} (in cents).",
                net.get(),
                product.get()
            ),
        )),
        _ => Ok(product),
    }
}

fn sum(items: &[Item]) -> Result<Cents, Problem> {
    items
        .iter()
        .try_fold(0_u64, |sum, item| sum.checked_add(item.charge.get()))
        .map(Cents::new)
        .ok_or_else(|| {
            Problem::new(
                "money_too_large",
                "Claim.item",
                "The items add up to more than Galen counts.",
            )
        })
}

/// First and last day of an item: its own, else the day of the billable period.
fn service_days(
    item: &ClaimItem,
    at: &str,
    period: Option<(Date, Date)>,
) -> Result<(Date, Date), Problem> {
    let ((first, last), at) = match &item.serviced {
        Some(ClaimItemServiced::Date(day)) => {
            let at = format!("{at}.servicedDate");
            let day = date::from_date_time(&day.value.0, &at)?;
            ((day, day), at)
        }
        Some(ClaimItemServiced::Period(span)) => {
            let at = format!("{at}.servicedPeriod");
            (bounds(span, &at)?, at)
        }
        None => match period {
            Some(span) => {
                return one_day(span, "Claim.billablePeriod").map(|day| (day, day));
            }
            None => {
                return Err(Problem::new(
                    "missing_field",
                    format!("{at}.servicedDate"),
                    "The item has no date, nor has the claim a billable period.",
                ))
            }
        },
    };
    match period {
        Some((start, end)) if first < start || last > end => Err(Problem::new(
            "invalid_date",
            at,
            "The date of the item lies outside the claim's billable period.",
        )),
        _ => Ok((first, last)),
    }
}

fn one_day((start, end): (Date, Date), at: &str) -> Result<Date, Problem> {
    if start == end {
        return Ok(start);
    }
    Err(unsupported(
        at,
        "An item that says nothing else was done on the one day of the period; give each item its own servicedDate",
    ))
}

/// First and last day of a period; an absent end means the first day.
pub(super) fn bounds(period: &Period, at: &str) -> Result<(Date, Date), Problem> {
    let start = period.start.as_ref().ok_or_else(|| {
        Problem::new(
            "missing_field",
            format!("{at}.start"),
            "The period has no start.",
        )
    })?;
    let start = date::from_date_time(&start.0, &format!("{at}.start"))?;
    let end = match &period.end {
        Some(end) => date::from_date_time(&end.0, &format!("{at}.end"))?,
        None => start,
    };
    if end < start {
        return Err(Problem::new(
            "invalid_date",
            format!("{at}.end"),
            "The period ends before it starts.",
        ));
    }
    Ok((start, end))
}

/// The one code of a concept. Several are translations of each other, and which one the plan lists is not ours to guess.
pub(super) fn coding(concept: &CodeableConcept, at: &str) -> Result<(String, String), Problem> {
    if concept.coding.len() > 1 {
        return Err(unsupported(
            &format!("{at}.coding[1]"),
            "Several codings are given; leave the one that the plan lists",
        ));
    }
    let coding = concept.coding.first();
    let code = coding
        .and_then(|coding| coding.code.as_ref())
        .map(|code| code.0.trim())
        .unwrap_or_default();
    if code.is_empty() {
        return Err(Problem::new(
            "missing_field",
            format!("{at}.coding[0].code"),
            "There is no code; a text alone cannot be adjudicated.",
        ));
    }
    let system = coding
        .and_then(|coding| coding.system.as_ref())
        .map(|system| system.0.clone())
        .unwrap_or_default();
    Ok((system, code.to_owned()))
}

/// The adjustment reason (CARC) of a concept and the remark (RARC) that may stand beside it, as text.
pub(super) fn adjustment_reason(
    concept: &CodeableConcept,
    at: &str,
) -> Result<(String, Option<String>), Problem> {
    let mut alone = concept.clone();
    let remarks = alone.coding.split_off(alone.coding.len().min(1));
    let (system, code) = coding(&alone, at)?;
    if system != systems::ADJUSTMENT_REASONS {
        return Err(unsupported(
            &format!("{at}.coding[0].system"),
            "The reason of an adjustment is a claim adjustment reason code (CARC)",
        ));
    }
    let mut found = None;
    for (index, remark) in (1..).zip(remarks) {
        let is_remark = remark
            .system
            .as_ref()
            .is_some_and(|system| system.0 == systems::REMARKS);
        if !is_remark || found.is_some() {
            return Err(unsupported(
                &format!("{at}.coding[{index}]"),
                "Beside the reason of an adjustment stands at most one remittance advice remark code (RARC)",
            ));
        }
        found = Some(remark.code.map(|code| code.0).unwrap_or_default());
    }
    Ok((code, found))
}

/// Each number by which an item points to another part of the claim must lead somewhere.
fn check_pointers(
    claim: &::fhir::r4::resources::Claim,
    item: &ClaimItem,
    at: &str,
) -> Result<(), Problem> {
    let known = |sequences: Vec<u32>| sequences.into_iter().collect::<BTreeSet<_>>();
    let pointers = [
        (
            "careTeamSequence",
            &item.care_team_sequence,
            known(
                claim
                    .care_team
                    .iter()
                    .map(|entry| entry.sequence.0)
                    .collect(),
            ),
        ),
        (
            "diagnosisSequence",
            &item.diagnosis_sequence,
            known(
                claim
                    .diagnosis
                    .iter()
                    .map(|entry| entry.sequence.0)
                    .collect(),
            ),
        ),
        (
            "procedureSequence",
            &item.procedure_sequence,
            known(
                claim
                    .procedure
                    .iter()
                    .map(|entry| entry.sequence.0)
                    .collect(),
            ),
        ),
        (
            "informationSequence",
            &item.information_sequence,
            known(
                claim
                    .supporting_info
                    .iter()
                    .map(|entry| entry.sequence.0)
                    .collect(),
            ),
        ),
    ];
    for (name, numbers, known) in pointers {
        for (index, number) in numbers.iter().enumerate() {
            if number
                .as_ref()
                .is_some_and(|number| !known.contains(&number.0))
            {
                let at = format!("{at}.{name}[{index}]");
                return Err(reference::missing(
                    &at,
                    "It points to an entry that the claim does not have",
                ));
            }
        }
    }
    Ok(())
}
