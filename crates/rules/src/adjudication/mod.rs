//! Adjudication of a claim: which lines are denied and why, and what each of the others pays.
//!
//! rulings.md 2 is the law here, domain.md B1 the order. Each room has one concern:
//!
//! | room | concern | steps |
//! |---|---|---|
//! | [`plan`], [`benefit`] | what the insurer promised | |
//! | [`line`] | what the provider asks | |
//! | [`history`] | what is live already: duplicates and frequency | gates 5, 11 |
//! | `gates` | the first reason to deny a line | gates 1 to 11 |
//! | [`details`] | what only some gates ask for | |
//! | `detailed` | a claim with details, and the gates that ask for them | gates 1 to 11 |
//! | [`docket`] | where lines and results are kept | |
//! | `plain` | a claim without details, line by line | |
//! | `fee` | what the plan allows and recognises | 1, 2 |
//! | `cost_share` | what the patient bears | 3 to 6 |
//! | `coordination` | what is left after a prior payer | 7 |
//! | `maxima` | what the plan pays at most | 8 |
//! | [`accumulators`] | what has been used, and how to take it back | |
//! | [`result`] | what was decided, and that it balances | |

pub mod accumulators;
pub mod benefit;
mod coordination;
mod cost_share;
mod detailed;
pub mod details;
pub mod docket;
mod error;
mod fee;
mod gates;
pub mod history;
pub mod line;
mod maxima;
mod order;
mod period;
mod plain;
pub mod plan;
pub mod result;
mod split;

pub use accumulators::{Accumulators, CostShareUsed, Deltas, NotReversible, Used};
pub use benefit::{Benefit, Covered, Entry};
pub use details::Details;
pub use docket::Docket;
pub use error::Error;
pub use history::{CodeKey, Findings, Modifiers, ProviderTag, Service};
pub use line::{Claim, Line, Network, OtherPayer};
pub use period::BenefitPeriod;
pub use plain::{adjudicate_in, Setting};
pub use plan::{
    CategoryMaximum, Coordination, CostShareOrder, Limit, MaximumPeriod, OutOfNetwork, Plan,
    PlanError, Terms, Tier, MAX_CATEGORIES,
};
pub use result::{Adjustment, AdjustmentList, Adjustments, Denial, LineResult, Outcome, Totals};

use crate::date::Window;
use detailed::Sheet;
use docket::Slices;
use line::Checked;

/// Adjudicates every line of `claim`, in the order (service date, line number), whatever the
/// order of the slice.
///
/// - `plan`: the version in force; [`Plan::validate`] has accepted it.
/// - `coverage`: the member's window under the plan.
/// - `history`: the member's live lines of earlier claims; read once. Of one that took several days it sees the first:
///   [`adjudicate_with`] knows of the others.
/// - `accumulators`: those of the benefit period of the service dates. Grown by what is decided;
///   left as they were on an error.
/// - `results`: as long as the claim's lines; `results[i]` is about `claim.lines[i]`. What was in
///   it does not matter, and on an error what is in it means nothing.
///
/// # Errors
/// A claim that cannot be adjudicated as it stands; see [`Error`]. Never a denial: those are
/// results.
pub fn adjudicate(
    plan: &Plan<'_>,
    claim: &Claim<'_>,
    coverage: Window,
    history: impl IntoIterator<Item = Service>,
    accumulators: &mut Accumulators,
    results: &mut [LineResult],
) -> Result<Totals, Error> {
    let setting = Setting {
        plan,
        submitted: claim.submitted,
        network: claim.network,
        coverage,
        first_payer: None,
    };
    adjudicate_slices(&setting, claim.lines, history, accumulators, results)
}

/// The same for a member for whom another payer comes first on some days, or not.
///
/// # Errors
/// Those of [`adjudicate`].
pub fn adjudicate_slices(
    setting: &Setting<'_>,
    lines: &[Line],
    history: impl IntoIterator<Item = Service>,
    accumulators: &mut Accumulators,
    results: &mut [LineResult],
) -> Result<Totals, Error> {
    let mut docket = open(lines, results)?;
    adjudicate_in(setting, history, accumulators, &mut docket)
}

/// The same for a claim of which more is known: [`adjudicate`] and every other gate of domain.md B1.
/// With details that say nothing it decides as [`adjudicate`] does. The two are apart so that who
/// knows nothing more pays for nothing more.
///
/// # Errors
/// Those of [`adjudicate`]; [`Error::SpansTwoPeriods`] also for a line that ends in another benefit
/// period.
pub fn adjudicate_with(
    details: &Details<'_>,
    plan: &Plan<'_>,
    claim: &Claim<'_>,
    coverage: Window,
    history: impl IntoIterator<Item = Service>,
    accumulators: &mut Accumulators,
    results: &mut [LineResult],
) -> Result<Totals, Error> {
    let mut docket = open(claim.lines, results)?;
    let lines = Checked::of(&docket)?;
    history::search(history, &lines, &mut docket);
    let sheet = Sheet {
        plan,
        claim,
        details,
        coverage,
        in_order: lines.in_order,
    };
    detailed::adjudicate(&sheet, accumulators, results)
}

/// Lines and results, which forget whatever they were before.
fn open<'a>(lines: &'a [Line], results: &'a mut [LineResult]) -> Result<Slices<'a>, Error> {
    if lines.is_empty() {
        return Err(Error::NoLines);
    }
    if results.len() != lines.len() {
        return Err(Error::ResultsDoNotMatchLines);
    }
    for (line, result) in lines.iter().zip(results.iter_mut()) {
        result.open(line);
    }
    Ok(Slices { lines, results })
}
