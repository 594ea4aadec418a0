//! What a plan pays after another payer, and what nobody can be asked for any more (step 7).
//!
//! R, N, M and S are the names of rulings.md 2, step 7.

use super::line::OtherPayer;
use super::plan::Coordination;
use super::split::Split;
use crate::money::Cents;
use crate::reason::Group;

/// Before steps 3 to 6: maintenance of benefits shares what was not paid; the other rules share
/// what the plan would share alone.
#[cold]
#[inline(never)]
pub(super) fn before(mut split: Split, rule: Coordination, prior: &OtherPayer) -> Split {
    if rule == Coordination::MaintenanceOfBenefits {
        split.plan = split.allowed.min(prior.obligated).above(prior.paid);
        split.unrecognised = Cents::ZERO;
    }
    split
}

/// After steps 3 to 6: of R the plan pays S, the patient what M allows, and nobody the rest.
#[cold]
#[inline(never)]
pub(super) fn after(
    mut split: Split,
    rule: Coordination,
    prior: &OtherPayer,
    charge: Cents,
) -> Split {
    let r = prior.left();
    let n = split.plan;
    let s = match rule {
        Coordination::Standard | Coordination::MaintenanceOfBenefits => n,
        Coordination::CarveOut => n.above(prior.paid),
        Coordination::MedicareSecondary => {
            n.min(split.allowed.max(prior.allowed).above(prior.paid))
        }
    }
    .min(r);
    split.plan = s;
    // M is cut to R - S, 122 first and then 2, 3, 1: so R - S is filled from the other end.
    let mut open = r.above(s);
    for part in [
        &mut split.deductible,
        &mut split.copay,
        &mut split.coinsurance,
        &mut split.unrecognised,
    ] {
        *part = open.take(*part);
    }
    split.over_fee = open;
    split.over_fee_group = Group::Contractual;
    split.prior = charge.above(r);
    split
}
