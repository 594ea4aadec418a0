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
mod error;
mod fee;
mod gates;
pub mod history;
pub mod line;
mod maxima;
mod order;
mod period;
pub mod plan;
pub mod result;

pub use accumulators::{Accumulators, CostShareUsed, Deltas, NotReversible, Used};
pub use benefit::{Benefit, Covered};
pub use error::Error;
pub use history::{CodeKey, Modifiers, ProviderTag, Service};
pub use line::{Claim, Line, Network, OtherPayer};
pub use period::BenefitPeriod;
pub use plan::{
    CategoryMaximum, Coordination, CostShareOrder, Limit, MaximumPeriod, OutOfNetwork, Plan,
    PlanError, Terms, Tier, MAX_CATEGORIES,
};
pub use result::{Adjustment, Adjustments, Denial, LineResult, Outcome, Totals};

use crate::date::Window;
use gates::Facts;
use history::Findings;

/// Adjudicates every line of `claim`, in the order (service date, line number), whatever the
/// order of the slice.
///
/// - `plan`: the version in force; [`Plan::validate`] has accepted it.
/// - `coverage`: the member's window under the plan.
/// - `history`: the member's live lines of earlier claims; read once.
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
    claim.validate()?;
    if results.len() != claim.lines.len() {
        return Err(Error::ResultsDoNotMatchLines);
    }
    for (line, result) in claim.lines.iter().zip(results.iter_mut()) {
        result.open(line);
    }
    history::search(history, claim, results);

    let mut running = *accumulators;
    for index in order::InTurn::of(claim.lines) {
        let line = claim
            .lines
            .get(index)
            .ok_or(Error::ResultsDoNotMatchLines)?;
        let findings = history::look_back(line, claim.lines, results);
        let result = results
            .get_mut(index)
            .ok_or(Error::ResultsDoNotMatchLines)?;
        adjudicate_line(plan, claim, coverage, line, findings, &mut running, result)?;
    }
    let totals = Totals::of(results)?;
    *accumulators = running;
    Ok(totals)
}

/// Decides one line and grows the accumulators by it.
fn adjudicate_line(
    plan: &Plan<'_>,
    claim: &Claim<'_>,
    coverage: Window,
    line: &Line,
    findings: Findings,
    accumulators: &mut Accumulators,
    result: &mut LineResult,
) -> Result<(), Error> {
    let facts = Facts {
        plan,
        claim,
        coverage,
        line,
        findings: &findings,
    };
    match gates::first_failed(&facts) {
        Err(denial) => result
            .deny(line, denial, claim.network)
            .ok_or(Error::TooLarge(line.number))?,
        Ok(benefit) => {
            result.suspect = findings.suspect;
            pay(&facts, benefit, accumulators, result)?;
        }
    }
    accumulators
        .grow(&result.deltas)
        .ok_or(Error::TooLarge(line.number))?;
    if result.balances() {
        Ok(())
    } else {
        Err(Error::Unbalanced(line.number))
    }
}

/// The arithmetic of a line that no gate denies.
fn pay(
    facts: &Facts<'_>,
    benefit: &Benefit,
    accumulators: &Accumulators,
    result: &mut LineResult,
) -> Result<(), Error> {
    let (plan, line, network) = (facts.plan, facts.line, facts.claim.network);
    let fee = fee::Fee::of(plan, line, benefit);
    let rules = cost_share::Rules::of(plan, network, benefit, facts.findings.copay_taken);
    let left = cost_share::Left::of(plan, network, accumulators);
    let settled = match &line.other_payer {
        None => coordination::alone(&fee, &rules, &left, network, line),
        Some(prior) => coordination::after(plan.coordination, prior, &fee, &rules, &left, line),
    }
    .ok_or(Error::Tiers(line.number))?;
    maxima::cap(plan, benefit.category, settled.plan_pays, accumulators)
        .and_then(|capped| result.settle(&fee, &settled, &capped, network, benefit.category))
        .ok_or(Error::TooLarge(line.number))
}
