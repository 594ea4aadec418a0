//! The first reason to deny a line, in the order of domain.md B1.
//!
//! These are the gates of every claim. Those that need more than a plain claim says are in
//! `detailed`, which asks these in between.

use super::benefit::{Benefit, Covered, Entry};
use super::history::Findings;
use super::line::{Line, Network};
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
    /// Some on which gates 2, 3 and 6 let every service pass; from after to where there are none.
    undisputed: Window,
    /// Those on which gate 6 wants to know what another payer decided.
    first_payer: Window,
}

/// From after to.
const NO_DAYS: Window = Window {
    from: Date::MAX,
    to: Date::MIN,
};

impl Days {
    pub(super) fn of(
        plan: &Plan<'_>,
        submitted: Date,
        coverage: Window,
        first_payer: Option<Window>,
    ) -> Self {
        let earliest = submitted.minus_days(plan.filing_limit_days);
        let timely = Window {
            from: coverage.from.max(earliest),
            to: coverage.to.min(submitted),
        };
        let first_payer = first_payer.unwrap_or(NO_DAYS);
        let is_disputed = first_payer.from <= timely.to && timely.from <= first_payer.to;
        Self {
            undisputed: if is_disputed { NO_DAYS } else { timely },
            first_payer,
        }
    }
}

/// The benefit under which a line goes on to the arithmetic, or why it does not.
#[inline(always)]
pub(super) fn first_failed<'a, E: Entry>(
    facts: &Facts<'a, E>,
    days: &Days,
) -> Result<&'a E, Denial> {
    if !days.undisputed.contains(facts.line.service.date) {
        coverage(facts)?;
        filing(facts)?;
        duplicate(facts)?;
        first_payer(facts, days)?;
    }
    duplicate(facts)?;
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
    deny_if(facts.findings.duplicate, Reason::Duplicate)
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
        !benefit.effective().contains(facts.line.service.date),
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
    deny_if(
        !facts.network.is_in() && matches!(facts.plan.out_of_network, OutOfNetwork::Deny),
        Reason::OutOfNetwork,
    )
}

/// Gate 11: denied while 0 ≤ service − last < days.
pub(super) fn frequency<E: Entry>(facts: &Facts<'_, E>, benefit: &E) -> Gate {
    let too_soon = match (benefit.frequency_days(), facts.findings.last_service) {
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
