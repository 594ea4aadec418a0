//! CoverageEligibilityRequest and CoverageEligibilityResponse, read and written.

use ::fhir::r4::resources::coverage_eligibility_request::CoverageEligibilityRequestServiced as Asked;
use ::fhir::r4::resources::coverage_eligibility_response::{
    CoverageEligibilityResponseInsuranceItem as Item,
    CoverageEligibilityResponseInsuranceItemBenefit as ItemBenefit,
    CoverageEligibilityResponseInsuranceItemBenefitAllowed as Allowed,
    CoverageEligibilityResponseInsuranceItemBenefitUsed as Used,
    CoverageEligibilityResponseServiced as Served,
};
use ::fhir::r4::resources::{CoverageEligibilityRequest, CoverageEligibilityResponse};
use ::fhir::r4::types::CodeableConcept;
use galen_rules::{BasisPoints, Cents, Date};
use serde_json::{json, Value};

use super::adjudicated::{Code, Identifier};
use super::elements::unsupported;
use super::parse::{needed_party, resource};
use super::reference::{self, Party};
use super::systems;
use super::write::{self, Object};
use super::{amount, claim};
use crate::date;
use crate::problem::Problem;

const REQUEST: &str = "CoverageEligibilityRequest";
const RESPONSE: &str = "CoverageEligibilityResponse";
/// The category of what the plan covers as a whole: Health Benefit Plan Coverage.
const WHOLE_PLAN: &str = "30";
/// Services that one request may ask about.
const MAX_ITEMS: usize = 100;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EligibilityPurpose {
    /// Which services need an authorisation.
    Authorizations,
    /// What is covered, and how much of it is used up.
    Benefits,
    /// Which coverage there is.
    Discovery,
    /// Whether the coverage is in force.
    Validation,
}

impl EligibilityPurpose {
    const ALL: [Self; 4] = [
        Self::Authorizations,
        Self::Benefits,
        Self::Discovery,
        Self::Validation,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Authorizations => "auth-requirements",
            Self::Benefits => "benefits",
            Self::Discovery => "discovery",
            Self::Validation => "validation",
        }
    }
}

/// A question about a member's coverage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibilityRequest {
    /// Its first identifier.
    pub identifier: Option<Identifier>,
    /// What is asked.
    pub purposes: Vec<EligibilityPurpose>,
    /// About whom.
    pub patient: Party,
    /// Who asks.
    pub provider: Option<Party>,
    /// Whom.
    pub insurer: Party,
    /// On which coverage.
    pub coverage: Option<Party>,
    /// The day on which it was written.
    pub created: Date,
    /// First and last day of service; none: now.
    pub serviced: Option<(Date, Date)>,
    /// About which services.
    pub items: Vec<Requested>,
}

/// A service that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// Its code.
    pub code: Code,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    /// The identifier of the question; none: it had none.
    pub request: Option<Identifier>,
    /// What was asked.
    pub purposes: Vec<EligibilityPurpose>,
    /// About whom.
    pub patient: Party,
    /// Who asked.
    pub requestor: Option<Party>,
    /// Who answers.
    pub insurer: Party,
    /// On which coverage.
    pub coverage: Party,
    /// When the answer was written, as a FHIR dateTime.
    pub created: String,
    /// First and last day of service.
    pub serviced: (Date, Date),
    /// ISO 4217.
    pub currency: String,
    /// In a sentence.
    pub disposition: String,
    /// Whether the coverage is in force on all of these days.
    pub in_force: bool,
    /// The benefit period, where it is in force.
    pub period: Option<(Date, Date)>,
    /// What it covers.
    pub extents: Vec<Extent>,
}

/// What is covered of one service, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// The service; none: the whole plan.
    pub service: Option<Code>,
    /// Whether it is excluded.
    pub excluded: Option<bool>,
    /// Where the provider is.
    pub network: Option<Network>,
    /// For whom.
    pub unit: Option<Unit>,
    /// For how long.
    pub term: Option<Term>,
    /// The amounts.
    pub benefits: Vec<Benefit>,
    /// Whether it needs an authorisation.
    pub authorization_required: Option<bool>,
}

/// One amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Benefit {
    /// Which.
    pub kind: BenefitKind,
    /// How much there is; none: no limit.
    pub allowed: Option<Quantity>,
    /// How much is used up.
    pub used: Option<Cents>,
}

/// An amount or a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Money.
    Amount(Cents),
    /// A share.
    Rate(BasisPoints),
}

/// Pairs each value with its code, both ways.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident: $($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

coded! {
    /// What an amount is.
    BenefitKind:
    /// What the plan allows or pays at most.
    Benefit = "benefit",
    /// What the member pays first.
    Deductible = "deductible",
    /// What the member pays for each service.
    Copay = "copay",
    /// The member's share of the rest.
    Coinsurance = "copay-percent",
    /// The most that the member pays.
    OutOfPocket = "copay-maximum",
}

coded! {
    /// Where the provider is.
    Network:
    /// In the plan's network.
    In = "in",
    /// Outside it.
    Out = "out",
}

coded! {
    /// For whom.
    Unit:
    /// One person.
    Individual = "individual",
    /// The family.
    Family = "family",
}

coded! {
    /// For how long.
    Term:
    /// The benefit period, a calendar year.
    Annual = "annual",
    /// For ever.
    Lifetime = "lifetime",
}

/// Reads a CoverageEligibilityRequest.
///
/// # Errors
/// With the FHIR path as the place: those of [`super::read_claim`] that are not about money; `too_many_lines`.
pub fn read_eligibility_request(document: &Value) -> Result<EligibilityRequest, Problem> {
    let read: CoverageEligibilityRequest = resource(document, REQUEST)?;
    let at = |name: &str| format!("{REQUEST}.{name}");
    let status = read.status.code();
    if status != "active" {
        return Err(unsupported(
            &at("status"),
            &format!("Only an active request is answered; this one is {status}"),
        ));
    }
    if read.insurance.len() > 1 {
        return Err(unsupported(
            &at("insurance[1]"),
            "Ask about one coverage at a time",
        ));
    }
    if read.item.len() > MAX_ITEMS {
        return Err(Problem::new(
            "too_many_lines",
            at(&format!("item[{MAX_ITEMS}]")),
            format!("A request asks about at most {MAX_ITEMS} services."),
        ));
    }
    let contained = read.contained.as_slice();
    let mut items = Vec::with_capacity(read.item.len());
    for (index, item) in read.item.iter().enumerate() {
        let at = format!("{REQUEST}.item[{index}]");
        let service = item.product_or_service.as_ref().ok_or_else(|| {
            unsupported(
                &format!("{at}.productOrService"),
                "Give the code of the service; a category alone is not answered",
            )
        })?;
        let (system, code) = claim::coding(service, &format!("{at}.productOrService"))?;
        items.push(Requested {
            code: Code { system, code },
        });
    }
    let purposes = read.purpose.iter().enumerate();
    let purposes = purposes
        .map(|(index, purpose)| self::purpose(&purpose.code(), &at(&format!("purpose[{index}]"))));
    let serviced = match &read.serviced {
        None => None,
        Some(Asked::Date(day)) => {
            Some(date::from_date_time(&day.value.0, &at("servicedDate"))?).map(|day| (day, day))
        }
        Some(Asked::Period(period)) => Some(claim::bounds(period, &at("servicedPeriod"))?),
    };
    Ok(EligibilityRequest {
        identifier: read.identifier.iter().find_map(|identifier| {
            Some(Identifier {
                system: identifier.system.as_ref().map(|text| text.0.clone()),
                value: identifier.value.as_ref()?.0.clone(),
            })
        }),
        purposes: purposes.collect::<Result<_, _>>()?,
        patient: reference::party(&read.patient, &at("patient"), contained)?,
        provider: needed_party(read.provider.as_ref(), &at("provider"), contained)?,
        insurer: reference::party(&read.insurer, &at("insurer"), contained)?,
        coverage: needed_party(
            read.insurance.first().map(|insurance| &insurance.coverage),
            &at("insurance[0].coverage"),
            contained,
        )?,
        created: date::from_date_time(&read.created.0, &at("created"))?,
        serviced,
        items,
    })
}

fn purpose(code: &str, at: &str) -> Result<EligibilityPurpose, Problem> {
    EligibilityPurpose::ALL
        .into_iter()
        .find(|purpose| purpose.code() == code)
        .ok_or_else(|| {
            Problem::new(
                "unknown_value",
                at,
                format!("{code} is not a purpose that FHIR R4 has."),
            )
        })
}

/// Writes a CoverageEligibilityRequest.
///
/// # Errors
/// Those of [`read_eligibility_request`]; `invalid_value` where something in it cannot stand in FHIR.
pub fn write_eligibility_request(request: &EligibilityRequest) -> Result<Value, Problem> {
    let purposes = request.purposes.iter().map(|purpose| json!(purpose.code()));
    let identifiers = request.identifier.iter().map(write::identifier);
    let insurance = request
        .coverage
        .iter()
        .map(|coverage| json!({"coverage": write::reference(coverage)}));
    let items = request.items.iter().map(|item| {
        let service = write::concept(&item.code.system, &item.code.code);
        json!({"productOrService": service})
    });
    let (day, period) = match request.serviced {
        None => (None, None),
        Some((first, last)) if first == last => (Some(write::day(first)), None),
        Some((first, last)) => (None, Some(write::period(first, last))),
    };
    let provider = request.provider.as_ref().map(write::reference);
    let document = Object::resource(REQUEST)
        .with_list("identifier", identifiers.collect())
        .with("status", json!("active"))
        .with("purpose", Value::Array(purposes.collect()))
        .with("patient", write::reference(&request.patient))
        .with_some("servicedDate", day)
        .with_some("servicedPeriod", period)
        .with("created", write::day(request.created))
        .with_some("provider", provider)
        .with("insurer", write::reference(&request.insurer))
        .with_list("insurance", insurance.collect())
        .with_list("item", items.collect())
        .done();
    if read_eligibility_request(&document)? == *request {
        return Ok(document);
    }
    Err(write::reads_otherwise(""))
}

/// Writes a CoverageEligibilityResponse.
///
/// # Errors
/// `invalid_value` where something in it cannot stand in FHIR.
pub fn write_eligibility_response(answer: &Eligibility) -> Result<Value, Problem> {
    let purposes = answer.purposes.iter().map(|purpose| json!(purpose.code()));
    let request = answer.request.as_ref().map_or_else(
        || json!({"display": "The request has no identifier."}),
        |id| json!({"identifier": Object::default().with_some("system", id.system.as_ref().map(|system| json!(system))).with("value", json!(id.value)).done()}),
    );
    let items = answer
        .extents
        .iter()
        .map(|extent| extent.write(&answer.currency));
    let (first, last) = answer.serviced;
    let insurance = Object::default()
        .with("coverage", write::reference(&answer.coverage))
        .with("inforce", json!(answer.in_force))
        .with_some(
            "benefitPeriod",
            answer
                .period
                .map(|(first, last)| write::period(first, last)),
        )
        .with_list("item", items.collect::<Result<_, _>>()?);
    let document = Object::resource(RESPONSE)
        .with("status", json!("active"))
        .with("purpose", Value::Array(purposes.collect()))
        .with("patient", write::reference(&answer.patient))
        .with("servicedPeriod", write::period(first, last))
        .with("created", json!(answer.created))
        .with_some("requestor", answer.requestor.as_ref().map(write::reference))
        .with("request", request)
        .with("outcome", json!("complete"))
        .with("disposition", json!(answer.disposition))
        .with("insurer", write::reference(&answer.insurer))
        .with("insurance", json!([insurance.done()]))
        .done();
    if read_eligibility_response(&document, &answer.currency)? == *answer {
        return Ok(document);
    }
    Err(write::reads_otherwise(""))
}

impl Extent {
    fn write(&self, currency: &str) -> Result<Value, Problem> {
        let concept = |system: &str, code: Option<&'static str>| {
            code.map(|code| write::concept(system, code))
        };
        let benefits = self.benefits.iter().map(|benefit| benefit.write(currency));
        // R4 wants one of the two, and not both (ces-1).
        let whole = self.service.is_none().then_some(WHOLE_PLAN);
        Ok(Object::default()
            .with_some("category", concept(systems::BENEFIT_CATEGORY, whole))
            .with_some(
                "productOrService",
                self.service
                    .as_ref()
                    .map(|code| write::concept(&code.system, &code.code)),
            )
            .with_some("excluded", self.excluded.map(|excluded| json!(excluded)))
            .with_some(
                "network",
                concept(systems::BENEFIT_NETWORK, self.network.map(Network::code)),
            )
            .with_some(
                "unit",
                concept(systems::BENEFIT_UNIT, self.unit.map(Unit::code)),
            )
            .with_some(
                "term",
                concept(systems::BENEFIT_TERM, self.term.map(Term::code)),
            )
            .with_list("benefit", benefits.collect::<Result<_, _>>()?)
            .with_some(
                "authorizationRequired",
                self.authorization_required.map(|needed| json!(needed)),
            )
            .done())
    }
}

impl Benefit {
    fn write(&self, currency: &str) -> Result<Value, Problem> {
        let object = Object::default().with(
            "type",
            write::concept(systems::BENEFIT_TYPE, self.kind.code()),
        );
        let object = match self.allowed {
            None => object,
            Some(Quantity::Amount(cents)) => {
                object.with("allowedMoney", write::money(cents, currency)?)
            }
            Some(Quantity::Rate(rate)) => match (rate.get() / 100, rate.get() % 100) {
                (percent, 0) => object.with("allowedUnsignedInt", json!(percent)),
                (percent, rest) => {
                    object.with("allowedString", json!(format!("{percent}.{rest:02}%")))
                }
            },
        };
        let used = self
            .used
            .map(|cents| write::money(cents, currency))
            .transpose()?;
        Ok(object.with_some("usedMoney", used).done())
    }
}

/// Reads a CoverageEligibilityResponse of the form that Galen writes, in `currency`.
///
/// # Errors
/// With the FHIR path as the place: those of [`super::read_claim_response`] that are not about lines.
pub fn read_eligibility_response(document: &Value, currency: &str) -> Result<Eligibility, Problem> {
    let read: CoverageEligibilityResponse = resource(document, RESPONSE)?;
    let at = |name: &str| format!("{RESPONSE}.{name}");
    for (name, found, wanted) in [
        ("status", read.status.code(), "active"),
        ("outcome", read.outcome.code(), "complete"),
    ] {
        if found != wanted {
            return Err(unsupported(
                &at(name),
                &format!("Only what is {wanted} is an answer; this is {found}"),
            ));
        }
    }
    let [insurance] = read.insurance.as_slice() else {
        return Err(unsupported(
            &at("insurance"),
            "An answer of the form that Galen writes is about one coverage",
        ));
    };
    let contained = read.contained.as_slice();
    let missing = |name: &str| {
        Problem::new(
            "missing_field",
            at(name),
            format!("This is needed and missing ({}).", at(name)),
        )
    };
    let purposes = read.purpose.iter().enumerate();
    let purposes = purposes
        .map(|(index, purpose)| self::purpose(&purpose.code(), &at(&format!("purpose[{index}]"))));
    let serviced = match &read.serviced {
        Some(Served::Period(period)) => claim::bounds(period, &at("servicedPeriod"))?,
        Some(Served::Date(day)) => {
            let day = date::from_date_time(&day.value.0, &at("servicedDate"))?;
            (day, day)
        }
        None => return Err(missing("servicedPeriod")),
    };
    let period = insurance.benefit_period.as_ref();
    let items = insurance.item.iter().enumerate();
    let extents = items
        .map(|(index, item)| extent(item, &at(&format!("insurance[0].item[{index}]")), currency));
    Ok(Eligibility {
        request: read.request.identifier.as_ref().and_then(|identifier| {
            Some(Identifier {
                system: identifier.system.as_ref().map(|text| text.0.clone()),
                value: identifier.value.as_ref()?.0.clone(),
            })
        }),
        purposes: purposes.collect::<Result<_, _>>()?,
        patient: reference::party(&read.patient, &at("patient"), contained)?,
        requestor: needed_party(read.requestor.as_ref(), &at("requestor"), contained)?,
        insurer: reference::party(&read.insurer, &at("insurer"), contained)?,
        coverage: reference::party(&insurance.coverage, &at("insurance[0].coverage"), contained)?,
        created: read.created.0.clone(),
        serviced,
        currency: currency.to_owned(),
        disposition: read
            .disposition
            .as_ref()
            .map(|text| text.0.clone())
            .unwrap_or_default(),
        in_force: insurance
            .inforce
            .as_ref()
            .ok_or_else(|| missing("insurance[0].inforce"))?
            .0,
        period: period
            .map(|period| claim::bounds(period, &at("insurance[0].benefitPeriod")))
            .transpose()?,
        extents: extents.collect::<Result<_, _>>()?,
    })
}

fn extent(item: &Item, at: &str, currency: &str) -> Result<Extent, Problem> {
    let service = item.product_or_service.as_ref();
    let service = service.map(|concept| claim::coding(concept, &format!("{at}.productOrService")));
    let benefits = item.benefit.iter().enumerate();
    let benefits = benefits.map(|(index, benefit)| {
        self::benefit(benefit, &format!("{at}.benefit[{index}]"), currency)
    });
    let place = |name: &str| format!("{at}.{name}");
    let whole = known(
        item.category.as_ref(),
        &place("category"),
        systems::BENEFIT_CATEGORY,
        |code| (code == WHOLE_PLAN).then_some(()),
    )?;
    let service = service
        .transpose()?
        .map(|(system, code)| Code { system, code });
    if service.is_some() == whole.is_some() {
        return Err(unsupported(
            &place("category"),
            "An item is about a service or about the whole plan, which has the category 30, and not about both",
        ));
    }
    Ok(Extent {
        service,
        excluded: item.excluded.as_ref().map(|excluded| excluded.0),
        network: known(
            item.network.as_ref(),
            &place("network"),
            systems::BENEFIT_NETWORK,
            Network::from_code,
        )?,
        unit: known(
            item.unit.as_ref(),
            &place("unit"),
            systems::BENEFIT_UNIT,
            Unit::from_code,
        )?,
        term: known(
            item.term.as_ref(),
            &place("term"),
            systems::BENEFIT_TERM,
            Term::from_code,
        )?,
        benefits: benefits.collect::<Result<_, _>>()?,
        authorization_required: item.authorization_required.as_ref().map(|needed| needed.0),
    })
}

/// The value of a code, if there is one.
fn known<T>(
    concept: Option<&CodeableConcept>,
    at: &str,
    system: &str,
    from_code: fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(concept) = concept else {
        return Ok(None);
    };
    let (found, code) = claim::coding(concept, at)?;
    let value = from_code(&code).filter(|_| found == system);
    value.map(Some).ok_or_else(|| {
        unsupported(
            at,
            &format!("{found}|{code} is not a code that Galen writes here"),
        )
    })
}

fn benefit(benefit: &ItemBenefit, at: &str, currency: &str) -> Result<Benefit, Problem> {
    let kind = known(
        Some(&benefit.r#type),
        &format!("{at}.type"),
        systems::BENEFIT_TYPE,
        BenefitKind::from_code,
    )?;
    let kind = kind.ok_or_else(|| {
        Problem::new(
            "missing_field",
            format!("{at}.type"),
            "The amount does not say what it is.",
        )
    })?;
    let allowed = match &benefit.allowed {
        None => None,
        Some(Allowed::Money(money)) => Some(Quantity::Amount(amount::cents(
            money,
            &format!("{at}.allowedMoney"),
            currency,
        )?)),
        Some(Allowed::UnsignedInt(percent)) => Some(rate(
            &format!("{}.00%", percent.value.0),
            &format!("{at}.allowedUnsignedInt"),
        )?),
        Some(Allowed::String(percent)) => {
            Some(rate(&percent.value.0, &format!("{at}.allowedString"))?)
        }
    };
    let used = match &benefit.used {
        None => None,
        Some(Used::Money(money)) => {
            Some(amount::cents(money, &format!("{at}.usedMoney"), currency)?)
        }
        Some(_) => {
            return Err(unsupported(
                &format!("{at}.used"),
                "What is used up is an amount of money",
            ))
        }
    };
    Ok(Benefit {
        kind,
        allowed,
        used,
    })
}

/// `12.50%` as 1,250 basis points.
fn rate(text: &str, at: &str) -> Result<Quantity, Problem> {
    let refused = || {
        Problem::new(
            "invalid_value",
            at,
            format!("\"{text}\" is not a share of at most 100% with two decimals."),
        )
    };
    let (percent, rest) = text
        .strip_suffix('%')
        .and_then(|text| text.split_once('.'))
        .ok_or_else(refused)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if rest.len() != 2 || !digits(percent) || !digits(rest) {
        return Err(refused());
    }
    let points: u16 = format!("{percent}{rest}").parse().map_err(|_| refused())?;
    BasisPoints::new(points)
        .map(Quantity::Rate)
        .ok_or_else(refused)
}
