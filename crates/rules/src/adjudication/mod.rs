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
//! | [`first_payer`] | gate 6 for a claim without details | gate 6 |
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
mod error;
mod fee;
pub mod first_payer;
mod gates;
pub mod history;
pub mod line;
mod maxima;
mod order;
mod period;
pub mod plan;
pub mod result;
mod split;

pub use accumulators::{Accumulators, CostShareUsed, Deltas, NotReversible, Used};
pub use benefit::{Benefit, Covered};
pub use details::Details;
pub use error::Error;
pub use first_payer::FirstPayer;
pub use history::{CodeKey, Modifiers, ProviderTag, Service};
pub use line::{Claim, Line, Network, OtherPayer};
pub use period::BenefitPeriod;
pub use plan::{
    CategoryMaximum, Coordination, CostShareOrder, Limit, MaximumPeriod, OutOfNetwork, Plan,
    PlanError, Terms, Tier, MAX_CATEGORIES,
};
pub use result::{Adjustment, AdjustmentList, Adjustments, Denial, LineResult, Outcome, Totals};

use crate::date::Window;
use crate::reason::Group;
use cost_share::{Left, Rules};
use detailed::Sheet;
use fee::Fee;
use gates::Facts;
use split::Split;

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
    let in_order = open(claim, history, results)?;

    let mut running = *accumulators;
    let mut totals = Totals::NONE;
    let mut turns = order::InTurn::of(claim.lines, in_order);
    let mut gone_by = history::GoneBy::default();
    while let Some(index) = turns.next() {
        let within = if gone_by.can_matter_to(index, claim.lines) {
            turns.before(index)
        } else {
            0
        };
        let findings = history::look_back(index, within, claim.lines, results);
        let (Some(line), Some(result)) = (claim.lines.get(index), results.get_mut(index)) else {
            return Err(Error::ResultsDoNotMatchLines);
        };
        let facts = Facts {
            plan,
            claim,
            coverage,
            line,
            findings: &findings,
        };
        adjudicate_line(&facts, &mut running, result)?;
        totals.add(result)?;
        gone_by.note(line, result);
    }
    *accumulators = running;
    Ok(totals.concluded())
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
    let in_order = open(claim, history, results)?;
    let sheet = Sheet {
        plan,
        claim,
        details,
        coverage,
        in_order,
    };
    detailed::adjudicate(&sheet, accumulators, results)
}

/// Checks the claim, opens each line's result and notes what the history knows of it. Whether the lines are in order.
#[inline(always)]
fn open(
    claim: &Claim<'_>,
    history: impl IntoIterator<Item = Service>,
    results: &mut [LineResult],
) -> Result<bool, Error> {
    let in_order = claim.check()?;
    if results.len() != claim.lines.len() {
        return Err(Error::ResultsDoNotMatchLines);
    }
    for (line, result) in claim.lines.iter().zip(results.iter_mut()) {
        result.open(line);
    }
    history::search(history, claim, results);
    Ok(in_order)
}

/// Decides one line and grows the accumulators by it.
fn adjudicate_line(
    facts: &Facts<'_>,
    accumulators: &mut Accumulators,
    result: &mut LineResult,
) -> Result<(), Error> {
    match gates::first_failed(facts) {
        Err(denial) => {
            result.deny(facts.line, denial, facts.claim.network);
            Ok(())
        }
        Ok(benefit) => {
            result.suspect = facts.findings.suspect;
            let fee = Fee::of(facts.plan, facts.line, benefit);
            pay(facts, benefit, &fee, accumulators, result)?;
            accumulators
                .grow(&result.deltas)
                .ok_or(Error::TooLarge(facts.line.number))
        }
    }
}

/// The arithmetic of a line that no gate denies.
fn pay(
    facts: &Facts<'_>,
    benefit: &Benefit,
    fee: &Fee,
    accumulators: &Accumulators,
    result: &mut LineResult,
) -> Result<(), Error> {
    let (plan, line, network) = (facts.plan, facts.line, facts.claim.network);
    let over_fee_group = if network.is_in() || line.balance_billing_prohibited {
        Group::Contractual
    } else {
        Group::Patient
    };
    let mut split = Split::of(line, fee, over_fee_group);
    if let Some(prior) = &line.other_payer {
        coordination::before(&mut split, plan.coordination, prior);
    }
    let rules = Rules::of(plan, network, benefit, facts.findings.copay_taken);
    let left = Left::of(plan, network, accumulators);
    cost_share::share(&mut split, &rules, &left).ok_or(Error::Tiers(line.number))?;
    if let Some(prior) = &line.other_payer {
        coordination::after(&mut split, plan.coordination, prior, line);
    }
    maxima::cap(&mut split, plan, benefit.category, accumulators);
    result.settle(&split, network, benefit.category);
    Ok(())
}
