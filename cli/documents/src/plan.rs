//! PLAN.json: what a plan pays, and for what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use galen_rules::adjudication::details::FilingGround;
use galen_rules::adjudication::MAX_CATEGORIES;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claim::Ground;
use crate::demands::{self, Ages, Bundle, Dependent, Diagnosis, Need, Spanning, UnitsPerDay};
use crate::leaf::{check_code, Day, Modifier, Money, Name, Rate, RemarkCode};
use crate::problem::{coded, Problem};

/// A plan and its benefits. Fields that a document leaves out take the defaults of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// ISO 4217.
    #[serde(default)]
    pub currency: Currency,
    /// Which of deductible and copay comes first.
    #[serde(default)]
    pub cost_share_order: CostShareOrder,
    /// What members pay first, per benefit period.
    #[serde(default)]
    pub deductible: Deductible,
    /// Fixed sum per claim, category and service date.
    #[serde(default)]
    pub copay: Money,
    /// The member's share of what remains.
    #[serde(default = "nothing")]
    pub coinsurance_bps: Rate,
    /// Shares that change with what has been used, instead of one.
    #[serde(default)]
    pub tiers: Option<Vec<Tier>>,
    /// The part of the allowed amount that the plan recognises.
    #[serde(default = "whole")]
    pub recognised_bps: Rate,
    /// What members pay at most, per benefit period.
    #[serde(default)]
    pub out_of_pocket_max: OutOfPocketMax,
    /// What the plan pays at most for a member, per benefit period.
    #[serde(default)]
    pub annual_max: Option<Money>,
    /// What the plan pays at most for a member, ever.
    #[serde(default)]
    pub lifetime_max: Option<Money>,
    /// Maxima of categories of benefits.
    #[serde(default, deserialize_with = "categories")]
    pub categories: BTreeMap<String, Category>,
    /// Days from service to submission, at most.
    #[serde(default = "a_year")]
    pub filing_limit_days: u16,
    /// Days from the start of coverage until benefits begin.
    #[serde(default)]
    pub waiting_days: u16,
    /// How the plan pays after another.
    #[serde(default)]
    pub coordination: Coordination,
    /// What the plan does outside its network.
    #[serde(default)]
    pub out_of_network: OutOfNetwork,
    /// The fee schedule.
    pub benefits: Vec<Benefit>,
    /// Who pays: a claim that names another is CARC 109. Null: whoever is asked.
    #[serde(default)]
    pub payer: Option<Name>,
    /// Which dependents are eligible, by their relation; others are CARC 32. Null: all.
    #[serde(default)]
    pub dependents: Option<BTreeMap<Name, Dependent>>,
    /// What a member must meet, else CARC 177.
    #[serde(default)]
    pub requirements: Vec<Name>,
    /// What becomes of a line whose days are eligible only in part.
    #[serde(default)]
    pub spanning: Spanning,
    /// What excuses late filing (42 CFR 424.44(b)).
    #[serde(default = "all_grounds")]
    pub filing_exceptions: Vec<Ground>,
    /// What every claim must state, else CARC 16.
    #[serde(default)]
    pub information: Vec<Need>,
    /// What must come with every claim, else CARC 252.
    #[serde(default)]
    pub attachments: Vec<Need>,
    /// The diagnoses that are valid, else CARC 146; null: all, and all covered.
    #[serde(default)]
    pub diagnoses: Option<Vec<Diagnosis>>,
    /// Days from the start of coverage in which pre-existing conditions are excluded (CARC 51).
    #[serde(default)]
    pub pre_existing_days: u16,
    /// Days after the service within which an authorisation may still be requested, else CARC 210.
    #[serde(default)]
    pub authorization_grace_days: u16,
    /// Pairs of codes that are not paid beside each other.
    #[serde(default)]
    pub bundles: Vec<Bundle>,
    /// What is allowed of the second and each further of several procedures of a day (CARC 59).
    #[serde(default = "whole")]
    pub multiple_procedure_bps: Rate,
    /// How long each party has. A quote does not look at them.
    #[serde(default)]
    pub clocks: Clocks,
    /// What is checked of claims before they are paid. A quote does not look at it.
    #[serde(default)]
    pub checks: Checks,
}

/// What is checked of claims before they are paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// Which claims the member confirms that were submitted under an eligibility ticket.
    pub confirmation: Confirmation,
    /// From receipt to the last day on which the member can; 0 where it is not asked.
    pub confirmation_days: u16,
    /// Part of the claims that a draw picks for review before they are paid; 0 = none.
    pub sampling_bps: Rate,
    /// From receipt to the last day on which a claim waits for the draw; 0 where there is none.
    pub reveal_days: u16,
    /// The organization account that reviews decisions once the insurer's appeals are exhausted; null for none.
    pub reviewer: Option<String>,
    /// From the last decision to the last day on which its review can be asked for; 0 where there is none.
    pub review_days: u16,
    /// From there to the last day on which it is decided in time.
    pub review_decision_days: u16,
    /// The public key of the service that blinds the markers of the registry of duplicates; null where the plan takes no part.
    pub blinder: Option<String>,
    /// From a service to the last day on which its entry there is kept: from the filing limit to 1,096; 0 where there is none.
    pub entry_days: u16,
}

impl Default for Checks {
    /// None.
    fn default() -> Self {
        Self {
            confirmation: Confirmation::Off,
            confirmation_days: 0,
            sampling_bps: nothing(),
            reveal_days: 0,
            reviewer: None,
            review_days: 0,
            review_decision_days: 0,
            blinder: None,
            entry_days: 0,
        }
    }
}

/// Which claims the member confirms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// None.
    #[default]
    Off,
    /// All of them.
    Required,
    /// Those that the draw picks.
    Sampled,
}

/// Levels of appeal inside the insurer, at most (29 CFR 2560.503-1(c)(2)).
pub const MAX_APPEAL_LEVELS: u8 = 2;

/// How long each party has, in days; 0 = no such clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clocks {
    /// From receipt to the last day on which payment carries no interest.
    pub prompt_pay_days: u16,
    /// Thousandths of a percent a year on what is paid later; 0 = no interest.
    pub interest_rate: u32,
    /// From receipt to the last day on which a claim that waits for the insurer is decided in time.
    pub decision_days: u16,
    /// Levels of appeal inside the insurer, at most two; 0 = none.
    pub appeal_levels: u8,
    /// From a decision to the last day on which it can be appealed.
    pub appeal_days: u16,
    /// From an appeal to the last day on which it is decided in time.
    pub appeal_decision_days: u16,
    /// From the last service to the last day on which the claim's account is kept whole; 0 = for ever.
    pub archive_days: u16,
}

impl Default for Clocks {
    /// 29 CFR 2560.503-1: 30 days to decide a claim (f)(2)(iii)(B), 180 to appeal (h)(3)(i), 60 to decide the appeals
    /// together, so 30 for each of two (i)(2)(iii)(A); no interest, and claims are kept.
    fn default() -> Self {
        Self {
            prompt_pay_days: 30,
            interest_rate: 0,
            decision_days: 30,
            appeal_levels: 2,
            appeal_days: 180,
            appeal_decision_days: 30,
            archive_days: 0,
        }
    }
}

/// A currency code, three capital letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Currency(pub String);

/// Which of deductible and copay comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostShareOrder {
    /// Deductible, copay, coinsurance.
    #[default]
    DeductibleFirst,
    /// Copay, deductible, coinsurance.
    CopayFirst,
}

/// A deductible. `individual: null` with a family figure is an aggregate one; 0 means zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deductible {
    /// Per member; null for none of its own.
    #[serde(default = "zero")]
    pub individual: Option<Money>,
    /// Per family; null for none.
    #[serde(default)]
    pub family: Option<Money>,
}

/// A limit on what members pay; null for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutOfPocketMax {
    /// Per member.
    #[serde(default)]
    pub individual: Option<Money>,
    /// Per family.
    #[serde(default)]
    pub family: Option<Money>,
}

/// A coinsurance rate up to a cumulative amount; the last has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Cumulative over the benefit period; null: without end.
    #[serde(default)]
    pub up_to: Option<Money>,
    /// The member's share.
    pub coinsurance_bps: Rate,
}

/// The maximum of a category of benefits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// What the plan pays at most; null: no maximum, the category only groups copays.
    #[serde(default)]
    pub max: Option<Money>,
    /// Over which time.
    pub period: CategoryPeriod,
}

/// Over which time a category's maximum counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryPeriod {
    /// The benefit period.
    Year,
    /// As long as the member lives.
    Lifetime,
}

/// How the plan pays after another payer (rulings.md 2, step 7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coordination {
    /// Up to the plan's own payment and what is still owed.
    #[default]
    Standard,
    /// The plan's own payment less the other's.
    CarveOut,
    /// The plan's own cost sharing on what the other has left.
    MaintenanceOfBenefits,
    /// As Medicare pays second (42 CFR 411.33).
    MedicareSecondary,
}

/// What the plan does outside its network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OutOfNetwork {
    /// Nothing is paid (CARC 242).
    #[default]
    #[serde(serialize_with = "deny")]
    Deny,
    /// Terms of its own, with accumulators of their own.
    Terms(OutOfNetworkTerms),
}

/// Cost sharing outside the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutOfNetworkTerms {
    /// The member's share.
    #[serde(default = "nothing")]
    pub coinsurance_bps: Rate,
    /// Its own deductible.
    #[serde(default)]
    pub deductible: Deductible,
    /// Its own limit on what members pay.
    #[serde(default)]
    pub out_of_pocket_max: OutOfPocketMax,
}

/// One entry of the fee schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// The procedure's code.
    pub code: String,
    /// The fee for one unit.
    pub allowed: Money,
    /// Whether the plan pays for it at all.
    #[serde(default = "yes")]
    pub covered: bool,
    /// Why not, as a remark code (RARC). With it the denial is CARC 96, without it CARC 204.
    #[serde(default)]
    pub remark: Option<RemarkCode>,
    /// First day on which the code is valid; null: since ever.
    #[serde(default)]
    pub effective_from: Option<Day>,
    /// Last day on which the code is valid; null: without end.
    #[serde(default)]
    pub effective_to: Option<Day>,
    /// A category: with a maximum where the plan's `categories` has it, else it only groups copays.
    #[serde(default)]
    pub category: Option<String>,
    /// Whether the deductible applies to it. Absent: yes, except under `copay_first` where a copay above zero applies.
    #[serde(default)]
    pub deductible_applies: Option<bool>,
    /// Its own copay; null: the plan's; 0: none.
    #[serde(default)]
    pub copay: Option<Money>,
    /// Its own coinsurance, which bypasses tiers; null: the plan's.
    #[serde(default)]
    pub coinsurance_bps: Option<Rate>,
    /// Whether it needs prior authorisation.
    #[serde(default)]
    pub authorization: bool,
    /// Whether it is a medicine that is paid only with a pack of it, its code being the GTIN on the pack: 14 digits.
    #[serde(default)]
    pub pack: bool,
    /// Days that have to pass before it is paid again.
    #[serde(default)]
    pub frequency_days: Option<u16>,
    /// Units per line, at most.
    #[serde(default)]
    pub max_units: Option<u16>,
    /// Its own waiting time; null: the plan's.
    #[serde(default)]
    pub waiting_days: Option<u16>,
    /// What a line must state, else CARC 16.
    #[serde(default)]
    pub information: Vec<Need>,
    /// What must come with a line, else CARC 252.
    #[serde(default)]
    pub attachments: Vec<Need>,
    /// Types of provider that may bill it, else CARC 8; null: all.
    #[serde(default)]
    pub provider_types: Option<Vec<Name>>,
    /// Places of service, else CARC 5; null: all.
    #[serde(default)]
    pub places: Option<Vec<Name>>,
    /// Diagnoses for which it is done, else CARC 11; null: all.
    #[serde(default)]
    pub diagnoses: Option<Vec<Name>>,
    /// Ages at which it is done, else CARC 6; null: all.
    #[serde(default)]
    pub ages: Option<Ages>,
    /// Categories of sex for which it is done, else CARC 7; null: all.
    #[serde(default)]
    pub sexes: Option<Vec<Name>>,
    /// Modifiers with which it can be billed, else CARC 4; null: all.
    #[serde(default)]
    pub modifiers: Option<Vec<Modifier>>,
    /// Modifiers of which it needs one, else CARC 4.
    #[serde(default)]
    pub modifiers_required: Vec<Modifier>,
    /// Whether it is experimental (CARC 55).
    #[serde(default)]
    pub experimental: bool,
    /// Whether it needs a referral, else CARC 243.
    #[serde(default)]
    pub referral: bool,
    /// Units of a day, at most (CARC 151).
    #[serde(default)]
    pub units_per_day: Option<UnitsPerDay>,
    /// Whether it is reduced beside others of its kind (CARC 59).
    #[serde(default)]
    pub multiple_procedure: bool,
    /// Days from a discharge in which it is a readmission (CARC 249).
    #[serde(default)]
    pub readmission_days: Option<u16>,
}

impl Plan {
    /// All categories, those that only group copays included.
    pub fn category_names(&self) -> BTreeSet<&str> {
        let named = self
            .benefits
            .iter()
            .filter_map(|benefit| benefit.category.as_deref());
        self.categories
            .keys()
            .map(String::as_str)
            .chain(named)
            .collect()
    }
}

/// Reads a plan and checks what its fields alone cannot say.
///
/// # Errors
/// Those of [`crate::strict::from_value`], and `duplicate_code`, `tiers_not_ascending`, `no_benefits`,
/// `too_many_categories`, `inconsistent`, `invalid_date`, `invalid_value`, `invalid_code`, `empty_value`, with the place.
pub fn read(document: &Value) -> Result<Plan, Problem> {
    let plan: Plan = crate::strict::from_value(document)?;
    check_tiers(plan.tiers.as_deref())?;
    check_categories(&plan)?;
    check_benefits(&plan)?;
    demands::check(&plan)?;
    Ok(plan)
}

fn check_categories(plan: &Plan) -> Result<(), Problem> {
    match plan.category_names().len() {
        0..=MAX_CATEGORIES => Ok(()),
        count => Err(Problem::new(
            "too_many_categories",
            "categories",
            format!(
                "The plan has {count} categories and a plan takes {MAX_CATEGORIES}; merge some."
            ),
        )),
    }
}

fn check_tiers(tiers: Option<&[Tier]>) -> Result<(), Problem> {
    let Some(tiers) = tiers else { return Ok(()) };
    let Some(last) = tiers.len().checked_sub(1) else {
        return Err(Problem::new(
            "invalid_value",
            "tiers",
            "Tiers without an entry say nothing; leave them out or write null.",
        ));
    };
    let mut reached = Some(Money::default());
    for (index, tier) in tiers.iter().enumerate() {
        let at = format!("tiers[{index}].up_to");
        match tier.up_to {
            None if index != last => {
                return Err(Problem::new(
                    "tiers_not_ascending",
                    at,
                    "Only the last tier is without end.",
                ))
            }
            Some(_) if index == last => {
                return Err(Problem::new(
                    "tiers_not_ascending",
                    at,
                    "The last tier must be without end: write null.",
                ))
            }
            up_to if up_to.is_some() && up_to <= reached => {
                return Err(Problem::new(
                    "tiers_not_ascending",
                    at,
                    "Each tier reaches further than the one before, the first beyond 0.",
                ));
            }
            up_to => reached = up_to,
        }
    }
    Ok(())
}

fn check_benefits(plan: &Plan) -> Result<(), Problem> {
    if plan.benefits.is_empty() {
        return Err(Problem::new(
            "no_benefits",
            "benefits",
            "The plan lists no benefit; nothing could ever be paid.",
        ));
    }
    if plan.clocks.appeal_levels > MAX_APPEAL_LEVELS {
        return Err(Problem::new(
            "invalid_value",
            "clocks.appeal_levels",
            format!("A plan has at most {MAX_APPEAL_LEVELS} levels of appeal (29 CFR 2560.503-1(c)(2))."),
        ));
    }
    let mut codes = BTreeSet::new();
    for (index, benefit) in plan.benefits.iter().enumerate() {
        let at = |field: &str| format!("benefits[{index}].{field}");
        check_code(&benefit.code, at("code"))?;
        if !codes.insert(benefit.code.as_str()) {
            return Err(Problem::new(
                "duplicate_code",
                at("code"),
                format!("The code {} is listed twice.", benefit.code),
            ));
        }
        if benefit.covered && benefit.remark.is_some() {
            return Err(Problem::new(
                "inconsistent",
                at("remark"),
                "A remark says why a code is not covered, and this one is covered.",
            ));
        }
        match (benefit.effective_from, benefit.effective_to) {
            (Some(from), Some(to)) if to < from => {
                return Err(Problem::new(
                    "invalid_date",
                    at("effective_to"),
                    "The code ends before it starts.",
                ))
            }
            _ => {}
        }
        if benefit
            .category
            .as_ref()
            .is_some_and(|name| name.trim().is_empty())
        {
            return Err(Problem::new(
                "empty_value",
                at("category"),
                "A category needs a name; write null for none.",
            ));
        }
    }
    Ok(())
}

impl Default for Currency {
    fn default() -> Self {
        Self("USD".to_owned())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(Self(code));
        }
        Err(de::Error::custom(coded(
            "invalid_value",
            format!("\"{code}\" is not a currency code; write three capital letters, as \"USD\"."),
        )))
    }
}

impl Default for Deductible {
    fn default() -> Self {
        Self {
            individual: zero(),
            family: None,
        }
    }
}

/// Written by hand, because an untagged enum forgets where inside it the trouble was.
impl<'de> Deserialize<'de> for OutOfNetwork {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = OutOfNetwork;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("\"deny\" or an object with terms")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<OutOfNetwork, E> {
                match word {
                    "deny" => Ok(OutOfNetwork::Deny),
                    _ => Err(E::unknown_variant(word, &["deny"])),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<OutOfNetwork, A::Error> {
                OutOfNetworkTerms::deserialize(MapAccessDeserializer::new(entries))
                    .map(OutOfNetwork::Terms)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

fn categories<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Category>, D::Error> {
    let categories = BTreeMap::<String, Category>::deserialize(deserializer)?;
    if categories.keys().any(|name| name.trim().is_empty()) {
        return Err(de::Error::custom(coded(
            "empty_value",
            "A category needs a name.",
        )));
    }
    Ok(categories)
}

fn deny<S: serde::Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("deny")
}

fn zero() -> Option<Money> {
    Some(Money::default())
}

fn nothing() -> Rate {
    Rate(galen_rules::BasisPoints::ZERO)
}

fn whole() -> Rate {
    Rate(galen_rules::BasisPoints::WHOLE)
}

fn all_grounds() -> Vec<Ground> {
    FilingGround::ALL
        .iter()
        .map(|ground| Ground(*ground))
        .collect()
}

fn a_year() -> u16 {
    365
}

fn yes() -> bool {
    true
}
