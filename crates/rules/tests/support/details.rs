//! What documents say beyond the plain claim, owned, and lent to the rulebook as details.

use galen_rules::adjudication::details::{
    Ages, Authorization, BenefitDetails, Bundle, BundleReason, ClaimDetails, Dependent, Diagnosis,
    Discharge, FilingException, FilingGround, LineDetails, MemberDetails, ModifierIndicator, Need,
    PlanDetails, Review, Spanning, UnitsIndicator, UnitsPerDay, DISTINCT,
};
use galen_rules::adjudication::{CodeKey, Details, Line, LineResult};
use galen_rules::date::Window;
use galen_rules::{BasisPoints, Date, Remark};
use serde_json::Value;

use super::documents::{
    date, days, flag, get, key, padded, rate, tag, text, ClaimDoc, MemberDoc, PlanDoc,
};

/// What a plan demands of every claim.
pub struct PlanFacts {
    payer: Option<CodeKey>,
    dependents: Option<Vec<Dependent>>,
    requirements: Vec<CodeKey>,
    spanning: Spanning,
    filing_grounds: Vec<FilingGround>,
    information: Vec<Need>,
    attachments: Vec<Need>,
    diagnoses: Option<Vec<Diagnosis>>,
    pre_existing_days: u32,
    authorization_grace_days: u32,
    bundles: Vec<Bundle>,
    distinct: Vec<CodeKey>,
    multiple_procedure: BasisPoints,
    benefits: Vec<(CodeKey, BenefitFacts)>,
}

struct BenefitFacts {
    information: Vec<Need>,
    attachments: Vec<Need>,
    provider_types: Option<Vec<CodeKey>>,
    places: Option<Vec<CodeKey>>,
    diagnoses: Option<Vec<CodeKey>>,
    ages: Option<Ages>,
    sexes: Option<Vec<CodeKey>>,
    modifiers: Option<Vec<CodeKey>>,
    modifiers_required: Vec<CodeKey>,
    experimental: bool,
    referral_required: bool,
    units_per_day: Option<UnitsPerDay>,
    multiple_procedure: bool,
    readmission_days: Option<u32>,
}

#[derive(Clone)]
pub struct MemberFacts {
    known_as: Vec<CodeKey>,
    dependent: Option<CodeKey>,
    born: Option<Date>,
    died: Option<Date>,
    sex: Option<CodeKey>,
    lapses: Vec<Window>,
    requirements_met: Vec<CodeKey>,
    other_payer_first: Vec<Window>,
    pre_existing: Vec<CodeKey>,
    pub authorizations: Option<Vec<Authorization>>,
    discharges: Vec<Discharge>,
}

pub struct ClaimFacts {
    payer: Option<CodeKey>,
    insured: Option<CodeKey>,
    provider_type: Option<CodeKey>,
    provider_eligible: bool,
    referred: bool,
    filing_exception: Option<FilingException>,
    information: Vec<CodeKey>,
    attachments: Vec<CodeKey>,
    lines: Vec<LineFacts>,
}

struct LineFacts {
    code: CodeKey,
    to: Option<Date>,
    place: Option<CodeKey>,
    diagnoses: Vec<CodeKey>,
    modifiers: Vec<CodeKey>,
    information: Vec<CodeKey>,
    attachments: Vec<CodeKey>,
    authorization: Option<CodeKey>,
    review: Option<Review>,
}

fn entries(document: &Value, name: &str) -> Option<Vec<Value>> {
    get(document, name).as_array().cloned()
}

fn listed<T>(document: &Value, name: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    entries(document, name).iter().flatten().map(read).collect()
}

fn perhaps<T>(document: &Value, name: &str, read: impl Fn(&Value) -> T) -> Option<Vec<T>> {
    entries(document, name).map(|list| list.iter().map(read).collect())
}

fn name(value: &Value) -> CodeKey {
    key(value.as_str().unwrap())
}

fn named(document: &Value, field: &str) -> Option<CodeKey> {
    text(document, field).map(key)
}

/// Whether a line has a modifier that says that it was distinct.
pub fn is_distinct(line: &Value) -> bool {
    let given = listed(line, "modifiers", |value| -> [u8; 2] {
        padded(value.as_str().unwrap())
    });
    given.iter().any(|modifier| DISTINCT.contains(modifier))
}

fn need(entry: &Value) -> Need {
    Need {
        what: named(entry, "name").unwrap(),
        remark: Remark::new(text(entry, "remark").unwrap()).unwrap(),
    }
}

/// The days from one field to the other; without them, all.
pub fn window(entry: &Value, from: &str, to: &str) -> Window {
    Window {
        from: date(entry, from).unwrap_or(Date::MIN),
        to: date(entry, to).unwrap_or(Date::MAX),
    }
}

fn ground(word: &str) -> FilingGround {
    match word {
        "administrative_error" => FilingGround::AdministrativeError,
        "retroactive_entitlement" => FilingGround::RetroactiveEntitlement,
        "medicaid_recoupment" => FilingGround::MedicaidRecoupment,
        "advantage_disenrolment" => FilingGround::AdvantageDisenrolment,
        other => panic!("ground: {other}"),
    }
}

fn age(document: &Value, name: &str) -> Option<u16> {
    days(document, name).map(|age| u16::try_from(age).unwrap())
}

fn bundle(entry: &Value) -> Bundle {
    Bundle {
        column_one: named(entry, "column_one").unwrap(),
        column_two: named(entry, "column_two").unwrap(),
        indicator: match days(entry, "indicator").unwrap() {
            0 => ModifierIndicator::Never,
            1 => ModifierIndicator::Distinct,
            9 => ModifierIndicator::Deleted,
            other => panic!("indicator: {other}"),
        },
        reason: match days(entry, "reason").unwrap_or(236) {
            236 => BundleReason::CodingInitiative,
            97 => BundleReason::Included,
            234 => BundleReason::NotSeparate,
            231 => BundleReason::MutuallyExclusive,
            other => panic!("reason: {other}"),
        },
        effective: window(entry, "effective_from", "effective_to"),
    }
}

impl PlanFacts {
    pub fn read(document: &Value) -> Self {
        Self {
            payer: named(document, "payer"),
            dependents: get(document, "dependents").as_object().map(|relations| {
                let dependent = |(relation, terms): (&String, &Value)| Dependent {
                    relation: key(relation),
                    to_age: age(terms, "to_age"),
                };
                relations.iter().map(dependent).collect()
            }),
            requirements: listed(document, "requirements", name),
            spanning: match text(document, "spanning").unwrap_or("rebill") {
                "rebill" => Spanning::Rebill,
                "deny" => Spanning::Deny,
                other => panic!("spanning: {other}"),
            },
            filing_grounds: perhaps(document, "filing_exceptions", |word| {
                ground(word.as_str().unwrap())
            })
            .unwrap_or_else(|| FilingGround::ALL.to_vec()),
            information: listed(document, "information", need),
            attachments: listed(document, "attachments", need),
            diagnoses: perhaps(document, "diagnoses", |entry| Diagnosis {
                code: named(entry, "code").unwrap(),
                effective: window(entry, "effective_from", "effective_to"),
                covered: flag(entry, "covered", true),
            }),
            pre_existing_days: days(document, "pre_existing_days").unwrap_or(0),
            authorization_grace_days: days(document, "authorization_grace_days").unwrap_or(0),
            bundles: listed(document, "bundles", bundle),
            distinct: DISTINCT
                .iter()
                .map(|modifier| key(core::str::from_utf8(modifier).unwrap()))
                .collect(),
            multiple_procedure: rate(document, "multiple_procedure_bps")
                .unwrap_or(BasisPoints::WHOLE),
            benefits: listed(document, "benefits", |entry| {
                (named(entry, "code").unwrap(), BenefitFacts::read(entry))
            }),
        }
    }

    /// Whether the units of a code matter beyond its line.
    pub fn counts_units(&self, code: CodeKey) -> bool {
        let mut benefits = self.benefits.iter();
        benefits.any(|(known, facts)| *known == code && facts.units_per_day.is_some())
    }
}

impl BenefitFacts {
    fn read(entry: &Value) -> Self {
        let (ages, units) = (get(entry, "ages"), get(entry, "units_per_day"));
        Self {
            information: listed(entry, "information", need),
            attachments: listed(entry, "attachments", need),
            provider_types: perhaps(entry, "provider_types", name),
            places: perhaps(entry, "places", name),
            diagnoses: perhaps(entry, "diagnoses", name),
            ages: (!ages.is_null()).then(|| Ages {
                from: age(ages, "from").unwrap_or(0),
                to: age(ages, "to").unwrap_or(u16::MAX),
            }),
            sexes: perhaps(entry, "sexes", name),
            modifiers: perhaps(entry, "modifiers", name),
            modifiers_required: listed(entry, "modifiers_required", name),
            experimental: flag(entry, "experimental", false),
            referral_required: flag(entry, "referral", false),
            units_per_day: (!units.is_null()).then(|| UnitsPerDay {
                most: days(units, "max").unwrap(),
                indicator: match days(units, "indicator").unwrap() {
                    1 => UnitsIndicator::Line,
                    2 => UnitsIndicator::Day,
                    3 => UnitsIndicator::Reviewable,
                    other => panic!("indicator: {other}"),
                },
            }),
            multiple_procedure: flag(entry, "multiple_procedure", false),
            readmission_days: days(entry, "readmission_days"),
        }
    }

    fn lend(&self) -> BenefitDetails<'_> {
        BenefitDetails {
            information: &self.information,
            attachments: &self.attachments,
            provider_types: self.provider_types.as_deref(),
            places: self.places.as_deref(),
            diagnoses: self.diagnoses.as_deref(),
            ages: self.ages,
            sexes: self.sexes.as_deref(),
            modifiers: self.modifiers.as_deref(),
            modifiers_required: &self.modifiers_required,
            experimental: self.experimental,
            referral_required: self.referral_required,
            units_per_day: self.units_per_day,
            multiple_procedure: self.multiple_procedure,
            readmission_days: self.readmission_days,
        }
    }
}

impl MemberFacts {
    pub fn read(document: &Value) -> Self {
        Self {
            known_as: listed(document, "known_as", name),
            dependent: named(document, "dependent"),
            born: date(document, "birth_date"),
            died: date(document, "death_date"),
            sex: named(document, "sex"),
            lapses: listed(document, "lapses", |entry| window(entry, "from", "to")),
            requirements_met: listed(document, "requirements_met", name),
            other_payer_first: listed(document, "other_payer_first", |entry| {
                window(entry, "from", "to")
            }),
            pre_existing: listed(document, "pre_existing", name),
            authorizations: perhaps(document, "authorizations", |entry| Authorization {
                number: named(entry, "number").unwrap(),
                code: named(entry, "code"),
                provider: tag(text(entry, "provider")),
                window: window(entry, "from", "to"),
                requested: date(entry, "requested").unwrap_or(Date::MIN),
                units: days(entry, "units"),
                used: days(entry, "used").unwrap_or(0),
                refused: flag(entry, "refused", false),
            }),
            discharges: listed(document, "discharges", |entry| Discharge {
                date: date(entry, "date").unwrap(),
                provider: tag(text(entry, "provider")),
            }),
        }
    }

    /// The member's document with the authorizations as they are now.
    pub fn print(&self, given: &Value, out: &mut serde_json::Map<String, Value>) {
        for field in [
            "known_as",
            "dependent",
            "birth_date",
            "death_date",
            "sex",
            "lapses",
            "requirements_met",
            "other_payer_first",
            "pre_existing",
            "authorizations",
            "discharges",
        ] {
            if let Some(value) = given.get(field) {
                out.insert(field.into(), value.clone());
            }
        }
        let printed = out.get_mut("authorizations").and_then(Value::as_array_mut);
        for (entry, now) in printed
            .into_iter()
            .flatten()
            .zip(self.authorizations.iter().flatten())
        {
            entry["used"] = now.used.into();
        }
    }
}

impl ClaimFacts {
    pub fn read(document: &Value) -> Self {
        let exception = get(document, "filing_exception");
        Self {
            payer: named(document, "payer"),
            insured: named(document, "insured"),
            provider_type: named(document, "provider_type"),
            provider_eligible: flag(document, "provider_eligible", true),
            referred: text(document, "referral").is_some(),
            filing_exception: (!exception.is_null()).then(|| FilingException {
                ground: ground(text(exception, "ground").unwrap()),
                notified: date(exception, "notified").unwrap(),
            }),
            information: listed(document, "information", name),
            attachments: listed(document, "attachments", name),
            lines: listed(document, "lines", |line| LineFacts {
                code: named(line, "code").unwrap(),
                to: date(line, "service_to"),
                place: named(line, "place").or_else(|| named(document, "place")),
                diagnoses: perhaps(line, "diagnoses", name)
                    .unwrap_or_else(|| listed(document, "diagnoses", name)),
                modifiers: listed(line, "modifiers", name),
                information: listed(line, "information", name),
                attachments: listed(line, "attachments", name),
                authorization: named(line, "authorization"),
                review: text(line, "review").map(|word| match word {
                    "confirmed" => Review::Confirmed,
                    "not_necessary" => Review::NotNecessary,
                    "level_unsupported" => Review::LevelUnsupported,
                    other => panic!("review: {other}"),
                }),
            }),
        }
    }
}

impl ClaimFacts {
    /// The last day of the service of a line that took several.
    pub fn last_day(&self, index: usize) -> Option<Date> {
        self.lines[index].to
    }

    /// The last days of its services of several days.
    pub fn last_days(&self) -> impl Iterator<Item = Date> + '_ {
        self.lines.iter().filter_map(|line| line.to)
    }
}

/// Lends the details of three documents. `lines` are the claim's, in any order: their numbers say
/// which they are.
pub fn lend<R>(
    plan: &PlanDoc,
    claim: &ClaimDoc,
    member: &MemberDoc,
    lines: &[Line],
    use_them: impl FnOnce(&Details<'_>) -> R,
) -> R {
    let facts = &plan.facts;
    let benefits: Vec<(CodeKey, BenefitDetails<'_>)> = facts
        .benefits
        .iter()
        .map(|(code, benefit)| (*code, benefit.lend()))
        .collect();
    let line_details: Vec<LineDetails<'_>> = lines
        .iter()
        .map(|line| &claim.facts.lines[usize::from(line.number) - 1])
        .map(|line| LineDetails {
            benefit: benefits
                .iter()
                .find(|(code, _)| *code == line.code)
                .map(|(_, benefit)| benefit),
            to: line.to,
            place: line.place,
            diagnoses: &line.diagnoses,
            modifiers: &line.modifiers,
            of_age: None,
            dependent_of_age: None,
            information: &line.information,
            attachments: &line.attachments,
            authorization: line.authorization,
            review: line.review,
        })
        .collect();
    let (of_member, of_claim) = (&member.facts, &claim.facts);
    use_them(&Details {
        plan: &PlanDetails {
            payer: facts.payer,
            dependents: facts.dependents.as_deref(),
            requirements: &facts.requirements,
            spanning: facts.spanning,
            filing_grounds: &facts.filing_grounds,
            information: &facts.information,
            attachments: &facts.attachments,
            diagnoses: facts.diagnoses.as_deref(),
            pre_existing_days: facts.pre_existing_days,
            authorization_grace_days: facts.authorization_grace_days,
            bundles: &facts.bundles,
            distinct: &facts.distinct,
            multiple_procedure: facts.multiple_procedure,
        },
        member: &MemberDetails {
            known_as: &of_member.known_as,
            dependent: of_member.dependent,
            born: of_member.born,
            died: of_member.died,
            sex: of_member.sex,
            lapses: &of_member.lapses,
            requirements_met: &of_member.requirements_met,
            other_payer_first: &of_member.other_payer_first,
            pre_existing: &of_member.pre_existing,
            authorizations: of_member.authorizations.as_deref(),
            history: &member.history,
            discharges: &of_member.discharges,
        },
        claim: &ClaimDetails {
            payer: of_claim.payer,
            insured: of_claim.insured,
            provider_type: of_claim.provider_type,
            provider_eligible: of_claim.provider_eligible,
            referred: of_claim.referred,
            filing_exception: of_claim.filing_exception,
            information: &of_claim.information,
            attachments: &of_claim.attachments,
        },
        lines: &line_details,
    })
}

/// The units that live lines took of each of the member's authorizations: `(which, units)`.
pub fn authorized_units(
    plan: &PlanDoc,
    claim: &ClaimDoc,
    member: &MemberDoc,
    results: &[LineResult],
) -> Vec<(usize, u32)> {
    lend(plan, claim, member, &claim.lines, |details| {
        let lines = claim.lines.iter().zip(results).enumerate();
        lines
            .filter(|(_, (_, result))| result.is_live())
            .filter_map(|(index, (line, _))| {
                Some((details.authorization_used(index, line)?, line.units))
            })
            .collect()
    })
}
