//! A claim with details: every gate of domain.md B1, and then the arithmetic.
//!
//! Other than for a plain claim, all lines pass the gates before the first one is paid: whether a
//! procedure is reduced beside others depends on which of them are let through. No gate looks at
//! an amount, so nothing is decided differently for it. And a line is decided after those that could
//! take its place as the first of a code pair, whatever their turn.

mod authorization;
mod coding;
mod complete;
mod eligibility;
mod filing;
mod multiple;
mod same_day;

use super::accumulators::Accumulators;
use super::cost_share::Left;
use super::details::{BenefitDetails, Details, LineDetails, Review};
use super::docket::Slices;
use super::error::Error;
use super::fee::Fee;
use super::gates::{self, deny_if, Facts, Gate};
use super::history;
use super::line::{Claim, Line};
use super::order::Turns;
use super::period::BenefitPeriod;
use super::plain;
use super::plan::Plan;
use super::result::{Denial, LineResult, Totals};
use crate::date::{Date, Window};
use crate::reason::Reason;

/// Marks a line that no gate has looked at. It stands where a denial would, so that such a line is
/// not live; no gate gives this reason.
const UNDECIDED: Denial = Denial::of(Reason::UpheldOnReview);

impl LineResult {
    fn is_undecided(&self) -> bool {
        self.denial == Some(UNDECIDED)
    }
}

/// A claim in the making.
pub(super) struct Sheet<'a> {
    pub plan: &'a Plan<'a>,
    pub claim: &'a Claim<'a>,
    pub details: &'a Details<'a>,
    pub coverage: Window,
    pub in_order: bool,
}

/// One line before the gates, and what was decided so far.
struct Case<'a> {
    facts: Facts<'a>,
    claim: &'a Claim<'a>,
    details: &'a Details<'a>,
    index: usize,
    own: &'a LineDetails<'a>,
    benefit: &'a BenefitDetails<'a>,
    results: &'a [LineResult],
}

impl Case<'_> {
    fn date(&self) -> Date {
        self.facts.line.service.date
    }

    /// The first and the last day of the service.
    fn days(&self) -> Window {
        let from = self.date();
        Window {
            from,
            to: self.own.to.unwrap_or(from).max(from),
        }
    }

    /// The other lines of the claim that were let through.
    fn others(&self) -> impl Iterator<Item = (usize, &Line)> {
        let lines = self.claim.lines.iter().zip(self.results).enumerate();
        lines
            .filter(|(index, (_, result))| *index != self.index && result.is_live())
            .map(|(index, (line, _))| (index, line))
    }
}

/// Adjudicates a claim with details. `results` hold what the history says.
pub(super) fn adjudicate(
    sheet: &Sheet<'_>,
    accumulators: &mut Accumulators,
    results: &mut [LineResult],
) -> Result<Totals, Error> {
    sheet.check()?;
    for result in results.iter_mut() {
        result.denial = Some(UNDECIDED);
    }
    let mut turns = Turns::of(sheet.in_order);
    for nth in 0..sheet.claim.lines.len() {
        let index = sheet.nth(nth, &mut turns)?;
        while results.get(index).is_some_and(LineResult::is_undecided) {
            let first = same_day::decided_before(index, sheet.claim, sheet.details, results);
            sheet.decide(first, results);
        }
    }
    let mut running = *accumulators;
    let mut totals = Totals::NONE;
    let mut turns = Turns::of(sheet.in_order);
    for nth in 0..sheet.claim.lines.len() {
        let index = sheet.nth(nth, &mut turns)?;
        sheet.pay(index, &mut running, results)?;
        let result = results.get(index).ok_or(Error::ResultsDoNotMatchLines)?;
        totals.add(result)?;
    }
    *accumulators = running;
    Ok(totals.concluded(results.len()))
}

impl Sheet<'_> {
    /// The line whose turn is the next, after `nth` others.
    fn nth(&self, nth: usize, turns: &mut Turns) -> Result<usize, Error> {
        let lines = self.claim.lines;
        turns
            .nth(nth, lines.len(), |index| lines.get(index).map(Line::turn))
            .ok_or(Error::ResultsDoNotMatchLines)
    }

    /// What is known of a line, from the history and from the other lines.
    fn findings(&self, index: usize, results: &mut [LineResult]) -> history::Findings {
        let docket = Slices {
            lines: self.claim.lines,
            results,
        };
        history::look_back(index, docket.lines.len(), &docket)
    }

    fn facts<'b>(&'b self, line: &'b Line, findings: history::Findings) -> Facts<'b> {
        Facts {
            plan: self.plan,
            submitted: self.claim.submitted,
            network: self.claim.network,
            coverage: &self.coverage,
            line,
            findings,
        }
    }

    /// Days of one benefit period only: accumulators belong to one.
    fn check(&self) -> Result<(), Error> {
        for (index, line) in self.claim.lines.iter().enumerate() {
            let period = BenefitPeriod::of(line.service.date).window();
            let to = self.details.line(index).to;
            if to.is_some_and(|to| to > period.to) {
                return Err(Error::SpansTwoPeriods(line.number));
            }
        }
        Ok(())
    }

    /// Lets one line through or denies it.
    fn decide(&self, index: usize, results: &mut [LineResult]) {
        let Some(line) = self.claim.lines.get(index) else {
            return;
        };
        let findings = self.findings(index, results);
        let case = Case {
            facts: self.facts(line, findings),
            claim: self.claim,
            details: self.details,
            index,
            own: self.details.line(index),
            benefit: self.details.benefit(index),
            results,
        };
        let failed = first_failed(&case);
        let attachment_missing = lacks_attachment_alone(&case, failed);
        let prior_unpaid = eligibility::is_prior_unpaid(&case);
        let late_excused = filing::is_late_and_excused(&case);
        let suspect = findings.has(history::Findings::SUSPECT) || same_day::is_suspect(&case);
        let Some(result) = results.get_mut(index) else {
            return;
        };
        match failed {
            Err(denial) => result.deny(line, denial, self.claim.network),
            Ok(()) => result.denial = None,
        }
        result.attachment_missing = attachment_missing;
        // What only lacks an attachment may be let through yet: leaving it out hides nothing that somebody should look at.
        let may_pass = failed.is_ok() || attachment_missing;
        result.suspect = may_pass && suspect;
        result.prior_unpaid = may_pass && prior_unpaid;
        result.late_excused = may_pass && late_excused;
    }

    /// The arithmetic of a line that was let through.
    fn pay(
        &self,
        index: usize,
        accumulators: &mut Accumulators,
        results: &mut [LineResult],
    ) -> Result<(), Error> {
        let findings = self.findings(index, results);
        let is_reduced = multiple::is_reduced(index, self.claim, self.details, results);
        let (Some(line), Some(result)) = (self.claim.lines.get(index), results.get_mut(index))
        else {
            return Err(Error::ResultsDoNotMatchLines);
        };
        let Some(benefit) = line.benefit.as_ref().filter(|_| result.is_live()) else {
            return Ok(());
        };
        let facts = self.facts(line, findings);
        let whole = Fee::of(self.plan.recognised, line, benefit);
        let fee = if is_reduced {
            let rate = self.details.plan.multiple_procedure;
            Fee::reduced(rate, self.plan.recognised, line, benefit)
        } else {
            whole
        };
        let left = Left::of(self.plan, self.claim.network, accumulators);
        let split = plain::pay(&facts, benefit, &fee, &left, accumulators)?;
        result.settle(&split, self.claim.network, benefit.category);
        if line.other_payer.is_none() {
            let reduction = whole.allowed.above(fee.allowed);
            result.adjustments.name_reduction(reduction);
        }
        accumulators
            .grow(&result.deltas)
            .ok_or(Error::TooLarge(line.number))
    }
}

/// The gates in the order of domain.md B1; the first that fails names the reason.
fn first_failed(case: &Case<'_>) -> Gate {
    before_attachments(case)?;
    complete::attachments(case)?;
    after_attachments(case)
}

/// Whether a line of which the first gate that `failed` is the one for attachments would be let through by all the others.
fn lacks_attachment_alone(case: &Case<'_>, failed: Gate) -> bool {
    failed.is_err_and(|denial| denial.reason == Reason::Attachment)
        && after_attachments(case).is_ok()
}

/// The gates up to what the claim states.
fn before_attachments(case: &Case<'_>) -> Gate {
    eligibility::insured(case)?;
    eligibility::covered(case)?;
    eligibility::eligible(case)?;
    filing::in_time(case)?;
    complete::information(case)
}

/// The gates from who bills on.
fn after_attachments(case: &Case<'_>) -> Gate {
    let facts = &case.facts;
    complete::provider(case)?;
    complete::place(case)?;
    gates::duplicate(facts)?;
    eligibility::other_payer_first(case)?;
    let benefit = gates::known(facts)?;
    gates::valid(facts, benefit)?;
    coding::diagnoses(case)?;
    coding::age(case)?;
    coding::sex(case)?;
    coding::modifiers(case)?;
    gates::covered(benefit)?;
    deny_if(case.benefit.experimental, Reason::Experimental)?;
    deny_if(
        case.own.review == Some(Review::NotNecessary),
        Reason::NotNecessary,
    )?;
    coding::pre_existing(case)?;
    gates::waiting(facts, benefit)?;
    authorization::authorized(case, benefit)?;
    authorization::referred(case)?;
    gates::network(facts)?;
    gates::frequency(facts, benefit)?;
    gates::units(facts, benefit)?;
    same_day::units(case)?;
    same_day::bundled(case)?;
    deny_if(
        case.own.review == Some(Review::LevelUnsupported),
        Reason::LevelOfService,
    )?;
    eligibility::readmitted(case)
}
