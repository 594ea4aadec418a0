//! A claim without details: line by line through the gates and the arithmetic.

use super::accumulators::Accumulators;
use super::benefit::Entry;
use super::coordination;
use super::cost_share::{self, Coinsurance, Left, Rules};
use super::docket::Docket;
use super::error::Error;
use super::fee::Fee;
use super::gates::{self, Days, Facts, NO_DAYS};
use super::history::{self, Findings, GoneBy, Service};
use super::line::{Checked, Line, Network};
use super::maxima;
use super::order::Turns;
use super::plan::Plan;
use super::result::{LineResult, Totals};
use super::split::Split;
use crate::date::{Date, Window};
use crate::money::BasisPoints;
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
    /// Those on which a line is [decided at once](Progress::decide), unless its code or its history says otherwise.
    plain: Window,
    /// What benefits inherit, and what the plan recognises of any.
    inherited: Rules<'a>,
    recognised: BasisPoints,
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
    let mut progress = Progress::of(setting, accumulators, lines.charges, count);
    let mut turns = Turns::of(lines.in_order);
    for nth in 0..count {
        let turn = |index| docket.line(index).map(|line| line.turn());
        let index = turns
            .nth(nth, count, turn)
            .ok_or(Error::ResultsDoNotMatchLines)?;
        progress.decide(index, turns.before(index, count), docket)?;
    }
    progress.close(count, accumulators)
}

impl<'a> Progress<'a> {
    /// Before the first of `count` lines. `charges`: every bit that is set in any of theirs.
    fn of(setting: &'a Setting<'a>, used: &Accumulators, charges: u64, count: usize) -> Self {
        let left = Left::of(setting.plan, setting.network, used);
        let bits = charges | used.bits(setting.network);
        let may_not_fit = bits >> SMALL != 0 || count > FEW;
        let days = Days::of(setting);
        Self {
            setting,
            plain: if may_not_fit { NO_DAYS } else { days.settled() },
            days,
            inherited: Rules::of(setting.plan, setting.network),
            recognised: setting.plan.recognised,
            at_first: left,
            left,
            used: *used,
            may_not_fit,
            totals: Totals::NONE,
            gone_by: GoneBy::default(),
        }
    }

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

    /// Decides the line whose turn it is. `before`: how many of the first lines may come before it.
    ///
    /// Most lines are paid in part, on a day and for a code of which nothing further is to be said: they are spared what only
    /// others need, and those are decided from the beginning where everything is asked.
    #[inline(always)]
    fn decide<D: Docket>(
        &mut self,
        index: usize,
        before: usize,
        docket: &mut D,
    ) -> Result<(), Error> {
        let line = docket.line(index).ok_or(Error::ResultsDoNotMatchLines)?;
        if self.gone_by.meet(&line) {
            return self.decide_rare(index, before, docket);
        }
        let findings = docket.findings(index);
        let is_plain = self.plain.contains(line.service.date)
            && findings.has_no_bit()
            && line.other_payer.is_none();
        if !is_plain {
            return self.decide_rare(index, 0, docket);
        }
        // Said once more, so that the compiler leaves out what it makes impossible.
        let line = Line {
            other_payer: None,
            ..line
        };
        let facts = self.facts(&line, findings);
        let Ok(benefit) = gates::first_failed_settled(&facts) else {
            return self.decide_rare(index, 0, docket);
        };
        let fee = Fee::of(self.recognised, &line, benefit);
        let mut split = Split::of(&line, &fee, over_fee_group(&facts));
        let copay_taken = self.gone_by.took_copay_of(&line);
        let rules = self.inherited.inherited_by(benefit, copay_taken);
        cost_share::bear_first(&mut split, &rules, &self.left);
        let Coinsurance::Flat(rate) = rules.coinsurance() else {
            return self.finish(index, split, docket);
        };
        cost_share::bear_share(&mut split, rate);
        let (plan, category) = (self.setting.plan, benefit.category());
        let is_within = self.left.allows(&split)
            && maxima::category_allows(split.plan, plan, category, &self.used);
        if !is_within {
            return self.finish(index, split, docket);
        }
        self.conclude(index, &line, &split, category, docket)
    }

    /// Finishes a line that reaches a maximum or whose coinsurance goes by tiers: what [`Progress::decide`] has come to so far
    /// goes on from there.
    #[cold]
    #[inline(never)]
    fn finish<D: Docket>(
        &mut self,
        index: usize,
        mut split: Split,
        docket: &mut D,
    ) -> Result<(), Error> {
        let line = docket.line(index).ok_or(Error::ResultsDoNotMatchLines)?;
        let benefit = line.benefit.as_ref().ok_or(Error::ResultsDoNotMatchLines)?;
        let (plan, category) = (self.setting.plan, benefit.category());
        // Asked about the coinsurance only: at one rate it has been borne already.
        let rules = self.inherited.inherited_by(benefit, false);
        if let Coinsurance::Tiers(tiers) = rules.coinsurance() {
            cost_share::bear_by_tiers(&mut split, tiers, &self.left)
                .ok_or(Error::Tiers(line.number))?;
        }
        cost_share::keep_within(&mut split, &self.left);
        maxima::cap(&mut split, plan, category, &self.used, &self.left);
        self.conclude(index, &line, &split, category, docket)
    }

    /// Takes down a line of which all sums fit.
    #[inline(always)]
    fn conclude<D: Docket>(
        &mut self,
        index: usize,
        line: &Line<D::Entry>,
        split: &Split,
        category: Option<u8>,
        docket: &mut D,
    ) -> Result<(), Error> {
        let mut result = LineResult::default();
        result.open(line);
        result.findings = docket.findings(index);
        result.settle(split, self.setting.network, category);
        self.left.take_off(&result.deltas);
        self.used
            .grow_category(category, result.paid)
            .ok_or(Error::TooLarge(line.number))?;
        self.totals.add_fitting(&result)?;
        self.record(index, line, &result, docket);
        Ok(())
    }

    /// Decides any line. `within`: so many of the first are those before it that may say something of it; 0 = they say nothing
    /// but whether the copay was taken.
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
            0 => {
                let mut findings = docket.findings(index);
                let copay_taken = self.gone_by.took_copay_of(&line);
                findings.note(Findings::COPAY_TAKEN, copay_taken);
                findings
            }
            _ => history::look_back(index, within, docket),
        };
        let facts = self.facts(&line, findings);
        let mut result = LineResult::default();
        result.open(&line);
        result.findings = docket.findings(index);
        match gates::first_failed(&facts, &self.days) {
            Ok(benefit) => {
                let fee = Fee::of(self.recognised, &line, benefit);
                let split = pay(&facts, benefit, &fee, &self.left, &self.used)?;
                result.suspect = findings.has(Findings::SUSPECT);
                result.prior_unpaid = gates::is_prior_unpaid(&line, &self.days);
                result.settle(&split, facts.network, benefit.category());
                self.left.take_off(&result.deltas);
                if self.may_not_fit {
                    self.used.grow(&result.deltas)
                } else {
                    self.used.grow_category(result.deltas.category, result.paid)
                }
                .ok_or(Error::TooLarge(line.number))?;
            }
            Err(denial) => result.deny(&line, denial, facts.network),
        }
        self.totals.add(&result)?;
        self.record(index, &line, &result, docket);
        Ok(())
    }

    #[inline(always)]
    fn record<D: Docket>(
        &mut self,
        index: usize,
        line: &Line<D::Entry>,
        result: &LineResult,
        docket: &mut D,
    ) {
        if result.took_copay() {
            self.gone_by.note_copay(line);
        }
        docket.record(index, result);
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
    let (plan, line) = (facts.plan, facts.line);
    let mut split = Split::of(line, fee, over_fee_group(facts));
    if let Some(prior) = &line.other_payer {
        split = coordination::before(split, plan.coordination, prior);
    }
    let copay_taken = facts.findings.has(Findings::COPAY_TAKEN);
    let rules = Rules::of(plan, facts.network).inherited_by(benefit, copay_taken);
    cost_share::share(&mut split, &rules, left).ok_or(Error::Tiers(line.number))?;
    if let Some(prior) = &line.other_payer {
        split = coordination::after(split, plan.coordination, prior, line.charge);
    }
    maxima::cap(&mut split, plan, benefit.category(), used, left);
    Ok(split)
}

/// Who bears what is charged above the fee.
#[inline(always)]
fn over_fee_group<E>(facts: &Facts<'_, E>) -> Group {
    if facts.network.is_in() || facts.line.balance_billing_prohibited {
        Group::Contractual
    } else {
        Group::Patient
    }
}
