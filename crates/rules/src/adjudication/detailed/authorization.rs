//! Gate 10: authorized in advance, and referred.

use super::{deny_if, gates, Case, Gate};
use crate::adjudication::benefit::Benefit;
use crate::reason::Reason;

/// Gate 10, in the order absent, exceeded, invalid, late, refused. Where the member's
/// authorizations are not known, a number is enough.
pub(super) fn authorized(case: &Case<'_>, benefit: &Benefit) -> Gate {
    gates::authorization(&case.facts, benefit)?;
    let Some(list) = case.details.member.authorizations else {
        return Ok(());
    };
    if !benefit.authorization_required {
        return Ok(());
    }
    let (line, details) = (case.facts.line, case.details);
    let used = details.authorization_used(case.index, line);
    let Some(found) = used.and_then(|index| list.get(index)) else {
        return deny_if(true, Reason::AuthorizationInvalid);
    };
    if let Some(granted) = found.units {
        let others = case
            .others()
            .filter(|(index, other)| details.authorization_used(*index, other) == used)
            .fold(0_u64, |sum, (_, other)| {
                sum.saturating_add(other.units.into())
            });
        let units = others
            .saturating_add(found.used.into())
            .saturating_add(line.units.into());
        deny_if(units > u64::from(granted), Reason::AuthorizationExceeded)?;
    }
    let days = case.days();
    let valid = found.is_for(line.service.code)
        && found.provider.may_be(line.service.provider)
        && found.window.contains(days.from)
        && found.window.contains(days.to);
    deny_if(!valid, Reason::AuthorizationInvalid)?;
    let after = i64::from(found.requested.days_since(case.date()));
    deny_if(
        after > i64::from(details.plan.authorization_grace_days),
        Reason::AuthorizationLate,
    )?;
    deny_if(found.refused, Reason::RefusedAtPrecertification)
}

/// Gate 10: referred where it must be.
pub(super) fn referred(case: &Case<'_>) -> Gate {
    deny_if(
        case.benefit.referral_required && !case.details.claim.referred,
        Reason::NotReferred,
    )
}
