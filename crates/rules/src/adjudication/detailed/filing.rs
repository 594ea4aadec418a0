//! Gate 3 of a service that may take several days, with what excuses a claim that is late.

use super::{deny_if, gates, Case, Gate};
use crate::date::Date;
use crate::reason::Reason;

/// Months after that of the notice to whose end a late claim may still be filed, and after which a
/// recoupment counts (42 CFR 424.44(b)).
const MONTHS: u16 = 6;

/// Gate 3: filed when the service was over, and in time by its first day.
pub(super) fn in_time(case: &Case<'_>) -> Gate {
    deny_if(
        case.days().to > case.facts.submitted,
        Reason::BillingPredatesService,
    )?;
    match gates::filing(&case.facts) {
        Err(_) if is_late_and_excused(case) => Ok(()),
        decided => decided,
    }
}

/// Whether it is late, and let through for what who bills says of it. That is no reason to deny the line, and one to look.
pub(super) fn is_late_and_excused(case: &Case<'_>) -> bool {
    gates::filing(&case.facts).is_err_and(|denial| denial.reason == Reason::FiledLate)
        && is_excused(case)
}

fn is_excused(case: &Case<'_>) -> bool {
    let Some(exception) = case.details.claim.filing_exception else {
        return false;
    };
    let (ground, notified) = (exception.ground, exception.notified);
    let too_early = ground.is_recoupment()
        && case
            .date()
            .plus_months(MONTHS)
            .is_none_or(|earliest| notified < earliest);
    let last = notified
        .plus_months(MONTHS)
        .map_or(Date::MAX, Date::end_of_month);
    let submitted = case.facts.submitted;
    case.details.plan.filing_grounds.contains(&ground)
        && !too_early
        && notified <= submitted
        && submitted <= last
}
