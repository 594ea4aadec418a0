//! CoverageEligibilityResponse, read for the provider who asked: whoever has written it, and whatever codes it has.
//!
//! Nothing is concluded from it: what it does not say stays unsaid, and codes that Galen does not know are handed on.

use ::fhir::r4::resources::coverage_eligibility_response::{
    CoverageEligibilityResponseInsurance as Insurance,
    CoverageEligibilityResponseInsuranceItem as Item,
    CoverageEligibilityResponseInsuranceItemBenefit as ItemBenefit,
    CoverageEligibilityResponseInsuranceItemBenefitAllowed as Allowed,
    CoverageEligibilityResponseInsuranceItemBenefitUsed as Used,
    CoverageEligibilityResponseServiced as Served,
};
use ::fhir::r4::resources::{CoverageEligibilityResponse, Resource};
use ::fhir::r4::types::{CodeableConcept, Money};
use galen_rules::{Cents, Date};
use serde_json::Value;

use super::adjudicated::{Code, Identifier};
use super::elements::unsupported;
use super::parse::{needed_party, resource};
use super::reference::{self, Party};
use super::{amount, claim, systems};
use crate::date;
use crate::problem::Problem;

const RESPONSE: &str = "CoverageEligibilityResponse";
/// Coverages, services and amounts that one answer is read with: far more than any question has.
const MAX_ENTRIES: usize = 1_000;

/// How far the insurer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// All was answered.
    Complete,
    /// Some of it was.
    Partial,
    /// It could not be answered.
    Error,
    /// It waits.
    Queued,
}

/// What an insurer answers about a coverage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageAnswer {
    /// How far the insurer came.
    pub standing: Standing,
    /// In a sentence, where it has one.
    pub disposition: Option<String>,
    /// The identifier of the question, where the answer repeats it.
    pub request: Option<Identifier>,
    /// What was asked, in FHIR's words.
    pub purposes: Vec<String>,
    /// About whom.
    pub patient: Party,
    /// Who asked.
    pub requestor: Option<Party>,
    /// Who answers.
    pub insurer: Party,
    /// When the answer was written, as a FHIR dateTime.
    pub created: String,
    /// First and last day of service; none: it does not say.
    pub serviced: Option<(Date, Date)>,
    /// The number under which the insurer agrees beforehand.
    pub authorization: Option<String>,
    /// What was wrong with the question.
    pub errors: Vec<Code>,
    /// ISO 4217; none: there is no amount of money in it.
    pub currency: Option<String>,
    /// The coverages.
    pub coverages: Vec<Covered>,
}

/// What is said of one coverage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Which.
    pub coverage: Party,
    /// Whether it is in force; none: it does not say.
    pub in_force: Option<bool>,
    /// The benefit period.
    pub period: Option<(Date, Date)>,
    /// What it covers.
    pub items: Vec<CoverageItem>,
}

/// What is said of a service or of a category of services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageItem {
    /// Which service, or which category.
    pub about: About,
    /// Its modifiers.
    pub modifiers: Vec<Code>,
    /// By whom.
    pub provider: Option<Party>,
    /// What the insurer calls it.
    pub name: Option<String>,
    /// The same at more length.
    pub description: Option<String>,
    /// Whether it is excluded.
    pub excluded: Option<bool>,
    /// Where the provider is: `in`, `out`.
    pub network: Option<Code>,
    /// For whom: `individual`, `family`.
    pub unit: Option<Code>,
    /// For how long: `annual`, `lifetime`.
    pub term: Option<Code>,
    /// The amounts.
    pub benefits: Vec<CoverageBenefit>,
    /// Whether it needs an authorisation.
    pub authorization_required: Option<bool>,
    /// What has to come with the request for it.
    pub authorization_supporting: Vec<Code>,
    /// Where that is explained.
    pub authorization_url: Option<String>,
}

/// What an item is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A service.
    Service(Code),
    /// A category of services.
    Category(Code),
}

/// One amount of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageBenefit {
    /// Which: `deductible`, `copay-maximum`.
    pub kind: Code,
    /// How much there is.
    pub allowed: Option<Amount>,
    /// How much of it is used up.
    pub used: Option<Amount>,
}

/// An amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// Money, in the answer's currency.
    Cents(Cents),
    /// A count, of visits or of percent: the kind says of what.
    Number(u32),
    /// In words.
    Text(String),
}

impl CoverageBenefit {
    /// What is left, where both are said in the same measure. More used than there is leaves nothing.
    pub fn left(&self) -> Option<Amount> {
        match (self.allowed.as_ref()?, self.used.as_ref()?) {
            (Amount::Cents(allowed), Amount::Cents(used)) => Some(Amount::Cents(Cents::new(
                allowed.get().saturating_sub(used.get()),
            ))),
            (Amount::Number(allowed), Amount::Number(used)) => {
                Some(Amount::Number(allowed.saturating_sub(*used)))
            }
            _ => None,
        }
    }
}

impl CoverageAnswer {
    /// Whether the answer is yes: nothing was wrong, and each coverage, one at least, is in force.
    pub fn is_yes(&self) -> bool {
        matches!(self.standing, Standing::Complete | Standing::Partial)
            && self.errors.is_empty()
            && !self.coverages.is_empty()
            && self
                .coverages
                .iter()
                .all(|covered| covered.in_force == Some(true))
    }
}

/// Reads a CoverageEligibilityResponse, whoever has written it.
///
/// # Errors
/// With the FHIR path as the place: `unsupported_resource`, `unsupported_version`, `unknown_field`, `missing_field`,
/// `wrong_type`, `unknown_value`, `invalid_value`, `invalid_date`, `missing_reference`, those of amounts; `wrong_currency` for a
/// second one, `too_many_lines`; `unsupported` for an answer that is withdrawn or not final yet, and for modifier extensions.
pub fn read_coverage(document: &Value) -> Result<CoverageAnswer, Problem> {
    let read: CoverageEligibilityResponse = resource(document, RESPONSE)?;
    let at = |name: &str| format!("{RESPONSE}.{name}");
    let status = read.status.code();
    if status != "active" {
        return Err(unsupported(
            &at("status"),
            &format!("Only an active answer counts; this one is {status}"),
        ));
    }
    let outcome = read.outcome.code();
    let standing = match &*outcome {
        "complete" => Standing::Complete,
        "partial" => Standing::Partial,
        "error" => Standing::Error,
        "queued" => Standing::Queued,
        other => return Err(unknown(&at("outcome"), other, "an outcome")),
    };
    let mut purposes = Vec::new();
    for (index, purpose) in read.purpose.iter().enumerate() {
        let code = purpose.code();
        if !PURPOSES.contains(&&*code) {
            return Err(unknown(
                &at(&format!("purpose[{index}]")),
                &code,
                "a purpose",
            ));
        }
        purposes.push(code.to_string());
    }
    let contained = read.contained.as_slice();
    let mut money = Purse::default();
    limit(read.insurance.len(), &at("insurance"))?;
    let mut coverages = Vec::with_capacity(read.insurance.len());
    for (index, insurance) in read.insurance.iter().enumerate() {
        let at = at(&format!("insurance[{index}]"));
        coverages.push(covered(insurance, &at, contained, &mut money)?);
    }
    limit(read.error.len(), &at("error"))?;
    let errors = read.error.iter().enumerate();
    let errors =
        errors.map(|(index, error)| code(&error.code, "", &at(&format!("error[{index}].code"))));
    let serviced = match &read.serviced {
        None => None,
        Some(Served::Period(period)) => Some(claim::bounds(period, &at("servicedPeriod"))?),
        Some(Served::Date(day)) => {
            let day = date::from_date_time(&day.value.0, &at("servicedDate"))?;
            Some((day, day))
        }
    };
    let text = |text: &Option<::fhir::r4::types::String>| text.as_ref().map(|text| text.0.clone());
    Ok(CoverageAnswer {
        standing,
        disposition: text(&read.disposition),
        request: read.request.identifier.as_ref().and_then(|identifier| {
            Some(Identifier {
                system: identifier.system.as_ref().map(|text| text.0.clone()),
                value: identifier.value.as_ref()?.0.clone(),
            })
        }),
        purposes,
        patient: reference::party(&read.patient, &at("patient"), contained)?,
        requestor: needed_party(read.requestor.as_ref(), &at("requestor"), contained)?,
        insurer: reference::party(&read.insurer, &at("insurer"), contained)?,
        created: read.created.0.clone(),
        serviced,
        authorization: text(&read.pre_auth_ref),
        errors: errors.collect::<Result<_, _>>()?,
        coverages,
        currency: money.currency,
    })
}

const PURPOSES: [&str; 4] = ["auth-requirements", "benefits", "discovery", "validation"];

fn unknown(at: &str, code: &str, what: &str) -> Problem {
    Problem::new(
        "unknown_value",
        at,
        format!("{code} is not {what} that FHIR R4 has."),
    )
}

fn limit(count: usize, at: &str) -> Result<(), Problem> {
    if count <= MAX_ENTRIES {
        return Ok(());
    }
    Err(Problem::new(
        "too_many_lines",
        format!("{at}[{MAX_ENTRIES}]"),
        format!("An answer is read with at most {MAX_ENTRIES} entries of a sort."),
    ))
}

fn covered(
    insurance: &Insurance,
    at: &str,
    contained: &[Resource],
    money: &mut Purse,
) -> Result<Covered, Problem> {
    limit(insurance.item.len(), &format!("{at}.item"))?;
    let mut items = Vec::with_capacity(insurance.item.len());
    for (index, entry) in insurance.item.iter().enumerate() {
        items.push(item(
            entry,
            &format!("{at}.item[{index}]"),
            contained,
            money,
        )?);
    }
    let period = insurance.benefit_period.as_ref();
    Ok(Covered {
        coverage: reference::party(&insurance.coverage, &format!("{at}.coverage"), contained)?,
        in_force: insurance.inforce.as_ref().map(|flag| flag.0),
        period: period
            .map(|period| claim::bounds(period, &format!("{at}.benefitPeriod")))
            .transpose()?,
        items,
    })
}

fn item(
    item: &Item,
    at: &str,
    contained: &[Resource],
    money: &mut Purse,
) -> Result<CoverageItem, Problem> {
    let place = |name: &str| format!("{at}.{name}");
    let one = |concept: &Option<CodeableConcept>, system: &str, name: &str| {
        let concept = concept.as_ref();
        concept
            .map(|concept| code(concept, system, &place(name)))
            .transpose()
    };
    let many = |concepts: &[CodeableConcept], name: &str| {
        let concepts = concepts.iter().enumerate();
        concepts
            .map(|(index, concept)| code(concept, "", &place(&format!("{name}[{index}]"))))
            .collect::<Result<Vec<_>, _>>()
    };
    let service = one(&item.product_or_service, "", "productOrService")?;
    let category = one(&item.category, systems::BENEFIT_CATEGORY, "category")?;
    let about = match (service, category) {
        (Some(service), None) => About::Service(service),
        (None, Some(category)) => About::Category(category),
        _ => {
            return Err(Problem::new(
                "invalid_value",
                at,
                "An item is about a service or about a category of services, and not about both (ces-1).",
            ))
        }
    };
    limit(item.benefit.len(), &place("benefit"))?;
    let mut benefits = Vec::with_capacity(item.benefit.len());
    for (index, entry) in item.benefit.iter().enumerate() {
        benefits.push(benefit(entry, &place(&format!("benefit[{index}]")), money)?);
    }
    Ok(CoverageItem {
        about,
        modifiers: many(&item.modifier, "modifier")?,
        provider: needed_party(item.provider.as_ref(), &place("provider"), contained)?,
        name: item.name.as_ref().map(|text| text.0.clone()),
        description: item.description.as_ref().map(|text| text.0.clone()),
        excluded: item.excluded.as_ref().map(|flag| flag.0),
        network: one(&item.network, systems::BENEFIT_NETWORK, "network")?,
        unit: one(&item.unit, systems::BENEFIT_UNIT, "unit")?,
        term: one(&item.term, systems::BENEFIT_TERM, "term")?,
        benefits,
        authorization_required: item.authorization_required.as_ref().map(|flag| flag.0),
        authorization_supporting: many(&item.authorization_supporting, "authorizationSupporting")?,
        authorization_url: item.authorization_url.as_ref().map(|url| url.0.clone()),
    })
}

fn benefit(benefit: &ItemBenefit, at: &str, money: &mut Purse) -> Result<CoverageBenefit, Problem> {
    let allowed = match &benefit.allowed {
        None => None,
        Some(Allowed::Money(amount)) => Some(Amount::Cents(
            money.read(amount, &format!("{at}.allowedMoney"))?,
        )),
        Some(Allowed::UnsignedInt(count)) => Some(Amount::Number(count.value.0)),
        Some(Allowed::String(text)) => Some(Amount::Text(text.value.0.clone())),
    };
    let used = match &benefit.used {
        None => None,
        Some(Used::Money(amount)) => Some(Amount::Cents(
            money.read(amount, &format!("{at}.usedMoney"))?,
        )),
        Some(Used::UnsignedInt(count)) => Some(Amount::Number(count.value.0)),
        Some(Used::String(text)) => Some(Amount::Text(text.value.0.clone())),
    };
    Ok(CoverageBenefit {
        kind: code(
            &benefit.r#type,
            systems::BENEFIT_TYPE,
            &format!("{at}.type"),
        )?,
        allowed,
        used,
    })
}

/// The currency of an answer: its first amount says it, and there is no other.
#[derive(Default)]
struct Purse {
    currency: Option<String>,
}

impl Purse {
    fn read(&mut self, money: &Money, at: &str) -> Result<Cents, Problem> {
        let own = money.currency.as_ref().map(|code| code.0.clone());
        let own = own.ok_or_else(|| {
            Problem::new(
                "missing_field",
                format!("{at}.currency"),
                "The amount has no currency.",
            )
        })?;
        match &self.currency {
            Some(first) if *first != own => Err(Problem::new(
                "wrong_currency",
                format!("{at}.currency"),
                format!("The amount is in {own}, the one before it in {first}; amounts in two currencies cannot be held against each other."),
            )),
            _ => {
                let cents = amount::cents(money, at, &own)?;
                self.currency = Some(own);
                Ok(cents)
            }
        }
    }
}

/// A concept by one code: that of FHIR's own `system` where it has one, else its first; else its text.
fn code(concept: &CodeableConcept, system: &str, at: &str) -> Result<Code, Problem> {
    let codes = concept.coding.iter().filter_map(|coding| {
        let code = coding.code.as_ref()?.0.trim();
        let system = coding.system.as_ref().map(|system| system.0.clone());
        (!code.is_empty()).then(|| Code {
            system: system.unwrap_or_default(),
            code: code.to_owned(),
        })
    });
    let codes: Vec<Code> = codes.collect();
    let own = codes
        .iter()
        .find(|code| !system.is_empty() && code.system == system);
    if let Some(found) = own.or(codes.first()) {
        return Ok(found.clone());
    }
    let text = concept.text.as_ref().map(|text| text.0.trim());
    match text.filter(|text| !text.is_empty()) {
        Some(text) => Ok(Code {
            system: String::new(),
            code: text.to_owned(),
        }),
        None => Err(Problem::new(
            "missing_field",
            format!("{at}.coding[0].code"),
            "There is neither a code nor a text.",
        )),
    }
}
