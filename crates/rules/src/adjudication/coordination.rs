//! What a plan pays after another payer, and what nobody can be asked for any more (step 7).

use super::cost_share::{CostShare, Left, Rules};
use super::fee::Fee;
use super::line::{Line, Network, OtherPayer};
use super::plan::Coordination;
use crate::money::Cents;
use crate::reason::Group;

/// A line before the plan's maxima.
pub(super) struct Settled {
    /// CARC 45 and who bears it.
    pub over_fee: Cents,
    pub over_fee_group: Group,
    /// PR-122.
    pub unrecognised: Cents,
    /// PR-1, PR-3 and PR-2 as the patient owes them; `plan` is not used.
    pub patient: CostShare,
    /// OA-23.
    pub prior: Cents,
    /// What the plan pays before its maxima.
    pub plan_pays: Cents,
    /// What counts towards the deductible, which may be more than the patient owes now.
    pub deductible_used: Cents,
}

/// A line without a prior payer: step 1's difference, steps 2 to 6.
pub(super) fn alone(
    fee: &Fee,
    rules: &Rules<'_>,
    left: &Left,
    network: Network,
    line: &Line,
) -> Option<Settled> {
    let share = CostShare::of(fee.base, rules, left)?;
    Some(Settled {
        over_fee: line.charge.above(fee.allowed),
        over_fee_group: if network.is_in() || line.balance_billing_prohibited {
            Group::Contractual
        } else {
            Group::Patient
        },
        unrecognised: fee.unrecognised,
        patient: share,
        prior: Cents::ZERO,
        plan_pays: share.plan,
        deductible_used: share.deductible,
    })
}

/// A line after a prior payer. R, N, M and S are the names of rulings.md 2, step 7.
pub(super) fn after(
    coordination: Coordination,
    prior: &OtherPayer,
    fee: &Fee,
    rules: &Rules<'_>,
    left: &Left,
    line: &Line,
) -> Option<Settled> {
    let r = prior.left();
    // Maintenance of benefits starts the cost sharing from what was not paid; the others from
    // what this plan alone would start from.
    let (base, mut unrecognised) = match coordination {
        Coordination::MaintenanceOfBenefits => (
            fee.allowed.min(prior.obligated).above(prior.paid),
            Cents::ZERO,
        ),
        _ => (fee.base, fee.unrecognised),
    };
    let mut patient = CostShare::of(base, rules, left)?;
    let n = patient.plan;
    let s = match coordination {
        Coordination::Standard | Coordination::MaintenanceOfBenefits => n,
        Coordination::CarveOut => n.above(prior.paid),
        Coordination::MedicareSecondary => n.min(fee.allowed.max(prior.allowed).above(prior.paid)),
    }
    .min(r);

    let deductible_used = patient.deductible;
    let mut open = r.above(s);
    let m = unrecognised.checked_add(patient.patient()?)?;
    let mut cut = m.above(open);
    for part in [
        &mut unrecognised,
        &mut patient.coinsurance,
        &mut patient.copay,
        &mut patient.deductible,
    ] {
        let taken = part.take(cut);
        cut = cut.above(taken);
    }
    open = open.above(unrecognised.checked_add(patient.patient()?)?);
    Some(Settled {
        over_fee: open,
        over_fee_group: Group::Contractual,
        unrecognised,
        patient,
        prior: line.charge.above(r),
        plan_pays: s,
        deductible_used,
    })
}
