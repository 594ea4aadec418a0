//! The parts of PLAN.json by which a plan demands more than a code that it covers.

use std::collections::BTreeSet;
use std::fmt;

use galen_rules::adjudication::details::{BundleReason, ModifierIndicator, UnitsIndicator};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

use crate::leaf::{Day, Name, RemarkCode};
use crate::plan::Plan;
use crate::problem::{coded, Problem};

/// A relation to the subscriber whose dependents are eligible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependent {
    /// The last age, in completed years; null: at every age.
    #[serde(default)]
    pub to_age: Option<u16>,
}

/// What becomes of a line whose days are eligible only in part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spanning {
    /// CARC 239: bill the eligible days again.
    #[default]
    Rebill,
    /// CARC 238: denied for good.
    Deny,
}

/// Something that a claim must bring, and the remark code of the denial where it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// What.
    pub name: Name,
    /// The remark code that names it.
    pub remark: RemarkCode,
}

/// A diagnosis that a plan knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// Its code.
    pub code: Name,
    /// First day on which it is valid; null: since ever.
    #[serde(default)]
    pub effective_from: Option<Day>,
    /// Last day on which it is valid; null: without end.
    #[serde(default)]
    pub effective_to: Option<Day>,
    /// Whether it is covered, else CARC 167.
    #[serde(default = "yes")]
    pub covered: bool,
}

/// Ages in completed years, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ages {
    /// The first.
    #[serde(default)]
    pub from: u16,
    /// The last; null: without end.
    #[serde(default)]
    pub to: Option<u16>,
}

/// Units of one code on one day (CMS, Medically Unlikely Edits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsPerDay {
    /// At most.
    pub max: u16,
    /// The adjudication indicator: 1, 2 or 3.
    pub indicator: Number<UnitsIndicator>,
}

/// Two codes of which the second is not paid beside the first (CMS, National Correct Coding Initiative).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The code that is paid.
    pub column_one: Name,
    /// The code that is not.
    pub column_two: Name,
    /// The modifier indicator: 0, 1 or 9.
    pub indicator: Number<ModifierIndicator>,
    /// Why: 236, 97, 234 or 231.
    #[serde(default)]
    pub reason: Number<BundleReason>,
    /// First day on which the pair is in force; null: since ever.
    #[serde(default)]
    pub effective_from: Option<Day>,
    /// Last day on which it is in force; null: without end.
    #[serde(default)]
    pub effective_to: Option<Day>,
}

/// One of a few things that a document writes as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<T>(pub T);

/// What can be written so.
pub trait Numbered: Copy + PartialEq + 'static {
    /// What it is called in refusals.
    const NAME: &'static str;
    /// All, with their numbers.
    const ALL: &'static [(u16, Self)];
}

impl Numbered for UnitsIndicator {
    const NAME: &'static str = "an indicator";
    const ALL: &'static [(u16, Self)] = &[(1, Self::Line), (2, Self::Day), (3, Self::Reviewable)];
}

impl Numbered for ModifierIndicator {
    const NAME: &'static str = "an indicator";
    const ALL: &'static [(u16, Self)] =
        &[(0, Self::Never), (1, Self::Distinct), (9, Self::Deleted)];
}

impl Numbered for BundleReason {
    const NAME: &'static str = "a reason";
    const ALL: &'static [(u16, Self)] = &[
        (236, Self::CodingInitiative),
        (97, Self::Included),
        (234, Self::NotSeparate),
        (231, Self::MutuallyExclusive),
    ];
}

impl Default for Number<BundleReason> {
    fn default() -> Self {
        Self(BundleReason::CodingInitiative)
    }
}

impl<T: Numbered> Number<T> {
    fn number(self) -> u16 {
        let found = T::ALL.iter().find(|(_, value)| *value == self.0);
        found.map_or(0, |(number, _)| *number)
    }
}

impl<T: Numbered> fmt::Display for Number<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

impl<T: Numbered> Serialize for Number<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.number())
    }
}

impl<'de, T: Numbered> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        let found = T::ALL.iter().find(|(known, _)| *known == number);
        found.map(|(_, value)| Self(*value)).ok_or_else(|| {
            let known: Vec<String> = T::ALL.iter().map(|(known, _)| known.to_string()).collect();
            let message = format!(
                "{number} is not {} here; use one of {}.",
                T::NAME,
                known.join(", ")
            );
            de::Error::custom(coded("unknown_value", message))
        })
    }
}

/// Checks what the demands of a plan alone cannot say.
pub(crate) fn check(plan: &Plan) -> Result<(), Problem> {
    if let Some(diagnoses) = &plan.diagnoses {
        refuse_empty(diagnoses.len(), "diagnoses".to_owned())?;
        for (index, entry) in diagnoses.iter().enumerate() {
            let at = format!("diagnoses[{index}].effective_to");
            check_order(entry.effective_from, entry.effective_to, at)?;
        }
    }
    for (index, benefit) in plan.benefits.iter().enumerate() {
        for (field, list) in [
            ("provider_types", &benefit.provider_types),
            ("places", &benefit.places),
            ("diagnoses", &benefit.diagnoses),
            ("sexes", &benefit.sexes),
        ] {
            let count = list.as_ref().map_or(1, Vec::len);
            refuse_empty(count, format!("benefits[{index}].{field}"))?;
        }
        if let Some(Ages { from, to: Some(to) }) =
            benefit.ages.filter(|ages| ages.to < Some(ages.from))
        {
            return Err(Problem::new(
                "inconsistent",
                format!("benefits[{index}].ages.to"),
                format!("The ages end at {to}, before they start at {from}."),
            ));
        }
    }
    for (index, pair) in plan.bundles.iter().enumerate() {
        let at = format!("bundles[{index}].effective_to");
        check_order(pair.effective_from, pair.effective_to, at)?;
        if leads_to(&plan.bundles, &pair.column_two, &pair.column_one) {
            return Err(Problem::new(
                "inconsistent",
                format!("bundles[{index}]"),
                format!(
                    "Pairs run in a circle from {} back to itself, so that none of its codes would be paid; remove one.",
                    pair.column_one.0
                ),
            ));
        }
    }
    Ok(())
}

/// Whether pairs lead from a first code to a second one, over however many others.
fn leads_to(pairs: &[Bundle], from: &Name, to: &Name) -> bool {
    let mut reached = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(code) = open.pop() {
        if code == to {
            return true;
        }
        let onward = pairs.iter().filter(|pair| pair.column_one == *code);
        open.extend(
            onward
                .map(|pair| &pair.column_two)
                .filter(|next| reached.insert(next)),
        );
    }
    false
}

fn refuse_empty(count: usize, at: String) -> Result<(), Problem> {
    if count > 0 {
        return Ok(());
    }
    Err(Problem::new(
        "invalid_value",
        at,
        "A list without an entry would let nothing through; write null for no such limit.",
    ))
}

fn check_order(from: Option<Day>, to: Option<Day>, at: String) -> Result<(), Problem> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => Err(Problem::new(
            "invalid_date",
            at,
            "It ends before it starts.",
        )),
        _ => Ok(()),
    }
}

fn yes() -> bool {
    true
}
