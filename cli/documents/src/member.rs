//! MEMBER.json: what a member has used so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claim::MAX_MODIFIERS;
use crate::leaf::{Day, Modifier, Money};
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
}

/// An accumulator of the member and of the family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// The member's own.
    #[serde(default)]
    pub individual: Money,
    /// The family's, the member's included.
    #[serde(default)]
    pub family: Money,
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
    /// Who did it; null: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Modifiers, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<Modifier>,
    /// Which of several equal services of that day.
    #[serde(default, skip_serializing_if = "is_first")]
    pub sequence: u8,
}

fn is_first(sequence: &u8) -> bool {
    *sequence == 0
}

/// Reads a member and checks what its fields alone cannot say.
///
/// # Errors
/// Those of [`crate::strict::from_value`], `invalid_date` where coverage ends before it starts, and
/// `invalid_value` for too many modifiers.
pub fn read(document: &Value) -> Result<Member, Problem> {
    let member: Member = crate::strict::from_value(document)?;
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
    match (member.covered_from, member.covered_to) {
        (Some(from), Some(to)) if to < from => Err(Problem::new(
            "invalid_date",
            "covered_to",
            "The coverage ends before it starts.",
        )),
        _ => Ok(member),
    }
}
