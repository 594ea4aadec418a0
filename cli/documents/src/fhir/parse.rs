//! Reading ClaimResponse and ExplanationOfBenefit: both into the same, strictly.

use ::fhir::r4::resources::{ClaimResponse, ExplanationOfBenefit};
use ::fhir::r4::types::{CodeableConcept, Money, Reference};
use galen_rules::{Cents, Group, Reason, Remark};
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::Value;

use super::adjudicated::{
    Adjudicated, AdjudicatedItem, Code, Identifier, LineAdjustment, Payment, Service,
};
use super::elements::{self, unsupported};
use super::reference::{self, Party};
use super::response::{sums, BENEFIT, ELIGIBLE, EXPLANATION, RESPONSE, SUBMITTED};
use super::{amount, claim, systems};
use crate::claim::check_count;
use crate::date;
use crate::problem::Problem;

/// Which of the two documents one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// A ClaimResponse.
    Response,
    /// An ExplanationOfBenefit.
    Explanation,
}

impl Root {
    /// Its type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => RESPONSE,
            Self::Explanation => EXPLANATION,
        }
    }
}

/// What an adjudication or a total is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Submitted,
    Eligible,
    Benefit,
    Group(Group),
}

/// The amounts under a line, as the library has them in either document.
struct Figure<'a> {
    category: &'a CodeableConcept,
    reason: Option<&'a CodeableConcept>,
    amount: Option<&'a Money>,
    has_value: bool,
}

/// The two types of the library, element by element the same.
macro_rules! figures {
    ($list:expr) => {
        $list
            .iter()
            .map(|entry| Figure {
                category: &entry.category,
                reason: entry.reason.as_ref(),
                amount: entry.amount.as_ref(),
                has_value: entry.value.is_some(),
            })
            .collect::<Vec<_>>()
    };
}

/// Reads a resource of the library's type `T`: no element is skipped, none has a value that FHIR does not take.
pub(super) fn resource<T>(document: &Value, name: &str) -> Result<T, Problem>
where
    T: DeserializeOwned + Serialize + ::fhir::r4::validate::Validate,
{
    elements::require(document, name)?;
    let resource: T =
        crate::strict::from_value(document).map_err(|problem| problem.within(name))?;
    elements::refuse_skipped(document, name, &resource)?;
    elements::refuse_other_releases(document, name)?;
    if let Some(path) = elements::modifier_extension(name, document) {
        return Err(unsupported(&path, "A modifier extension changes the meaning of what it stands in, and Galen does not know it"));
    }
    if document.get("implicitRules").is_some() {
        return Err(unsupported(
            &format!("{name}.implicitRules"),
            "Galen does not know these rules",
        ));
    }
    let Some(issue) = resource.validate().into_iter().next() else {
        return Ok(resource);
    };
    // The last part of the library's path is the name of the data type.
    let place = issue.path.rsplit_once('.').map_or("", |(place, _)| place);
    let at = if place.is_empty() {
        name.to_owned()
    } else {
        format!("{name}.{}", elements::camel_case(place))
    };
    Err(Problem::new(
        "invalid_value",
        at,
        format!("FHIR does not take this: {}.", issue.message),
    ))
}

/// Reads a ClaimResponse.
pub(super) fn claim_response(document: &Value) -> Result<Adjudicated, Problem> {
    let root = RESPONSE;
    let read: ClaimResponse = resource(document, root)?;
    let at = |name: &str| format!("{root}.{name}");
    for (name, there) in [
        ("addItem[0]", !read.add_item.is_empty()),
        ("adjudication[0]", !read.adjudication.is_empty()),
        ("error[0]", !read.error.is_empty()),
        ("insurance[1]", read.insurance.len() > 1),
    ] {
        if there {
            return Err(unsupported(
                &at(name),
                "A response of the form that Galen writes has none",
            ));
        }
    }
    let contained = read.contained.as_slice();
    let insurance = read
        .insurance
        .first()
        .ok_or_else(|| missing(&at("insurance")))?;
    let provider = read
        .requestor
        .as_ref()
        .ok_or_else(|| missing(&at("requestor")))?;
    let currency = currency(read.total.first().map(|total| &total.amount), root)?;
    let mut items = Vec::with_capacity(read.item.len());
    check_items(read.item.len(), root)?;
    for (index, item) in read.item.iter().enumerate() {
        let at = format!("{root}.item[{index}]");
        if !item.detail.is_empty() {
            return Err(unsupported(
                &format!("{at}.detail[0]"),
                "Details under a line are not read",
            ));
        }
        items.push(line(
            item.item_sequence.0,
            None,
            &figures!(item.adjudication),
            &at,
            &currency,
        )?);
    }
    let totals: Vec<_> = read
        .total
        .iter()
        .map(|total| (&total.category, &total.amount))
        .collect();
    let payment = read.payment.as_ref().map(|payment| {
        self::payment(
            &payment.r#type,
            payment.adjustment.as_ref(),
            payment.adjustment_reason.as_ref(),
            payment.date.as_ref().map(|date| date.0.as_str()),
            Some(&payment.amount),
            root,
            &currency,
        )
    });
    let claim = Adjudicated {
        ledger: only_identifier(&read.identifier, root)?,
        request: request(read.request.as_ref(), &at("request"))?,
        cancelled: is_cancelled(&read.status.code(), root)?,
        pending: is_pending(&read.outcome.code(), root)?,
        disposition: read
            .disposition
            .as_ref()
            .map(|text| text.0.clone())
            .unwrap_or_default(),
        kind: kind(&read.r#type, &at("type"))?,
        patient: reference::party(&read.patient, &at("patient"), contained)?,
        insurer: reference::party(&read.insurer, &at("insurer"), contained)?,
        provider: reference::party(provider, &at("requestor"), contained)?,
        coverage: reference::party(&insurance.coverage, &at("insurance[0].coverage"), contained)?,
        created: read.created.0.clone(),
        charge: submitted(&totals, root, &currency)?,
        items,
        payment: payment.transpose()?,
        currency,
    };
    require_claim_use(&read.r#use.code(), root)?;
    settled(claim, &totals, root)
}

/// Reads an ExplanationOfBenefit.
pub(super) fn explanation(document: &Value) -> Result<Adjudicated, Problem> {
    let root = EXPLANATION;
    let read: ExplanationOfBenefit = resource(document, root)?;
    let at = |name: &str| format!("{root}.{name}");
    for (name, there) in [
        ("addItem[0]", !read.add_item.is_empty()),
        ("adjudication[0]", !read.adjudication.is_empty()),
        ("related[0]", !read.related.is_empty()),
        ("insurance[1]", read.insurance.len() > 1),
    ] {
        if there {
            return Err(unsupported(
                &at(name),
                "An explanation of the form that Galen writes has none",
            ));
        }
    }
    let contained = read.contained.as_slice();
    let insurance = read.insurance.first();
    let currency = currency(read.total.first().map(|total| &total.amount), root)?;
    check_items(read.item.len(), root)?;
    let mut items = Vec::with_capacity(read.item.len());
    for (index, item) in read.item.iter().enumerate() {
        let at = format!("{root}.item[{index}]");
        if !item.detail.is_empty() {
            return Err(unsupported(
                &format!("{at}.detail[0]"),
                "Details under a line are not read",
            ));
        }
        let service = service(item, &at)?;
        let line = line(
            item.sequence.0,
            Some(service),
            &figures!(item.adjudication),
            &at,
            &currency,
        )?;
        let net = item
            .net
            .as_ref()
            .ok_or_else(|| missing(&format!("{at}.net")))?;
        if amount::cents(net, &format!("{at}.net"), &currency)? != line.charge {
            return Err(Problem::new(
                "unbalanced",
                format!("{at}.net.value"),
                "The net amount of the line is not what was submitted.",
            ));
        }
        items.push(line);
    }
    let totals: Vec<_> = read
        .total
        .iter()
        .map(|total| (&total.category, &total.amount))
        .collect();
    let payment = read.payment.as_ref().map(|payment| {
        let no_type = CodeableConcept::default();
        self::payment(
            payment.r#type.as_ref().unwrap_or(&no_type),
            payment.adjustment.as_ref(),
            payment.adjustment_reason.as_ref(),
            payment.date.as_ref().map(|date| date.0.as_str()),
            payment.amount.as_ref(),
            root,
            &currency,
        )
    });
    let claim = Adjudicated {
        ledger: only_identifier(&read.identifier, root)?,
        request: request(read.claim.as_ref(), &at("claim"))?,
        cancelled: is_cancelled(&read.status.code(), root)?,
        pending: is_pending(&read.outcome.code(), root)?,
        disposition: read
            .disposition
            .as_ref()
            .map(|text| text.0.clone())
            .unwrap_or_default(),
        kind: kind(&read.r#type, &at("type"))?,
        patient: reference::party(&read.patient, &at("patient"), contained)?,
        insurer: reference::party(&read.insurer, &at("insurer"), contained)?,
        provider: reference::party(&read.provider, &at("provider"), contained)?,
        coverage: reference::party(&insurance.coverage, &at("insurance[0].coverage"), contained)?,
        created: read.created.0.clone(),
        charge: submitted(&totals, root, &currency)?,
        items,
        payment: payment.transpose()?,
        currency,
    };
    require_claim_use(&read.r#use.code(), root)?;
    check_period(&read, &claim)?;
    settled(claim, &totals, root)
}

/// The claim, if its lines add up and its totals are theirs.
fn settled(
    claim: Adjudicated,
    totals: &[(&CodeableConcept, &Money)],
    root: &str,
) -> Result<Adjudicated, Problem> {
    let mut seen = std::collections::BTreeSet::new();
    for (index, item) in claim.items.iter().enumerate() {
        if !seen.insert(item.sequence) {
            return Err(Problem::new(
                "duplicate_sequence",
                format!("{root}.item[{index}]"),
                format!("The sequence {} stands twice.", item.sequence),
            ));
        }
    }
    claim.check(root)?;
    let expected = sums(&claim).unwrap_or_default();
    for (index, (category, amount)) in totals.iter().enumerate() {
        let at = format!("{root}.total[{index}]");
        let stated = (
            entry(category, &format!("{at}.category"))?,
            amount::cents(amount, &format!("{at}.amount"), &claim.currency)?,
        );
        if expected.get(index) != Some(&stated) {
            return Err(Problem::new(
                "unbalanced",
                format!("{at}.amount.value"),
                "The total is not what the lines add up to.",
            ));
        }
    }
    if totals.len() != expected.len() {
        return Err(Problem::new(
            "unbalanced",
            format!("{root}.total"),
            "A total of the lines is missing.",
        ));
    }
    Ok(claim)
}

/// The lines' dates must be what the billable period says.
fn check_period(read: &ExplanationOfBenefit, claim: &Adjudicated) -> Result<(), Problem> {
    let days = || {
        claim
            .items
            .iter()
            .filter_map(|item| item.service.as_ref())
            .flat_map(|service| [service.date, service.until.unwrap_or(service.date)])
    };
    let stated = read
        .billable_period
        .as_ref()
        .map(|period| claim::bounds(period, "ExplanationOfBenefit.billablePeriod"))
        .transpose()?;
    if stated != days().min().zip(days().max()) {
        return Err(Problem::new(
            "invalid_date",
            "ExplanationOfBenefit.billablePeriod",
            "The billable period is not that of the lines.",
        ));
    }
    Ok(())
}

fn missing(at: &str) -> Problem {
    Problem::new(
        "missing_field",
        at,
        format!("This is needed and missing ({at})."),
    )
}

/// A document that waits has no lines; otherwise as many as a claim has.
fn check_items(count: usize, root: &str) -> Result<(), Problem> {
    match count {
        0 => Ok(()),
        _ => check_count(count, &format!("{root}.item")),
    }
}

fn currency(first: Option<&Money>, root: &str) -> Result<String, Problem> {
    let first = first.ok_or_else(|| missing(&format!("{root}.total")))?;
    let code = first.currency.as_ref().map(|code| code.0.clone());
    code.ok_or_else(|| missing(&format!("{root}.total[0].amount.currency")))
}

fn only_identifier(
    identifiers: &[::fhir::r4::types::Identifier],
    root: &str,
) -> Result<Identifier, Problem> {
    let at = format!("{root}.identifier");
    match identifiers {
        [only] => self::identifier(only, &format!("{at}[0]")),
        [] => Err(missing(&at)),
        _ => Err(unsupported(
            &format!("{at}[1]"),
            "Which of several identifiers is the claim's is not ours to guess",
        )),
    }
}

fn identifier(identifier: &::fhir::r4::types::Identifier, at: &str) -> Result<Identifier, Problem> {
    let value = identifier.value.as_ref().map(|text| text.0.clone());
    Ok(Identifier {
        system: identifier.system.as_ref().map(|text| text.0.clone()),
        value: value.ok_or_else(|| missing(&format!("{at}.value")))?,
    })
}

fn request<T>(reference: Option<&Reference<T>>, at: &str) -> Result<Option<Identifier>, Problem> {
    let Some(reference) = reference else {
        return Ok(None);
    };
    let found = reference
        .identifier
        .as_ref()
        .ok_or_else(|| missing(&format!("{at}.identifier")))?;
    identifier(found, &format!("{at}.identifier")).map(Some)
}

fn is_cancelled(status: &str, root: &str) -> Result<bool, Problem> {
    match status {
        "active" => Ok(false),
        "cancelled" => Ok(true),
        other => Err(unsupported(
            &format!("{root}.status"),
            &format!("A document that counts is active or cancelled; this one is {other}"),
        )),
    }
}

fn is_pending(outcome: &str, root: &str) -> Result<bool, Problem> {
    match outcome {
        "complete" => Ok(false),
        "queued" => Ok(true),
        other => Err(unsupported(
            &format!("{root}.outcome"),
            &format!("Galen writes the outcomes complete and queued; this is {other}"),
        )),
    }
}

fn require_claim_use(word: &str, root: &str) -> Result<(), Problem> {
    match word {
        "claim" => Ok(()),
        other => Err(unsupported(
            &format!("{root}.use"),
            &format!("Only what became of a claim is read; this is about a {other}"),
        )),
    }
}

/// The type of the claim; none where it has no code but a text.
fn kind(concept: &CodeableConcept, at: &str) -> Result<Option<Code>, Problem> {
    if concept.coding.is_empty() {
        return Ok(None);
    }
    let (system, code) = claim::coding(concept, at)?;
    Ok(Some(Code { system, code }))
}

fn service(
    item: &::fhir::r4::resources::explanation_of_benefit::ExplanationOfBenefitItem,
    at: &str,
) -> Result<Service, Problem> {
    use ::fhir::r4::resources::explanation_of_benefit::ExplanationOfBenefitItemServiced as Serviced;
    let (system, code) =
        claim::coding(&item.product_or_service, &format!("{at}.productOrService"))?;
    let modifiers = item.modifier.iter().enumerate();
    let modifiers = modifiers
        .map(|(index, concept)| claim::modifier(concept, &format!("{at}.modifier[{index}]")));
    let (date, last) = match &item.serviced {
        Some(Serviced::Date(day)) => {
            let day = date::from_date_time(&day.value.0, &format!("{at}.servicedDate"))?;
            (day, day)
        }
        Some(Serviced::Period(period)) => claim::bounds(period, &format!("{at}.servicedPeriod"))?,
        None => return Err(missing(&format!("{at}.servicedDate"))),
    };
    Ok(Service {
        code: Code { system, code },
        modifiers: modifiers.collect::<Result<_, _>>()?,
        date,
        until: (last > date).then_some(last),
        units: amount::units(item.quantity.as_ref(), &format!("{at}.quantity"))?,
    })
}

/// What a category is about.
fn entry(concept: &CodeableConcept, at: &str) -> Result<Entry, Problem> {
    let (system, code) = claim::coding(concept, at)?;
    let group = || Group::ALL.into_iter().find(|group| group.as_str() == code);
    match (system.as_str(), code.as_str()) {
        (systems::ADJUDICATION, SUBMITTED) => Ok(Entry::Submitted),
        (systems::ADJUDICATION, ELIGIBLE) => Ok(Entry::Eligible),
        (systems::ADJUDICATION, BENEFIT) => Ok(Entry::Benefit),
        (systems::ADJUSTMENT_GROUPS, _) => group().map(Entry::Group).ok_or_else(|| {
            unsupported(
                &format!("{at}.coding[0].code"),
                "The adjustment groups are CO, PR, OA and PI",
            )
        }),
        _ => Err(unsupported(
            at,
            "Galen reads the categories submitted, eligible and benefit, and X12 adjustment groups",
        )),
    }
}

/// One line from its figures.
fn line(
    sequence: u32,
    service: Option<Service>,
    figures: &[Figure],
    at: &str,
    currency: &str,
) -> Result<AdjudicatedItem, Problem> {
    let (mut charge, mut allowed, mut paid) = (None, None, None);
    let mut adjustments = Vec::new();
    for (index, figure) in figures.iter().enumerate() {
        let at = format!("{at}.adjudication[{index}]");
        if figure.has_value {
            return Err(unsupported(
                &format!("{at}.value"),
                "A rate in the place of an amount is not read",
            ));
        }
        let about = entry(figure.category, &format!("{at}.category"))?;
        let amount = figure
            .amount
            .ok_or_else(|| missing(&format!("{at}.amount")))?;
        let amount = amount::cents(amount, &format!("{at}.amount"), currency)?;
        let place: &mut Option<Cents> = match about {
            Entry::Submitted => &mut charge,
            Entry::Eligible => &mut allowed,
            Entry::Benefit => &mut paid,
            Entry::Group(group) => {
                let reason = figure
                    .reason
                    .ok_or_else(|| missing(&format!("{at}.reason")))?;
                let (reason, remark) = self::reason(reason, &format!("{at}.reason"))?;
                adjustments.push(LineAdjustment {
                    group,
                    reason,
                    amount,
                    remark,
                });
                continue;
            }
        };
        if place.replace(amount).is_some() {
            return Err(Problem::new(
                "duplicate_sequence",
                at,
                "This amount of the line stands twice.",
            ));
        }
    }
    let needed = |amount: Option<Cents>, what: &str| {
        amount.ok_or_else(|| {
            Problem::new(
                "missing_field",
                format!("{at}.adjudication"),
                format!("The line does not say what was {what}."),
            )
        })
    };
    Ok(AdjudicatedItem {
        sequence,
        service,
        charge: needed(charge, "submitted")?,
        allowed: needed(allowed, "eligible")?,
        adjustments,
        paid: needed(paid, "paid (benefit)")?,
    })
}

/// A claim adjustment reason that the rulebook knows, and its remark.
fn reason(concept: &CodeableConcept, at: &str) -> Result<(Reason, Option<Remark>), Problem> {
    let (code, remark) = claim::adjustment_reason(concept, at)?;
    let remark = remark
        .map(|code| {
            Remark::new(&code).ok_or_else(|| {
                Problem::new(
                    "invalid_value",
                    format!("{at}.coding[1].code"),
                    format!("{code} has not the form of a remittance advice remark code (RARC), as N130."),
                )
            })
        })
        .transpose()?;
    let known = code
        .parse()
        .ok()
        .filter(|number: &u16| number.to_string() == code)
        .and_then(Reason::from_code);
    let known = known.ok_or_else(|| {
        Problem::new(
            "unknown_reason",
            format!("{at}.coding[0].code"),
            format!("{code} is not a claim adjustment reason code that the rulebook knows."),
        )
    })?;
    Ok((known, remark))
}

/// What was submitted, by the totals.
fn submitted(
    totals: &[(&CodeableConcept, &Money)],
    root: &str,
    currency: &str,
) -> Result<Cents, Problem> {
    let (category, amount) = totals
        .first()
        .ok_or_else(|| missing(&format!("{root}.total")))?;
    let at = format!("{root}.total[0]");
    match entry(category, &format!("{at}.category"))? {
        Entry::Submitted => amount::cents(amount, &format!("{at}.amount"), currency),
        _ => Err(unsupported(
            &format!("{at}.category"),
            "The first total is what was submitted",
        )),
    }
}

#[allow(
    clippy::too_many_arguments,
    reason = "the elements of a payment, one each"
)]
fn payment(
    kind: &CodeableConcept,
    adjustment: Option<&Money>,
    reason: Option<&CodeableConcept>,
    date: Option<&str>,
    amount: Option<&Money>,
    root: &str,
    currency: &str,
) -> Result<Payment, Problem> {
    let at = |name: &str| format!("{root}.payment.{name}");
    let (_, kind) = claim::coding(kind, &at("type"))?;
    if kind != "complete" {
        return Err(unsupported(&at("type"), "Galen pays claims whole"));
    }
    let date = date.ok_or_else(|| missing(&at("date")))?;
    let amount = amount.ok_or_else(|| missing(&at("amount")))?;
    let text = reason
        .and_then(|concept| concept.text.as_ref())
        .map(|text| text.0.clone());
    Ok(Payment {
        date: date::from_date_time(date, &at("date"))?,
        amount: amount::cents(amount, &at("amount"), currency)?,
        adjustment: adjustment
            .map(|money| amount::signed_cents(money, &at("adjustment"), currency))
            .transpose()?
            .unwrap_or(0),
        reason: text.unwrap_or_default(),
    })
}

/// A party that must be there.
pub(super) fn needed_party<T>(
    reference: Option<&Reference<T>>,
    at: &str,
    contained: &[::fhir::r4::resources::Resource],
) -> Result<Option<Party>, Problem> {
    reference
        .map(|reference| reference::party(reference, at, contained))
        .transpose()
}
