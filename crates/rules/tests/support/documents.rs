//! PLAN, CLAIM and MEMBER documents, and the result document, as the tests need them.
//!
//! An adapter for documents that are known to be well formed: what it cannot read is a mistake of
//! the test, and panics. The command line has one of its own that explains.

use galen_rules::adjudication::details::{Past, DISTINCT};
use galen_rules::adjudication::{
    adjudicate_with, Accumulators, Benefit, CategoryMaximum, Claim, CodeKey, Coordination,
    CostShareOrder, CostShareUsed, Covered, Error, Limit, Line, LineResult, MaximumPeriod,
    Modifiers, Network, OtherPayer, OutOfNetwork, Plan, ProviderTag, Service, Terms, Tier, Totals,
    Used,
};
use galen_rules::date::Window;
use galen_rules::{BasisPoints, Cents, Date, Remark};
use serde_json::{json, Map, Value};

use super::details::{self, is_distinct, ClaimFacts, MemberFacts, PlanFacts};

/// A plan and what it borrows.
pub struct PlanDoc {
    order: CostShareOrder,
    in_network: Terms,
    out_of_network: OutOfNetwork,
    copay: Cents,
    tiers: Vec<Tier>,
    recognised: BasisPoints,
    annual_maximum: Option<Cents>,
    lifetime_maximum: Option<Cents>,
    category_names: Vec<String>,
    limited: usize,
    categories: Vec<CategoryMaximum>,
    filing_limit_days: u32,
    waiting_days: u32,
    coordination: Coordination,
    benefits: Vec<(String, Benefit)>,
    pub facts: PlanFacts,
}

pub struct ClaimDoc {
    submitted: Date,
    network: Network,
    provider: Option<String>,
    codes: Vec<String>,
    pub lines: Vec<Line>,
    pub facts: ClaimFacts,
}

#[derive(Clone)]
pub struct MemberDoc {
    given: Value,
    pub coverage: Window,
    pub accumulators: Accumulators,
    pub history: Vec<Past>,
    pub facts: MemberFacts,
}

pub fn get<'a>(document: &'a Value, name: &str) -> &'a Value {
    const NULL: &Value = &Value::Null;
    document.get(name).unwrap_or(NULL)
}

fn number(document: &Value, name: &str) -> Option<u64> {
    match get(document, name) {
        Value::Null => None,
        value => Some(value.as_u64().unwrap_or_else(|| panic!("{name}: {value}"))),
    }
}

fn cents(document: &Value, name: &str) -> Option<Cents> {
    number(document, name).map(Cents::new)
}

pub fn days(document: &Value, name: &str) -> Option<u32> {
    number(document, name).map(|days| u32::try_from(days).unwrap())
}

pub fn rate(document: &Value, name: &str) -> Option<BasisPoints> {
    number(document, name).map(|bps| BasisPoints::new(u16::try_from(bps).unwrap()).unwrap())
}

pub fn text<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    match get(document, name) {
        Value::Null => None,
        value => Some(value.as_str().unwrap_or_else(|| panic!("{name}: {value}"))),
    }
}

pub fn flag(document: &Value, name: &str, default: bool) -> bool {
    match get(document, name) {
        Value::Null => default,
        value => value.as_bool().unwrap_or_else(|| panic!("{name}: {value}")),
    }
}

pub fn date(document: &Value, name: &str) -> Option<Date> {
    text(document, name).map(|text| text.parse().unwrap())
}

/// A figure that is `default` where absent and none where null.
fn figure(document: &Value, name: &str, default: Option<Cents>) -> Option<Cents> {
    if document.get(name).is_none() {
        default
    } else {
        cents(document, name)
    }
}

fn terms(document: &Value) -> Terms {
    let (deductible, maximum) = (
        get(document, "deductible"),
        get(document, "out_of_pocket_max"),
    );
    Terms {
        coinsurance: rate(document, "coinsurance_bps").unwrap_or_default(),
        deductible: Limit {
            individual: figure(deductible, "individual", Some(Cents::ZERO)),
            family: figure(deductible, "family", None),
        },
        out_of_pocket: Limit {
            individual: figure(maximum, "individual", None),
            family: figure(maximum, "family", None),
        },
    }
}

impl PlanDoc {
    pub fn read(document: &Value) -> Self {
        let mut category_names: Vec<String> = Vec::new();
        let mut categories = Vec::new();
        if let Value::Object(map) = get(document, "categories") {
            for (name, category) in map {
                category_names.push(name.clone());
                categories.push(CategoryMaximum {
                    maximum: cents(category, "max"),
                    period: match text(category, "period").unwrap_or("year") {
                        "year" => MaximumPeriod::Year,
                        "lifetime" => MaximumPeriod::Lifetime,
                        other => panic!("period: {other}"),
                    },
                });
            }
        }
        let limited = categories.len();
        let mut benefits = Vec::new();
        for entry in get(document, "benefits").as_array().into_iter().flatten() {
            let category = text(entry, "category").map(|name| {
                let known = category_names.iter().position(|known| known == name);
                let index = known.unwrap_or_else(|| {
                    category_names.push(name.to_owned());
                    categories.push(CategoryMaximum {
                        maximum: None,
                        period: MaximumPeriod::Year,
                    });
                    categories.len() - 1
                });
                u8::try_from(index).unwrap()
            });
            let benefit = Benefit {
                fee: cents(entry, "allowed").unwrap(),
                covered: if flag(entry, "covered", true) {
                    Covered::Yes
                } else {
                    text(entry, "remark").map_or(Covered::NotInPlan, |code| {
                        Covered::Excluded(Remark::new(code).unwrap())
                    })
                },
                effective: details::window(entry, "effective_from", "effective_to"),
                category,
                deductible_applies: match get(entry, "deductible_applies") {
                    Value::Null => None,
                    value => value.as_bool(),
                },
                copay: cents(entry, "copay"),
                coinsurance: rate(entry, "coinsurance_bps"),
                authorization_required: flag(entry, "authorization", false),
                frequency_days: days(entry, "frequency_days"),
                max_units: days(entry, "max_units"),
                waiting_days: days(entry, "waiting_days"),
            };
            benefits.push((text(entry, "code").unwrap().to_owned(), benefit));
        }
        Self {
            order: match text(document, "cost_share_order").unwrap_or("deductible_first") {
                "deductible_first" => CostShareOrder::DeductibleFirst,
                "copay_first" => CostShareOrder::CopayFirst,
                other => panic!("cost_share_order: {other}"),
            },
            in_network: terms(document),
            out_of_network: match get(document, "out_of_network") {
                Value::Null => OutOfNetwork::Deny,
                Value::String(deny) if deny == "deny" => OutOfNetwork::Deny,
                object => OutOfNetwork::Terms(terms(object)),
            },
            copay: cents(document, "copay").unwrap_or_default(),
            tiers: get(document, "tiers")
                .as_array()
                .into_iter()
                .flatten()
                .map(|tier| Tier {
                    up_to: cents(tier, "up_to"),
                    coinsurance: rate(tier, "coinsurance_bps").unwrap(),
                })
                .collect(),
            recognised: rate(document, "recognised_bps").unwrap_or(BasisPoints::WHOLE),
            annual_maximum: cents(document, "annual_max"),
            lifetime_maximum: cents(document, "lifetime_max"),
            category_names,
            limited,
            categories,
            filing_limit_days: days(document, "filing_limit_days").unwrap_or(365),
            waiting_days: days(document, "waiting_days").unwrap_or(0),
            coordination: match text(document, "coordination").unwrap_or("standard") {
                "standard" => Coordination::Standard,
                "carve_out" => Coordination::CarveOut,
                "maintenance_of_benefits" => Coordination::MaintenanceOfBenefits,
                "medicare_secondary" => Coordination::MedicareSecondary,
                other => panic!("coordination: {other}"),
            },
            benefits,
            facts: PlanFacts::read(document),
        }
    }

    pub fn plan(&self) -> Plan<'_> {
        Plan {
            cost_share_order: self.order,
            in_network: self.in_network,
            out_of_network: self.out_of_network,
            copay: self.copay,
            tiers: &self.tiers,
            recognised: self.recognised,
            annual_maximum: self.annual_maximum,
            lifetime_maximum: self.lifetime_maximum,
            categories: &self.categories,
            filing_limit_days: self.filing_limit_days,
            waiting_days: self.waiting_days,
            coordination: self.coordination,
        }
    }
}

pub fn key(code: &str) -> CodeKey {
    CodeKey(padded(code))
}

pub fn tag(provider: Option<&str>) -> ProviderTag {
    provider.map_or(ProviderTag::UNKNOWN, |name| ProviderTag(padded(name)))
}

pub fn padded<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}

fn unpadded(bytes: &[u8]) -> String {
    let end = bytes.iter().take_while(|byte| **byte != 0).count();
    String::from_utf8(bytes[..end].to_vec()).unwrap()
}

fn service(document: &Value, date: Date, provider: Option<&str>) -> Service {
    let mut modifiers = [[0; 2]; 4];
    let given = get(document, "modifiers").as_array();
    for (to, from) in modifiers.iter_mut().zip(given.into_iter().flatten()) {
        *to = padded(from.as_str().unwrap());
    }
    Service {
        date,
        code: key(text(document, "code").unwrap()),
        provider: tag(provider),
        modifiers: Modifiers::new(modifiers),
        sequence: number(document, "sequence").map_or(0, |n| u8::try_from(n).unwrap()),
    }
}

impl ClaimDoc {
    pub fn read(document: &Value, plan: &PlanDoc) -> Self {
        let provider = text(document, "provider");
        let mut codes = Vec::new();
        let mut lines = Vec::new();
        let entries = get(document, "lines").as_array();
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            let code = text(entry, "code").unwrap();
            let date = date(entry, "service_date")
                .or_else(|| date(document, "service_date"))
                .unwrap();
            codes.push(code.to_owned());
            lines.push(Line {
                number: u16::try_from(index + 1).unwrap(),
                service: service(entry, date, provider),
                benefit: plan
                    .benefits
                    .iter()
                    .find(|(known, _)| known == code)
                    .map(|(_, benefit)| *benefit),
                units: days(entry, "units").unwrap_or(1),
                charge: cents(entry, "charge").unwrap(),
                authorized: text(entry, "authorization").is_some(),
                balance_billing_prohibited: flag(entry, "balance_billing_prohibited", false),
                other_payer: match get(entry, "other_payer") {
                    Value::Null => None,
                    other => Some(OtherPayer {
                        allowed: cents(other, "allowed").unwrap(),
                        paid: cents(other, "paid").unwrap(),
                        obligated: cents(other, "obligated")
                            .or_else(|| cents(other, "allowed"))
                            .unwrap(),
                    }),
                },
            });
        }
        let facts = ClaimFacts::read(document);
        let first_days = lines.iter().map(|line| line.service.date);
        let latest = first_days.chain(facts.last_days()).max();
        Self {
            submitted: date(document, "submitted").or(latest).unwrap_or(Date::MAX),
            network: if flag(document, "in_network", true) {
                Network::In
            } else {
                Network::Out
            },
            provider: provider.map(str::to_owned),
            codes,
            lines,
            facts,
        }
    }

    pub fn claim<'a>(&self, lines: &'a [Line]) -> Claim<'a> {
        Claim {
            submitted: self.submitted,
            network: self.network,
            lines,
        }
    }
}

fn used(document: &Value) -> CostShareUsed {
    let pair = |name| {
        let pair = get(document, name);
        Used {
            individual: cents(pair, "individual").unwrap_or_default(),
            family: cents(pair, "family").unwrap_or_default(),
        }
    };
    CostShareUsed {
        deductible: pair("deductible_used"),
        out_of_pocket: pair("out_of_pocket_used"),
    }
}

fn used_document(used: &CostShareUsed) -> Map<String, Value> {
    let pair =
        |used: Used| json!({"individual": used.individual.get(), "family": used.family.get()});
    let mut map = Map::new();
    map.insert("deductible_used".into(), pair(used.deductible));
    map.insert("out_of_pocket_used".into(), pair(used.out_of_pocket));
    map
}

impl MemberDoc {
    pub fn read(document: &Value, plan: &PlanDoc) -> Self {
        let mut accumulators = Accumulators {
            in_network: used(document),
            out_of_network: used(get(document, "out_of_network")),
            tier: cents(document, "tier_used").unwrap_or_default(),
            annual: cents(document, "annual_used").unwrap_or_default(),
            lifetime: cents(document, "lifetime_used").unwrap_or_default(),
            ..Accumulators::default()
        };
        for (name, total) in plan.category_names.iter().zip(&mut accumulators.category) {
            *total = cents(get(document, "category_used"), name).unwrap_or_default();
        }
        Self {
            given: document.clone(),
            coverage: Window {
                from: date(document, "covered_from").unwrap_or(Date::MIN),
                to: date(document, "covered_to").unwrap_or(Date::MAX),
            },
            accumulators,
            history: get(document, "history")
                .as_array()
                .into_iter()
                .flatten()
                .map(|entry| Past {
                    service: service(
                        entry,
                        date(entry, "service_date").unwrap(),
                        text(entry, "provider"),
                    ),
                    to: date(entry, "service_to"),
                    units: days(entry, "units").unwrap_or(1),
                    distinct: is_distinct(entry),
                })
                .collect(),
            facts: MemberFacts::read(document),
        }
    }

    /// The live lines of earlier claims, as a plain claim has them.
    pub fn services(&self) -> impl Iterator<Item = Service> + '_ {
        self.history.iter().map(|past| past.service)
    }

    /// Takes in what was decided, but for the accumulators.
    pub fn take_in(&mut self, plan: &PlanDoc, claim: &ClaimDoc, results: &[LineResult]) {
        self.use_up(plan, claim, results, u32::checked_add);
        let mut in_turn: Vec<usize> = (0..results.len()).collect();
        in_turn.sort_by_key(|index| (claim.lines[*index].service.date, *index));
        for index in in_turn {
            if results[index].is_live() {
                let line = &claim.lines[index];
                let counts = plan.facts.counts_units(line.service.code);
                self.history.push(Past {
                    service: line.service,
                    to: claim.facts.last_day(index),
                    units: if counts { line.units } else { 1 },
                    distinct: line
                        .service
                        .modifiers
                        .get()
                        .iter()
                        .any(|modifier| DISTINCT.contains(modifier)),
                });
            }
        }
    }

    /// Adds the claim's units to the authorizations that it used, or takes them back.
    pub fn use_up(
        &mut self,
        plan: &PlanDoc,
        claim: &ClaimDoc,
        results: &[LineResult],
        apply: fn(u32, u32) -> Option<u32>,
    ) {
        for (index, units) in details::authorized_units(plan, claim, self, results) {
            let used = &mut self.facts.authorizations.as_mut().unwrap()[index].used;
            *used = apply(*used, units).unwrap();
        }
    }

    fn document(&self, plan: &PlanDoc) -> Value {
        let mut out = used_document(&self.accumulators.in_network);
        for name in ["covered_from", "covered_to"] {
            out.insert(name.into(), get(&self.given, name).clone());
        }
        for (name, total) in [
            ("annual_used", self.accumulators.annual),
            ("lifetime_used", self.accumulators.lifetime),
            ("tier_used", self.accumulators.tier),
        ] {
            out.insert(name.into(), total.get().into());
        }
        let given = get(&self.given, "category_used");
        let mut categories = given.as_object().cloned().unwrap_or_default();
        let totals = plan.category_names.iter().zip(&self.accumulators.category);
        for (index, (name, total)) in totals.enumerate() {
            if given.get(name).is_some() || (index < plan.limited && !total.is_zero()) {
                categories.insert(name.clone(), total.get().into());
            }
        }
        out.insert("category_used".into(), categories.into());
        out.insert(
            "history".into(),
            self.history.iter().map(history_document).collect(),
        );
        self.facts.print(&self.given, &mut out);
        if plan.out_of_network != OutOfNetwork::Deny {
            out.insert(
                "out_of_network".into(),
                used_document(&self.accumulators.out_of_network).into(),
            );
        }
        out.into()
    }
}

fn history_document(past: &Past) -> Value {
    let service = &past.service;
    let mut entry = Map::new();
    entry.insert("code".into(), unpadded(&service.code.0).into());
    entry.insert("service_date".into(), service.date.to_string().into());
    if let Some(last) = past.to.filter(|last| *last != service.date) {
        entry.insert("service_to".into(), last.to_string().into());
    }
    if service.provider != ProviderTag::UNKNOWN {
        entry.insert("provider".into(), unpadded(&service.provider.0).into());
    }
    let modifiers: Vec<Value> = service
        .modifiers
        .get()
        .iter()
        .map(|modifier| unpadded(modifier))
        .filter(|modifier| !modifier.is_empty())
        .map(Value::from)
        .collect();
    if !modifiers.is_empty() {
        entry.insert("modifiers".into(), modifiers.into());
    }
    if service.sequence != 0 {
        entry.insert("sequence".into(), service.sequence.into());
    }
    if past.units != 1 {
        entry.insert("units".into(), past.units.into());
    }
    entry.into()
}

/// A claim adjudicated: the member document is the one after it.
pub struct Quoted {
    pub plan: PlanDoc,
    pub claim: ClaimDoc,
    pub member: MemberDoc,
    pub results: Vec<LineResult>,
    pub totals: Totals,
}

/// Adjudicates documents.
pub fn quote(plan: &Value, claim: &Value, member: &Value) -> Result<Quoted, Error> {
    let plan = PlanDoc::read(plan);
    plan.plan().validate().unwrap();
    let claim = ClaimDoc::read(claim, &plan);
    let mut member = MemberDoc::read(member, &plan);
    let mut results = vec![LineResult::default(); claim.lines.len()];
    let mut accumulators = member.accumulators;
    let totals = details::lend(&plan, &claim, &member, &claim.lines, |details| {
        adjudicate_with(
            details,
            &plan.plan(),
            &claim.claim(&claim.lines),
            member.coverage,
            member.services(),
            &mut accumulators,
            &mut results,
        )
    })?;
    member.accumulators = accumulators;
    member.take_in(&plan, &claim, &results);
    Ok(Quoted {
        plan,
        claim,
        member,
        results,
        totals,
    })
}

impl Quoted {
    /// The result document of contracts.md.
    pub fn document(&self) -> Value {
        let lines: Vec<Value> = self
            .results
            .iter()
            .zip(&self.claim.codes)
            .map(|(result, code)| {
                let adjustments: Vec<Value> = result
                    .adjustments
                    .list()
                    .iter()
                    .map(|adjustment| {
                        let mut printed = json!({
                            "group": adjustment.group.as_str(),
                            "reason": adjustment.reason.code(),
                            "amount": adjustment.amount.get(),
                        });
                        let denial = result.denial;
                        let own = denial.filter(|denial| denial.reason == adjustment.reason);
                        if let Some(remark) = own.and_then(|denial| denial.remark) {
                            printed["remark"] = remark.as_str().into();
                        }
                        printed
                    })
                    .collect();
                let mut line = json!({
                    "line": result.number,
                    "code": code,
                    "charge": result.charge.get(),
                    "allowed": result.allowed.get(),
                    "adjustments": adjustments,
                    "paid": result.paid.get(),
                    "patient": result.patient().get(),
                });
                if result.suspect {
                    line["suspect"] = true.into();
                }
                if result.prior_unpaid {
                    line["prior_unpaid"] = true.into();
                }
                if result.late_excused {
                    line["late_excused"] = true.into();
                }
                if result.attachment_missing {
                    line["attachment_missing"] = true.into();
                }
                line
            })
            .collect();
        json!({
            "outcome": self.totals.outcome.as_str(),
            "lines": lines,
            "totals": {
                "charge": self.totals.charge.get(),
                "allowed": self.totals.allowed.get(),
                "paid": self.totals.paid.get(),
                "patient": self.totals.patient.get(),
                "write_off": self.totals.write_off.get(),
                "other": self.totals.other.get(),
            },
            "member": self.member.document(&self.plan),
        })
    }
}

/// An error in the form in which the second opinion states it.
pub fn error_document(error: &Error) -> Value {
    let at = |line: &u16, field: &str| format!("lines[{}]{field}", line - 1);
    let (code, at) = match error {
        Error::NoLines => ("no_lines", "lines".to_owned()),
        Error::SpansTwoPeriods(line) => ("spans_two_periods", at(line, ".service_date")),
        Error::NoUnits(line) => ("no_units", at(line, ".units")),
        Error::OtherPayer(line) => ("other_payer", at(line, ".other_payer")),
        other => panic!("{other}"),
    };
    json!({"error": {"code": code, "at": at}})
}
