//! The first reason to deny a line, in the order of domain.md B1.
//!
//! These are the gates of every claim. Those that need more than a plain claim says are in
//! `detailed`, which asks these in between.

use super::benefit::{Benefit, Covered, Entry};
use super::history::Findings;
use super::line::{Line, Network};
use super::plain::Setting;
use super::plan::{OutOfNetwork, Plan};
use super::result::Denial;
use crate::date::{Date, Window};
use crate::money::Cents;
use crate::reason::Reason;

/// What the gates look at.
pub(super) struct Facts<'a, E = Benefit> {
    pub plan: &'a Plan<'a>,
    pub submitted: Date,
    pub network: Network,
    pub coverage: &'a Window,
    pub line: &'a Line<E>,
    pub findings: Findings,
}

/// What the gates come to for a whole claim, worked out once.
pub(super) struct Days {
    /// Some on which the gates that look at neither a line's code nor its history let every line pass: 2, 3, 6, network, and the
    /// plan's own waiting. From after to where there are none.
    settled: Window,
    /// Those on which gate 6 wants to know what another payer decided.
    first_payer: Window,
}

/// From after to.
pub(super) const NO_DAYS: Window = Window {
    from: Date::MAX,
    to: Date::MIN,
};

impl Days {
    pub(super) fn of(setting: &Setting<'_>) -> Self {
        let first_payer = setting.first_payer.unwrap_or(NO_DAYS);
        Self {
            settled: settled(setting, first_payer).unwrap_or(NO_DAYS),
            first_payer,
        }
    }

    /// Days on which only a line's code and its history are left to be asked about.
    pub(super) const fn settled(&self) -> Window {
        self.settled
    }
}

/// What [`Days::settled`] says; none where there are no such days.
fn settled(setting: &Setting<'_>, first_payer: Window) -> Option<Window> {
    let (plan, coverage) = (setting.plan, setting.coverage);
    if is_outside(plan, setting.network) {
        return None;
    }
    let waited = coverage.from.plus_days(plan.waiting_days)?;
    let earliest = setting.submitted.minus_days(plan.filing_limit_days);
    let mut days = Window {
        from: waited.max(earliest),
        to: coverage.to.min(setting.submitted),
    };
    // Of the days before another payer's and those after, the later ones: most lines are of late.
    if first_payer.to < days.to {
        days.from = days.from.max(first_payer.to.plus_days(1)?);
    } else if first_payer.from > days.from {
        days.to = days.to.min(first_payer.from.minus_days(1));
    } else {
        return None;
    }
    Some(days)
}

/// The benefit under which a line goes on to the arithmetic, or why it does not.
#[inline(always)]
pub(super) fn first_failed<'a, E: Entry>(
    facts: &Facts<'a, E>,
    days: &Days,
) -> Result<&'a E, Denial> {
    coverage(facts)?;
    filing(facts)?;
    duplicate(facts)?;
    first_payer(facts, days)?;
    let benefit = known(facts)?;
    valid(facts, benefit)?;
    covered(benefit)?;
    waiting(facts, benefit)?;
    authorization(facts, benefit)?;
    network(facts)?;
    frequency(facts, benefit)?;
    units(facts, benefit)?;
    Ok(benefit)
}

/// The same of a line on a day that is [settled](Days::settled): the gates that may still deny it, in the same order.
#[inline(always)]
pub(super) fn first_failed_settled<'a, E: Entry>(facts: &Facts<'a, E>) -> Result<&'a E, Denial> {
    duplicate(facts)?;
    let benefit = known(facts)?;
    valid(facts, benefit)?;
    covered(benefit)?;
    if benefit.waiting_days().is_some() {
        waiting(facts, benefit)?;
    }
    authorization(facts, benefit)?;
    frequency(facts, benefit)?;
    units(facts, benefit)?;
    Ok(benefit)
}

/// Whether a line passes, or why it does not.
pub(super) type Gate = Result<(), Denial>;

pub(super) const fn deny_if(failed: bool, reason: Reason) -> Gate {
    if failed {
        Err(Denial::of(reason))
    } else {
        Ok(())
    }
}

/// Gate 2: covered on the service date, both ends included.
fn coverage<E>(facts: &Facts<'_, E>) -> Gate {
    let service = facts.line.service.date;
    deny_if(service < facts.coverage.from, Reason::BeforeCoverage)?;
    deny_if(service > facts.coverage.to, Reason::AfterCoverage)
}

/// Gate 3: filed after the service, and in time if submitted − service ≤ limit.
pub(super) fn filing<E>(facts: &Facts<'_, E>) -> Gate {
    let service = facts.line.service.date;
    let days = i64::from(facts.submitted.days_since(service));
    deny_if(days < 0, Reason::BillingPredatesService)?;
    deny_if(
        days > i64::from(facts.plan.filing_limit_days),
        Reason::FiledLate,
    )
}

/// Gate 5: not live already.
pub(super) fn duplicate<E>(facts: &Facts<'_, E>) -> Gate {
    deny_if(facts.findings.has(Findings::DUPLICATE), Reason::Duplicate)
}

/// Gate 6: another payer comes first on these days, and must have been asked.
fn first_payer<E>(facts: &Facts<'_, E>, days: &Days) -> Gate {
    deny_if(
        days.first_payer.contains(facts.line.service.date) && facts.line.other_payer.is_none(),
        Reason::OtherPayerFirst,
    )
}

/// Whether another payer comes first on the line's day and is said to have paid nothing of it. Who bills says so, and is paid in
/// full for it: that is no reason to deny the line, and one to look.
#[inline(always)]
pub(super) fn is_prior_unpaid<E>(line: &Line<E>, days: &Days) -> bool {
    line.other_payer
        .is_some_and(|prior| prior.paid == Cents::ZERO)
        && days.first_payer.contains(line.service.date)
}

/// Gate 8, its first half: a code that the schedule does not list is not in the plan. It comes
/// before gate 7, which has nothing to look at without an entry.
pub(super) fn known<'a, E>(facts: &Facts<'a, E>) -> Result<&'a E, Denial> {
    facts
        .line
        .benefit
        .as_ref()
        .ok_or(Denial::of(Reason::NotInPlan))
}

/// Gate 7: a code that is valid on the service date.
pub(super) fn valid<E: Entry>(facts: &Facts<'_, E>, benefit: &E) -> Gate {
    deny_if(
        !benefit.is_effective_on(facts.line.service.date),
        Reason::ProcedureInvalid,
    )
}

/// Gate 8: covered by the plan.
pub(super) fn covered(benefit: &impl Entry) -> Gate {
    match benefit.covered() {
        Covered::Yes => Ok(()),
        Covered::NotInPlan => Err(Denial::of(Reason::NotInPlan)),
        Covered::Excluded(remark) => Err(Denial {
            reason: Reason::NonCovered,
            remark: Some(remark),
        }),
    }
}

/// Gate 9: waiting is over from the start of coverage + days on.
pub(super) fn waiting<E: Entry>(facts: &Facts<'_, E>, benefit: &E) -> Gate {
    let days = benefit.waiting_days().unwrap_or(facts.plan.waiting_days);
    deny_if(
        days != 0 && facts.line.service.date.is_within(days, facts.coverage.from),
        Reason::WaitingPeriod,
    )
}

/// Gate 10: authorized where it must be.
pub(super) fn authorization<E: Entry>(facts: &Facts<'_, E>, benefit: &E) -> Gate {
    deny_if(
        benefit.authorization_required() && !facts.line.authorized,
        Reason::AuthorizationAbsent,
    )
}

/// Gate 10: in network where the plan covers nothing outside.
pub(super) const fn network<E>(facts: &Facts<'_, E>) -> Gate {
    deny_if(is_outside(facts.plan, facts.network), Reason::OutOfNetwork)
}

/// Whether a provider is one for whose services the plan has no terms.
const fn is_outside(plan: &Plan<'_>, network: Network) -> bool {
    !network.is_in() && matches!(plan.out_of_network, OutOfNetwork::Deny)
}

/// Gate 11: denied while 0 ≤ service − last < days.
pub(super) fn frequency<E: Entry>(facts: &Facts<'_, E>, benefit: &E) -> Gate {
    let too_soon = match (benefit.frequency_days(), facts.findings.last_service()) {
        (Some(days), Some(last)) => facts.line.service.date.is_within(days, last),
        _ => false,
    };
    deny_if(too_soon, Reason::Frequency)
}

/// Gate 11: more units than the maximum deny the whole line.
pub(super) fn units<E: Entry>(facts: &Facts<'_, E>, benefit: &E) -> Gate {
    deny_if(
        benefit
            .max_units()
            .is_some_and(|maximum| facts.line.units > maximum),
        Reason::Frequency,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adjudication::plan::{Coordination, CostShareOrder, Limit, Terms};
    use crate::adjudication::{CodeKey, Modifiers, ProviderTag, Service};
    use crate::money::BasisPoints;

    const TERMS: Terms = Terms {
        coinsurance: BasisPoints::ZERO,
        deductible: Limit::NONE,
        out_of_pocket: Limit::NONE,
    };

    fn day(days: i32) -> Date {
        Date::from_days(days).unwrap()
    }

    fn window((from, to): (i32, i32)) -> Window {
        Window {
            from: day(from),
            to: day(to),
        }
    }

    fn plan(out_of_network: OutOfNetwork, limit: u32, waiting: u32) -> Plan<'static> {
        Plan {
            cost_share_order: CostShareOrder::DeductibleFirst,
            in_network: TERMS,
            out_of_network,
            copay: Cents::ZERO,
            tiers: &[],
            recognised: BasisPoints::WHOLE,
            annual_maximum: None,
            lifetime_maximum: None,
            categories: &[],
            filing_limit_days: limit,
            waiting_days: waiting,
            coordination: Coordination::Standard,
        }
    }

    /// Entries of which each is denied by another gate, or by none.
    fn benefits() -> [Option<Benefit>; 7] {
        let at = Benefit::at(Cents::new(1));
        [
            Some(at),
            None,
            Some(Benefit {
                waiting_days: Some(7),
                ..at
            }),
            Some(Benefit {
                waiting_days: Some(0),
                ..at
            }),
            Some(Benefit {
                covered: Covered::NotInPlan,
                effective: window((4, 9)),
                ..at
            }),
            Some(Benefit {
                authorization_required: true,
                ..at
            }),
            Some(Benefit {
                max_units: Some(1),
                ..at
            }),
        ]
    }

    fn line(date: Date, benefit: Option<Benefit>) -> Line {
        Line {
            number: 1,
            service: Service {
                date,
                code: CodeKey([1; 8]),
                provider: ProviderTag([1; 8]),
                modifiers: Modifiers::NONE,
                sequence: 0,
            },
            benefit,
            units: 2,
            charge: Cents::new(1),
            authorized: false,
            balance_billing_prohibited: false,
            other_payer: None,
        }
    }

    /// Of every day near the ends of all windows: where it is settled, the gates that are left decide as all of them do; and
    /// without another payer it is settled just where a line of which nothing else is to be said is let through.
    #[test]
    fn on_settled_days_the_gates_that_are_left_decide_as_all_do() {
        let mut settled = 0;
        for coverage in [(0, 30), (5, 12)].map(window) {
            for submitted in [3, 10, 35].map(day) {
                for (limit, waiting) in [(0, 0), (4, 0), (40, 0), (40, 6), (4, u32::MAX)] {
                    for first_payer in [None, Some((2, 8)), Some((9, 40)), Some((-5, 50))] {
                        for network in [Network::In, Network::Out] {
                            for outside in [OutOfNetwork::Deny, OutOfNetwork::Terms(TERMS)] {
                                settled += compare(&Setting {
                                    plan: &plan(outside, limit, waiting),
                                    submitted,
                                    network,
                                    coverage,
                                    first_payer: first_payer.map(window),
                                });
                            }
                        }
                    }
                }
            }
        }
        assert!(settled > 600, "{settled}");
    }

    /// How many days were settled.
    fn compare(setting: &Setting<'_>) -> u32 {
        let days = Days::of(setting);
        let mut settled = 0;
        for date in (-8..55).map(day) {
            let is_settled = days.settled().contains(date);
            settled += u32::from(is_settled);
            for benefit in benefits() {
                let line = line(date, benefit);
                let facts = Facts {
                    plan: setting.plan,
                    submitted: setting.submitted,
                    network: setting.network,
                    coverage: &setting.coverage,
                    line: &line,
                    findings: Findings::default(),
                };
                let all = first_failed(&facts, &days);
                if is_settled {
                    assert_eq!(first_failed_settled(&facts), all, "{setting:?} {date}");
                } else if benefit == benefits()[0] && setting.first_payer.is_none() {
                    assert!(all.is_err(), "{setting:?} {date}");
                }
            }
        }
        settled
    }
}
