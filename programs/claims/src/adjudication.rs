//! From a received claim to its result: the one way, whether it came whole, in parts, or back from the insurer.

use std::hint::black_box;

use anchor_lang::prelude::*;
use galen_rules::adjudication::{self as rules, Accumulators, BenefitPeriod, Line, LineResult};
use galen_rules::Date;

use crate::constants::HISTORY_EXCEPTION_DAYS;
use crate::convert;
use crate::error::ClaimsError;
use crate::payment::{self, Till};
use crate::state::{
    Agreement, BenefitEntry, BenefitSchedule, Claim, ClaimLine, History, HistoryEntry, Member,
    PendReason, PlanVersion, Pool,
};

/// A received claim with everything that decides it. That the accounts belong together has been checked.
pub struct Case<'a, 'info> {
    /// The claim.
    pub claim: &'a mut Claim,
    /// Its account.
    pub claim_key: Pubkey,
    /// The pool that pays.
    pub pool: &'a mut Pool,
    /// The agreement with the provider.
    pub agreement: &'a mut Agreement,
    /// The plan version in force on the service date.
    pub plan_version: &'a PlanVersion,
    /// The plan version's schedule.
    pub schedule: &'a AccountLoader<'info, BenefitSchedule>,
    /// The member.
    pub member: &'a AccountLoader<'info, Member>,
    /// The member's history.
    pub history: &'a AccountLoader<'info, History>,
    /// What a payment touches.
    pub till: Till<'a, 'info>,
    /// Unix seconds.
    pub now: i64,
}

/// What the rulebook came to.
struct Verdict {
    results: Vec<LineResult>,
    totals: rules::Totals,
    accumulators: Accumulators,
    year: u32,
}

impl Case<'_, '_> {
    /// Adjudicates the claim and pays, queues or pends it. `looked_at`: the insurer has decided to let it pass, so
    /// neither suspicion nor limits pend it.
    ///
    /// # Errors
    /// Where it cannot be adjudicated at all, or an account would break its invariant. Never for a line: it is denied.
    pub fn adjudicate(mut self, looked_at: bool) -> Result<()> {
        let verdict = self.work_out()?;
        let has_room = self.make_room(&verdict)?;
        let pend_reason = self.pend_reason(&verdict, has_room, looked_at)?;
        if has_room {
            self.enter(&verdict)?;
        }
        match pend_reason {
            Some(reason) => self.pend(&verdict, reason),
            None => self.conclude(&verdict, looked_at)?,
        }
        self.check()
    }

    /// Asks the rulebook.
    fn work_out(&self) -> Result<Verdict> {
        let member = self.member.load()?;
        let history = self.history.load()?;
        let terms = &self.plan_version.terms;
        let lists = convert::Lists::of(terms)?;
        let plan = convert::plan(terms, &lists)?;
        let lines = self.lines()?;
        let first = lines.first().ok_or(ClaimsError::NoLines)?;
        let year = u32::from(BenefitPeriod::of(first.service.date).year());
        let mut accumulators = convert::accumulators(&member, year, terms);
        // A blank that the compiler cannot see through is copied as a whole; else it is written field by field.
        let mut results = vec![black_box(LineResult::default()); lines.len()];
        let totals = rules::adjudicate(
            &plan,
            &rules::Claim {
                submitted: convert::day_of(self.claim.received_at)?,
                network: convert::network(self.claim.in_network),
                lines: &lines,
            },
            convert::coverage(&member)?,
            history.live().iter().filter_map(convert::service),
            &mut accumulators,
            &mut results,
        )
        .map_err(convert::error)?;
        Ok(Verdict {
            results,
            totals,
            accumulators,
            year,
        })
    }

    /// The claim's lines with their benefits.
    fn lines(&self) -> Result<Vec<Line>> {
        let schedule = self.schedule.load()?;
        let data = self.schedule.as_ref().try_borrow_data()?;
        let entries = schedule.entries(&data)?;
        let provider = rules::ProviderTag(HistoryEntry::provider_tag(&self.claim.provider));
        // Collected, not pushed: a push may have to grow the list, and would keep the whole line waiting for that.
        let mut are_dates = true;
        let lines = self.claim.lines.iter().zip(1u16..).map(|(line, number)| {
            let date = Date::from_days(line.service_date).unwrap_or_else(|| {
                are_dates = false;
                Date::MIN
            });
            let benefit = find(entries, line).map(convert::benefit);
            convert::line(number, line, date, provider, benefit)
        });
        let lines = lines.collect();
        require!(are_dates, ClaimsError::DateInvalid);
        Ok(lines)
    }

    /// Whether the history has room for the live lines, after dropping what is too old to matter if need be.
    fn make_room(&self, verdict: &Verdict) -> Result<bool> {
        let live = verdict
            .results
            .iter()
            .filter(|result| result.is_live())
            .count();
        let mut history = self.history.load_mut()?;
        if history.room() < live {
            let days = i32::from(self.plan_version.terms.filing_limit_days)
                .saturating_add(HISTORY_EXCEPTION_DAYS);
            let oldest = convert::day_of(self.now)?.days().saturating_sub(days);
            history.drop_before(oldest);
        }
        Ok(history.room() >= live)
    }

    /// Why the claim must wait for the insurer, if it must.
    fn pend_reason(
        &self,
        verdict: &Verdict,
        has_room: bool,
        looked_at: bool,
    ) -> Result<Option<PendReason>> {
        let award = verdict.totals.paid.get();
        if looked_at {
            require!(has_room, ClaimsError::HistoryFull);
            return Ok(None);
        }
        Ok(if !has_room {
            Some(PendReason::HistoryFull)
        } else if verdict.results.iter().any(|result| result.suspect) {
            Some(PendReason::SuspectDuplicate)
        } else if award > self.agreement.terms.limit_per_claim {
            Some(PendReason::ClaimLimit)
        } else if award > 0 && self.agreement.exceeds_day(award, self.now) {
            Some(PendReason::DayLimit)
        } else if self
            .pool
            .exceeds_outflow(award.saturating_sub(self.agreement.owed), self.now)
        {
            Some(PendReason::OutflowLimit)
        } else {
            None
        })
    }

    /// Enters the live lines in the member's history.
    fn enter(&self, verdict: &Verdict) -> Result<()> {
        let mut history = self.history.load_mut()?;
        let provider_tag = HistoryEntry::provider_tag(&self.claim.provider);
        let claim_tag = HistoryEntry::claim_tag(&self.claim_key);
        for (line, result) in self.claim.lines.iter().zip(&verdict.results) {
            if result.is_live() {
                history.enter(HistoryEntry {
                    code_key: line.code_key,
                    provider_tag,
                    claim_tag,
                    modifiers: line.modifiers,
                    service_date: line.service_date,
                    reserved: [0; 4],
                })?;
            }
        }
        Ok(())
    }

    /// Lets the claim wait: no accumulator changes, no line but the denied ones is decided.
    fn pend(&mut self, verdict: &Verdict, reason: PendReason) {
        let network = convert::network(self.claim.in_network);
        for (line, result) in self.claim.lines.iter_mut().zip(&verdict.results) {
            convert::record_denial(line, result, network);
        }
        self.claim.pend(reason);
    }

    /// Stores the result, updates the accumulators, and pays or queues the award.
    fn conclude(&mut self, verdict: &Verdict, looked_at: bool) -> Result<()> {
        let network = convert::network(self.claim.in_network);
        self.claim
            .decide(convert::totals(&verdict.totals), |index, line| {
                let result = verdict
                    .results
                    .get(index)
                    .ok_or(ClaimsError::InvariantBroken)?;
                convert::record(line, result, network);
                Ok(())
            })?;
        let mut member = self.member.load_mut()?;
        self.claim.turn = member.take_turn()?;
        if verdict.results.iter().any(LineResult::is_live) {
            convert::store_accumulators(
                &mut member,
                verdict.year,
                &self.plan_version.terms,
                &verdict.accumulators,
            )?;
        }
        drop(member);
        let award = self.claim.totals.paid;
        if award == 0 {
            return Ok(());
        }
        self.claim.award(self.now)?;
        if !looked_at {
            self.agreement.count_award(award, self.now)?;
        }
        self.claim.keep_back(self.agreement.keep_back(award))?;
        self.pay(self.claim.due())
    }

    /// Pays what is due; sets it aside where the payout account cannot take it, or the pool pays no more today; queues
    /// it where the money is missing.
    fn pay(&mut self, due: u64) -> Result<()> {
        if due == 0 {
            // The provider owed all of it.
            return self.claim.mark_paid(self.now);
        }
        if !self.pool.can_pay_now(due)? {
            return self.pool.queue(due);
        }
        if payment::check_payout(self.till.payout, self.pool).is_err()
            || self.pool.exceeds_outflow(due, self.now)
        {
            self.claim.reserve_money()?;
            return self.pool.set_aside(due);
        }
        self.pool.pay_now(due)?;
        self.pool.count_outflow(due, self.now)?;
        payment::transfer(self.pool, &self.till, due)?;
        self.claim.mark_paid(self.now)
    }

    /// What holds in the end.
    fn check(&self) -> Result<()> {
        self.claim.invariant()?;
        self.agreement.invariant()?;
        self.member.load()?.invariant()?;
        self.history.load()?.invariant()?;
        self.pool.invariant(payment::vault_amount(self.till.vault)?)
    }
}

/// The entry of a line's code, if the schedule has it.
fn find<'a>(entries: &'a [BenefitEntry], line: &ClaimLine) -> Option<&'a BenefitEntry> {
    let key = u64::from_be_bytes(line.code_key);
    entries
        .binary_search_by_key(&key, BenefitEntry::order)
        .ok()
        .and_then(|index| entries.get(index))
}

/// The first and the last service date of a claim's lines, which must be under the same plan version.
///
/// # Errors
/// `NoLines`, `PlanVersionNotInForce`.
pub fn service_dates(claim: &Claim, plan_version: &PlanVersion) -> Result<(i32, i32)> {
    let dates = || claim.lines.iter().map(|line| line.service_date);
    let first = dates().min().ok_or(ClaimsError::NoLines)?;
    let last = dates().max().ok_or(ClaimsError::NoLines)?;
    require!(
        plan_version.in_force_on(first) && plan_version.in_force_on(last),
        ClaimsError::PlanVersionNotInForce
    );
    Ok((first, last))
}
