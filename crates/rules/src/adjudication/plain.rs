//! A claim without details: line by line through the gates and the arithmetic.

use super::accumulators::Accumulators;
use super::benefit::Entry;
use super::coordination;
use super::cost_share::{self, Left, Rules};
use super::docket::Docket;
use super::error::Error;
use super::fee::Fee;
use super::gates::{self, Days, Facts};
use super::history::{self, Findings, GoneBy, Service};
use super::line::{Checked, Line, Network};
use super::maxima;
use super::order::Turns;
use super::plan::Plan;
use super::result::{LineResult, Totals};
use super::split::Split;
use crate::date::{Date, Window};
use crate::reason::Group;

/// What decides a claim beside its lines, the member's history and what has been used up.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The version in force; [`Plan::validate`] has accepted it.
    pub plan: &'a Plan<'a>,
    /// The day on which the insurer received the claim.
    pub submitted: Date,
    /// Whether the provider has an agreement with the insurer.
    pub network: Network,
    /// The member's window under the plan.
    pub coverage: Window,
    /// The days on which another payer comes first for the member, and must have been asked.
    pub first_payer: Option<Window>,
}

/// Amounts below this are added up without looking whether they fit, where there are no more of
/// them than `FEW`: sums of all charges and all that was used before stay far below 2^64.
const SMALL: u32 = 44;
const FEW: usize = 1 << 16;

/// A claim half decided.
struct Progress<'a> {
    setting: &'a Setting<'a>,
    days: Days,
    /// Before the first line.
    at_first: Left,
    left: Left,
    /// The categories grow with each line; the others do too where sums may not fit, and in the end
    /// where they do.
    used: Accumulators,
    may_not_fit: bool,
    totals: Totals,
    gone_by: GoneBy,
}

/// Adjudicates every line of a docket, in the order (service date, line number), whatever the
/// order of their indices: what [`adjudicate`](super::adjudicate) does, wherever the lines are kept.
///
/// # Errors
/// Those of [`adjudicate`](super::adjudicate); what was recorded then means nothing.
#[inline(always)]
pub fn adjudicate_in<D: Docket>(
    setting: &Setting<'_>,
    history: impl IntoIterator<Item = Service>,
    accumulators: &mut Accumulators,
    docket: &mut D,
) -> Result<Totals, Error> {
    let lines = Checked::of(docket)?;
    history::search(history, &lines, docket);
    let count = docket.count();
    let bits = lines.charges | accumulators.bits(setting.network);
    let left = Left::of(setting.plan, setting.network, accumulators);
    let mut progress = Progress {
        setting,
        days: Days::of(
            setting.plan,
            setting.submitted,
            setting.coverage,
            setting.first_payer,
        ),
        at_first: left,
        left,
        used: *accumulators,
        may_not_fit: bits >> SMALL != 0 || count > FEW,
        totals: Totals::NONE,
        gone_by: GoneBy::default(),
    };
    let mut turns = Turns::of(lines.in_order);
    for nth in 0..count {
        let turn = |index| docket.line(index).map(|line| line.turn());
        let index = turns
            .nth(nth, count, turn)
            .ok_or(Error::ResultsDoNotMatchLines)?;
        let line = docket.line(index).ok_or(Error::ResultsDoNotMatchLines)?;
        let looks_back = progress.gone_by.meet(&line);
        if looks_back || line.other_payer.is_some() {
            let within = if looks_back {
                turns.before(index, count)
            } else {
                0
            };
            progress.decide_rare(index, within, docket)?;
            continue;
        }
        // Said once more, so that the compiler leaves out what it makes impossible.
        let line = Line {
            other_payer: None,
            ..line
        };
        let findings = progress.findings(index, &line, docket);
        let facts = progress.facts(&line, findings);
        match gates::first_failed(&facts, &progress.days) {
            Ok(benefit) => progress.pay(index, &facts, benefit, docket)?,
            Err(_) => progress.decide_rare(index, 0, docket)?,
        }
    }
    progress.close(count, accumulators)
}

impl<'a> Progress<'a> {
    #[inline(always)]
    fn facts<'b, E>(&self, line: &'b Line<E>, findings: Findings) -> Facts<'b, E>
    where
        'a: 'b,
    {
        Facts {
            plan: self.setting.plan,
            submitted: self.setting.submitted,
            network: self.setting.network,
            coverage: &self.setting.coverage,
            line,
            findings,
        }
    }

    /// What is known of a line of which the lines before it say no more than whether the copay was taken.
    #[inline(always)]
    fn findings<D: Docket>(&self, index: usize, line: &Line<D::Entry>, docket: &D) -> Findings {
        Findings {
            copay_taken: self.gone_by.took_copay_of(line),
            ..docket.findings(index)
        }
    }

    /// Decides any line: one that is denied, that another payer has paid before, or of which the lines before it may say
    /// something, which are `within` so many of the first; 0 = they say nothing. Apart from the others, which are spared what
    /// only these need.
    #[cold]
    #[inline(never)]
    fn decide_rare<D: Docket>(
        &mut self,
        index: usize,
        within: usize,
        docket: &mut D,
    ) -> Result<(), Error> {
        let line = docket.line(index).ok_or(Error::ResultsDoNotMatchLines)?;
        let findings = match within {
            0 => self.findings(index, &line, docket),
            _ => history::look_back(index, within, docket),
        };
        let facts = self.facts(&line, findings);
        match gates::first_failed(&facts, &self.days) {
            Ok(benefit) => self.pay(index, &facts, benefit, docket),
            Err(denial) => {
                let mut result = LineResult::default();
                result.open(&line);
                result.findings = docket.findings(index);
                result.deny(&line, denial, self.setting.network);
                self.record(index, &line, &result, docket)
            }
        }
    }

    /// Pays a line that no gate denies.
    #[inline(always)]
    fn pay<D: Docket>(
        &mut self,
        index: usize,
        facts: &Facts<'_, D::Entry>,
        benefit: &D::Entry,
        docket: &mut D,
    ) -> Result<(), Error> {
        let line = facts.line;
        let fee = Fee::of(facts.plan, line, benefit);
        let split = pay(facts, benefit, &fee, &self.left, &self.used)?;
        let mut result = LineResult::default();
        result.open(line);
        result.findings = docket.findings(index);
        result.suspect = facts.findings.suspect;
        result.prior_unpaid = gates::is_prior_unpaid(line, &self.days);
        result.settle(&split, facts.network, benefit.category());
        self.left.take_off(&result.deltas);
        if self.may_not_fit {
            // A copy: what a function is lent is in memory, and with it all of the result.
            let deltas = result.deltas;
            self.used.grow(&deltas)
        } else {
            self.used.grow_category(result.deltas.category, result.paid)
        }
        .ok_or(Error::TooLarge(line.number))?;
        self.record(index, line, &result, docket)
    }

    #[inline(always)]
    fn record<D: Docket>(
        &mut self,
        index: usize,
        line: &Line<D::Entry>,
        result: &LineResult,
        docket: &mut D,
    ) -> Result<(), Error> {
        self.totals.add(result)?;
        if result.findings.copay_taken {
            self.gone_by.note_copay(line);
        }
        docket.record(index, result);
        Ok(())
    }

    /// The sums; the accumulators as they are now.
    #[inline(always)]
    fn close(mut self, lines: usize, accumulators: &mut Accumulators) -> Result<Totals, Error> {
        if !self.may_not_fit {
            let added = self.left.added_since(&self.at_first, self.setting.network);
            // It fits, as has been seen.
            self.used.grow(&added).ok_or(Error::TooLarge(0))?;
        }
        *accumulators = self.used;
        Ok(self.totals.concluded(lines))
    }
}

/// The arithmetic of a line that no gate denies (steps 3 to 8).
#[inline(always)]
pub(super) fn pay<E: Entry>(
    facts: &Facts<'_, E>,
    benefit: &E,
    fee: &Fee,
    left: &Left,
    used: &Accumulators,
) -> Result<Split, Error> {
    let (plan, line, network) = (facts.plan, facts.line, facts.network);
    let over_fee_group = if network.is_in() || line.balance_billing_prohibited {
        Group::Contractual
    } else {
        Group::Patient
    };
    let mut split = Split::of(line, fee, over_fee_group);
    if let Some(prior) = &line.other_payer {
        split = coordination::before(split, plan.coordination, prior);
    }
    let rules = Rules::of(plan, network, benefit, facts.findings.copay_taken);
    cost_share::share(&mut split, &rules, left).ok_or(Error::Tiers(line.number))?;
    if let Some(prior) = &line.other_payer {
        split = coordination::after(split, plan.coordination, prior, line.charge);
    }
    maxima::cap(&mut split, plan, benefit.category(), used, left);
    Ok(split)
}
