//! MEMBER.json: what a member has used so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claim::MAX_MODIFIERS;
use crate::leaf::{check_code, Day, Modifier, Money, Name, Span};
use crate::problem::Problem;

/// Coverage and accumulators of one member. Absent: nothing used, covered without bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// First covered day; null: since ever.
    #[serde(default)]
    pub covered_from: Option<Day>,
    /// Last covered day; null: without end.
    #[serde(default)]
    pub covered_to: Option<Day>,
    /// Deductible met in the benefit period.
    #[serde(default)]
    pub deductible_used: Used,
    /// Cost share paid in the benefit period.
    #[serde(default)]
    pub out_of_pocket_used: Used,
    /// Paid by the plan in the benefit period.
    #[serde(default)]
    pub annual_used: Money,
    /// Paid by the plan, ever.
    #[serde(default)]
    pub lifetime_used: Money,
    /// What has gone through the coinsurance tiers in the benefit period.
    #[serde(default)]
    pub tier_used: Money,
    /// Paid by the plan per category, over the category's period.
    #[serde(default)]
    pub category_used: BTreeMap<String, Money>,
    /// The same two accumulators outside the network, for plans with terms of their own there.
    #[serde(default, skip_serializing_if = "OutOfNetworkUsed::is_nothing")]
    pub out_of_network: OutOfNetworkUsed,
    /// Live lines, for frequency and duplicates.
    #[serde(default)]
    pub history: Vec<HistoryLine>,
    /// By what claims may name the member, else CARC 31; empty: by anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_as: Vec<Name>,
    /// The relation to the subscriber; null: the subscriber, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependent: Option<Name>,
    /// The day of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Day>,
    /// The day of death.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub death_date: Option<Day>,
    /// The category of sex, in the words of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Name>,
    /// Times without coverage in between (CARC 200).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lapses: Vec<Span>,
    /// Which of the plan's requirements are met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements_met: Vec<Name>,
    /// Times in which another payer comes first (CARC 22).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_payer_first: Vec<Span>,
    /// Diagnoses of conditions from before coverage (CARC 51).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pre_existing: Vec<Name>,
    /// What was authorised; null: not known, and any number will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizations: Option<Vec<Authorization>>,
    /// When the member was discharged from where (CARC 249).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discharges: Vec<Discharge>,
}

/// An authorisation that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    /// Its number, as lines cite it.
    pub number: Name,
    /// For which code; null: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Name>,
    /// For which provider; null: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Name>,
    /// First day of service; null: since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last day of service; null: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// When it was asked for; null: in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<Day>,
    /// How many units; null: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// How many of them have been used.
    #[serde(default)]
    pub used: u32,
    /// Whether it was refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

/// A discharge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discharge {
    /// When.
    pub date: Day,
    /// From where; null: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Name>,
}

/// An accumulator of the member and of the family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// The member's own.
    #[serde(default)]
    pub individual: Money,
    /// The family's, the member's included; zero: not said, and then the member's.
    #[serde(default)]
    pub family: Money,
}

impl Used {
    /// Whether anything is said of the family: zero is what stands there where nobody has said.
    pub fn family_is_stated(&self) -> bool {
        self.family > Money::default()
    }

    /// What the family has used; where nothing is said of it, at least what its member has.
    pub fn family(&self) -> Money {
        if self.family_is_stated() {
            self.family
        } else {
            self.individual
        }
    }
}

/// Accumulators outside the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutOfNetworkUsed {
    /// Deductible met there.
    #[serde(default)]
    pub deductible_used: Used,
    /// Cost share paid there.
    #[serde(default)]
    pub out_of_pocket_used: Used,
}

impl OutOfNetworkUsed {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A line that counts: paid, payable, pended, or owed by the patient.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryLine {
    /// The procedure's code.
    pub code: String,
    /// When it was done.
    pub service_date: Day,
    /// The last day, where the service date is the first of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_to: Option<Day>,
    /// Who did it; null: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Modifiers, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<Modifier>,
    /// Which of several equal services of that day.
    #[serde(default, skip_serializing_if = "is_first")]
    pub sequence: u8,
    /// How many units; recorded where the plan limits the units of a day.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub units: u16,
}

fn one() -> u16 {
    1
}

fn is_one(units: &u16) -> bool {
    *units == 1
}

fn is_first(sequence: &u8) -> bool {
    *sequence == 0
}

/// Reads a member and checks what its fields alone cannot say.
///
/// # Errors
/// Those of [`crate::strict::from_value`], `invalid_date` where coverage ends before it starts, and
/// `invalid_value` for too many modifiers; `no_units`, `sum_mismatch` and `inconsistent` for history and authorisations.
pub fn read(document: &Value) -> Result<Member, Problem> {
    let mut member: Member = crate::strict::from_value(document)?;
    if let Some(index) = member
        .history
        .iter()
        .position(|line| line.modifiers.len() > MAX_MODIFIERS)
    {
        let at = format!("history[{index}].modifiers");
        return Err(Problem::new(
            "invalid_value",
            at,
            format!("A line has at most {MAX_MODIFIERS} modifiers."),
        ));
    }
    for (index, line) in member.history.iter().enumerate() {
        check_code(&line.code, format!("history[{index}].code"))?;
    }
    for (index, entry) in member.authorizations.iter().flatten().enumerate() {
        if let Some(code) = &entry.code {
            check_code(&code.0, format!("authorizations[{index}].code"))?;
        }
    }
    if let Some(index) = member.history.iter().position(|line| line.units == 0) {
        let at = format!("history[{index}].units");
        return Err(Problem::new(
            "no_units",
            at,
            "A line is of at least one unit.",
        ));
    }
    if let Some(index) = member
        .history
        .iter()
        .position(|line| line.service_to.is_some_and(|last| last < line.service_date))
    {
        return Err(Problem::new(
            "invalid_date",
            format!("history[{index}].service_to"),
            "The service ends before it starts.",
        ));
    }
    // A service that ends on its first day is one of that day.
    for line in &mut member.history {
        line.service_to = line.service_to.filter(|last| *last > line.service_date);
    }
    check_spans(&member)?;
    check_authorizations(member.authorizations.as_deref().unwrap_or_default())?;
    match (member.covered_from, member.covered_to) {
        (Some(from), Some(to)) if to < from => Err(Problem::new(
            "invalid_date",
            "covered_to",
            "The coverage ends before it starts.",
        )),
        _ => Ok(member),
    }
}

fn check_spans(member: &Member) -> Result<(), Problem> {
    let ends_early = |from: Option<Day>, to: Option<Day>, at: String| match (from, to) {
        (Some(from), Some(to)) if to < from => Err(Problem::new(
            "invalid_date",
            at,
            "It ends before it starts.",
        )),
        _ => Ok(()),
    };
    for (name, spans) in [
        ("lapses", &member.lapses),
        ("other_payer_first", &member.other_payer_first),
    ] {
        for (index, span) in spans.iter().enumerate() {
            ends_early(span.from, span.to, format!("{name}[{index}].to"))?;
        }
    }
    for (index, entry) in member.authorizations.iter().flatten().enumerate() {
        ends_early(entry.from, entry.to, format!("authorizations[{index}].to"))?;
    }
    ends_early(
        member.birth_date,
        member.death_date,
        "death_date".to_owned(),
    )
}

/// Each number once for each code, and no more used than granted.
fn check_authorizations(list: &[Authorization]) -> Result<(), Problem> {
    for (index, entry) in list.iter().enumerate() {
        let mut before = list.iter().take(index);
        if before.any(|other| other.number == entry.number && other.code == entry.code) {
            return Err(Problem::new(
                "inconsistent",
                format!("authorizations[{index}].number"),
                format!(
                    "The authorisation {} stands twice for one code.",
                    entry.number.0
                ),
            ));
        }
        if let Some(units) = entry.units.filter(|units| entry.used > *units) {
            return Err(Problem::new(
                "sum_mismatch",
                format!("authorizations[{index}].used"),
                format!(
                    "{} units are used of {units} that were granted.",
                    entry.used
                ),
            ));
        }
    }
    Ok(())
}
