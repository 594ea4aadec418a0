//! Several procedures of one day: the dearest is paid in full, the others in part (CARC 59).
//!
//! As Medicare does it (CMS, Claims Processing Manual, chapter 12, section 40.6): ranked by fee, not
//! by how they were billed, and allowed at the lower of the charge and the reduced fee.

use crate::adjudication::details::Details;
use crate::adjudication::line::{Claim, Line};
use crate::adjudication::result::LineResult;
use crate::money::Cents;

/// Whether another line of the day that was let through ranks above the line at `index`: with a
/// higher fee, or an equal one and an earlier turn.
pub(super) fn is_reduced(
    index: usize,
    claim: &Claim<'_>,
    details: &Details<'_>,
    results: &[LineResult],
) -> bool {
    let Some(line) = claim.lines.get(index) else {
        return false;
    };
    if !details.benefit(index).multiple_procedure {
        return false;
    }
    let mut others = claim.lines.iter().zip(results).enumerate();
    others.any(|(other_index, (other, result))| {
        result.is_live()
            && details.benefit(other_index).multiple_procedure
            && other.service.date == line.service.date
            && ranks_above(other, line)
    })
}

fn ranks_above(other: &Line, line: &Line) -> bool {
    let fee = |line: &Line| line.benefit.map_or(Cents::ZERO, |benefit| benefit.fee);
    fee(other) > fee(line) || (fee(other) == fee(line) && other.turn() < line.turn())
}
