//! CLAIM.json in Galen's own form.

use galen_rules::adjudication::details::{FilingGround, Review};
use galen_rules::Date;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::leaf::{check_code, Day, Modifier, Money, Name};
use crate::problem::Problem;

/// Lines of one claim, at most: what the program takes.
pub const MAX_LINES: usize = 16;

/// Modifiers of one line, at most.
pub const MAX_MODIFIERS: usize = 4;

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// When the services were rendered, where a line says nothing else; null where each line does.
    #[serde(default)]
    pub service_date: Option<Day>,
    /// When the claim was filed; absent: on the last service date, so that a question before care is never late.
    #[serde(default)]
    pub submitted: Option<Day>,
    /// Whether the provider belongs to the plan's network.
    #[serde(default = "yes")]
    pub in_network: bool,
    /// Who bills, by any name that the member's history uses too; null: not known.
    #[serde(default)]
    pub provider: Option<String>,
    /// What is billed.
    pub lines: Vec<Line>,
    /// Whom it asks to pay; null: whoever gets it.
    #[serde(default)]
    pub payer: Option<Name>,
    /// By what it names the insured; null: not at all.
    #[serde(default)]
    pub insured: Option<Name>,
    /// The type of the provider.
    #[serde(default)]
    pub provider_type: Option<Name>,
    /// Whether the provider may bill the insurer at all, else CARC 185.
    #[serde(default = "yes")]
    pub provider_eligible: bool,
    /// The number of a referral.
    #[serde(default)]
    pub referral: Option<Name>,
    /// What excuses its being late.
    #[serde(default)]
    pub filing_exception: Option<FilingException>,
    /// What it states, for each of its lines.
    #[serde(default)]
    pub information: Vec<Name>,
    /// What comes with it, for each of its lines.
    #[serde(default)]
    pub attachments: Vec<Name>,
    /// The place of service, where a line names none.
    #[serde(default)]
    pub place: Option<Name>,
    /// Diagnoses, where a line names none.
    #[serde(default)]
    pub diagnoses: Vec<Name>,
    /// In which form it came, to name places as the document has them.
    #[serde(skip)]
    pub form: Form,
    /// Where the document has each line (from 0), where that is not where it stands here; empty: in this order.
    #[serde(skip)]
    pub order: Vec<usize>,
}

impl Claim {
    /// The service date of a line of this claim; [`read`] has seen to it that there is one.
    pub fn date_of(&self, line: &Line) -> Day {
        line.service_date
            .or(self.service_date)
            .unwrap_or(Day(Date::MIN))
    }

    /// The place of a part of the line at `index` (from 0), as the document has it.
    pub fn at(&self, index: usize, part: Part) -> String {
        let index = self.order.get(index).copied().unwrap_or(index);
        self.form.at(index, part)
    }

    /// The last day of a line whose service took several.
    pub fn last_of(&self, line: &Line) -> Option<Date> {
        let last = line.service_to.map(|day| day.0);
        last.filter(|last| *last > self.date_of(line).0)
    }

    /// When the claim counts as filed: unless it says so, on the last day of its services.
    pub fn filed(&self) -> Day {
        let last_day = |line| self.last_of(line).map_or(self.date_of(line), Day);
        self.submitted
            .or_else(|| self.lines.iter().map(last_day).max())
            .unwrap_or(Day(Date::MAX))
    }
}

/// In which form a claim came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// Galen's own.
    #[default]
    Galen,
    /// FHIR R4.
    Fhir,
    /// X12 837P.
    X12,
}

/// What of a line a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The service date.
    Date,
    /// The units.
    Units,
    /// The amount.
    Charge,
    /// What another payer has settled.
    OtherPayer,
    /// The line as such.
    Whole,
}

impl Form {
    /// The place of a part of the document's line at `index` (from 0).
    fn at(self, index: usize, part: Part) -> String {
        let (line, part) = match self {
            Self::Galen => (
                "lines",
                match part {
                    Part::Date => ".service_date",
                    Part::Units => ".units",
                    Part::Charge => ".charge",
                    Part::OtherPayer => ".other_payer",
                    Part::Whole => "",
                },
            ),
            Self::Fhir => (
                "Claim.item",
                match part {
                    Part::Date => ".servicedDate",
                    Part::Units => ".quantity.value",
                    Part::Charge => ".net.value",
                    Part::OtherPayer | Part::Whole => "",
                },
            ),
            // The loop of service lines, counted as its LX does.
            Self::X12 => {
                let part = match part {
                    Part::Date => ".DTP03",
                    Part::Units => ".SV104",
                    Part::Charge => ".SV102",
                    Part::OtherPayer => ".SVD",
                    Part::Whole => "",
                };
                return format!("2400[{}]{part}", index.saturating_add(1));
            }
        };
        format!("{line}[{index}]{part}")
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The procedure's code.
    pub code: String,
    /// At least 1.
    #[serde(default = "one")]
    pub units: u16,
    /// The line's total, not the price of a unit.
    pub charge: Money,
    /// Null: the claim's.
    #[serde(default)]
    pub service_date: Option<Day>,
    /// The number of a prior authorisation.
    #[serde(default)]
    pub authorization: Option<String>,
    /// Procedure modifiers, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<Modifier>,
    /// Which of several equal services of that day; a second one that is no duplicate has another number.
    #[serde(default)]
    pub sequence: u8,
    /// Whether the patient may not be billed for what exceeds the fee schedule.
    #[serde(default)]
    pub balance_billing_prohibited: bool,
    /// What another payer has settled before.
    #[serde(default)]
    pub other_payer: Option<OtherPayer>,
    /// The last day, where the service took several; its service date is the first.
    #[serde(default)]
    pub service_to: Option<Day>,
    /// Null: the claim's.
    #[serde(default)]
    pub place: Option<Name>,
    /// Null: the claim's.
    #[serde(default)]
    pub diagnoses: Option<Vec<Name>>,
    /// What it states beyond the claim.
    #[serde(default)]
    pub information: Vec<Name>,
    /// What comes with it beyond the claim.
    #[serde(default)]
    pub attachments: Vec<Name>,
    /// What the insurer's reviewer found.
    #[serde(default)]
    pub review: Option<Finding>,
}

/// Why a claim could not be filed in time (42 CFR 424.44(b)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingException {
    /// On what ground.
    pub ground: Ground,
    /// The day of the notice or of the recoupment.
    pub notified: Day,
}

/// A ground for late filing, as documents write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground(pub FilingGround);

/// What a reviewer found, as documents write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding(pub Review);

/// The words of a type that the rulebook has and documents write.
macro_rules! words {
    ($name:ident: $($word:literal = $value:expr,)+) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let words = [$(($word, $value)),+];
                let found = words.iter().find(|(_, value)| *value == self.0);
                serializer.serialize_str(found.map_or("", |(word, _)| word))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                match word.as_str() {
                    $($word => Ok(Self($value)),)+
                    _ => Err(de::Error::unknown_variant(&word, &[$($word),+])),
                }
            }
        }
    };
}

words! { Ground:
    "administrative_error" = FilingGround::AdministrativeError,
    "retroactive_entitlement" = FilingGround::RetroactiveEntitlement,
    "medicaid_recoupment" = FilingGround::MedicaidRecoupment,
    "advantage_disenrolment" = FilingGround::AdvantageDisenrolment,
}

words! { Finding:
    "confirmed" = Review::Confirmed,
    "not_necessary" = Review::NotNecessary,
    "level_unsupported" = Review::LevelUnsupported,
}

/// What another payer has settled before: paid ≤ allowed ≤ obligated ≤ charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherPayer {
    /// What it allowed.
    pub allowed: Money,
    /// What it paid.
    pub paid: Money,
    /// What the provider is obliged to accept; absent: what it allowed.
    #[serde(default)]
    pub obligated: Option<Money>,
}

impl OtherPayer {
    /// What the provider is obliged to accept.
    pub fn obligated(&self) -> Money {
        self.obligated.unwrap_or(self.allowed)
    }
}

/// Reads a claim and checks what its fields alone cannot say.
///
/// # Errors
/// Those of [`crate::strict::from_value`], and `no_lines`, `too_many_lines`, `empty_value`, `invalid_code`, `no_units`, `sum_mismatch`,
/// `money_too_large`, `invalid_date`, with the place.
pub fn read(document: &Value) -> Result<Claim, Problem> {
    let claim: Claim = crate::strict::from_value(document)?;
    check_count(claim.lines.len(), "lines")?;
    let mut total = 0_u64;
    for (index, line) in claim.lines.iter().enumerate() {
        if line.service_date.is_none() && claim.service_date.is_none() {
            let at = format!("lines[{index}].service_date");
            return Err(Problem::new(
                "missing_field",
                at,
                "Neither the line nor the claim has a service date.",
            ));
        }
        check_line(line, index)?;
        if line
            .service_to
            .is_some_and(|last| last < claim.date_of(line))
        {
            return Err(Problem::new(
                "invalid_date",
                format!("lines[{index}].service_to"),
                "The service ends before it starts.",
            ));
        }
        total = total.checked_add(line.charge.0.get()).ok_or_else(|| {
            Problem::new(
                "money_too_large",
                format!("lines[{index}].charge"),
                "The charges add up to more than Galen counts.",
            )
        })?;
    }
    Ok(claim)
}

/// Refuses a claim without lines or with more than the program takes.
///
/// # Errors
/// `no_lines`, `too_many_lines`.
pub fn check_count(lines: usize, at: &str) -> Result<(), Problem> {
    match lines {
        0 => Err(Problem::new(
            "no_lines",
            at,
            "The claim has no line; there is nothing to adjudicate.",
        )),
        1..=MAX_LINES => Ok(()),
        _ => Err(Problem::new(
            "too_many_lines",
            format!("{at}[{MAX_LINES}]"),
            format!("The claim has {lines} lines and a claim takes {MAX_LINES}; split it."),
        )),
    }
}

fn check_line(line: &Line, index: usize) -> Result<(), Problem> {
    let at = |field: &str| format!("lines[{index}].{field}");
    check_code(&line.code, at("code"))?;
    if line.units == 0 {
        return Err(Problem::new(
            "no_units",
            at("units"),
            "A line is of at least one unit.",
        ));
    }
    if line.modifiers.len() > MAX_MODIFIERS {
        return Err(Problem::new(
            "invalid_value",
            at("modifiers"),
            format!("A line has at most {MAX_MODIFIERS} modifiers."),
        ));
    }
    let Some(other) = &line.other_payer else {
        return Ok(());
    };
    let obligated = other.obligated();
    for (lower, upper, field, message) in [
        (
            other.paid,
            other.allowed,
            "other_payer.paid",
            "The other payer cannot have paid more than it allowed",
        ),
        (
            other.allowed,
            obligated,
            "other_payer.allowed",
            "What the other payer allowed cannot exceed what the provider is obliged to accept",
        ),
        (
            obligated,
            line.charge,
            "other_payer.obligated",
            "What the provider is obliged to accept cannot exceed the charge",
        ),
    ] {
        if lower > upper {
            let message = format!(
                "{message} ({} is more than {} cents).",
                lower.0.get(),
                upper.0.get()
            );
            return Err(Problem::new("sum_mismatch", at(field), message));
        }
    }
    Ok(())
}

fn yes() -> bool {
    true
}

fn one() -> u16 {
    1
}
