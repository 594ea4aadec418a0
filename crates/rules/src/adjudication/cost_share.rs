//! What the patient bears of a line (steps 3 to 6).

use super::accumulators::{Accumulators, Used};
use super::benefit::Benefit;
use super::line::Network;
use super::plan::{CostShareOrder, Limit, OutOfNetwork, Plan, Terms, Tier};
use super::split::Split;
use crate::money::{BasisPoints, Cents, Unrounded};

/// What applies to one line, after inheritance.
pub(super) struct Rules<'a> {
    order: CostShareOrder,
    deductible_applies: bool,
    copay: Cents,
    coinsurance: Coinsurance<'a>,
}

enum Coinsurance<'a> {
    Flat(BasisPoints),
    Tiers(&'a [Tier]),
}

impl<'a> Rules<'a> {
    /// `copay_taken`: a line of the claim took the copay of this category and day before.
    pub(super) fn of(
        plan: &Plan<'a>,
        network: Network,
        benefit: &Benefit,
        copay_taken: bool,
    ) -> Self {
        let copay = benefit.copay.unwrap_or(plan.copay);
        let copay_instead = plan.cost_share_order == CostShareOrder::CopayFirst && !copay.is_zero();
        let coinsurance = match benefit.coinsurance {
            Some(own) => Coinsurance::Flat(own),
            None if network.is_in() && !plan.tiers.is_empty() => Coinsurance::Tiers(plan.tiers),
            None => Coinsurance::Flat(terms(plan, network).coinsurance),
        };
        Self {
            order: plan.cost_share_order,
            deductible_applies: benefit.deductible_applies.unwrap_or(!copay_instead),
            copay: if copay_taken { Cents::ZERO } else { copay },
            coinsurance,
        }
    }
}

/// The terms of a network status; where the plan has none outside, a gate has denied the line.
const fn terms<'p>(plan: &'p Plan<'_>, network: Network) -> &'p Terms {
    match (network, &plan.out_of_network) {
        (Network::Out, OutOfNetwork::Terms(terms)) => terms,
        _ => &plan.in_network,
    }
}

/// What the member can still be asked to bear.
pub(super) struct Left {
    deductible: Cents,
    /// `None`: without limit.
    out_of_pocket: Option<Cents>,
    tier_used: Cents,
}

impl Left {
    pub(super) fn of(plan: &Plan<'_>, network: Network, accumulators: &Accumulators) -> Self {
        let terms = terms(plan, network);
        let used = accumulators.of_network(network);
        Self {
            deductible: left_of(&terms.deductible, &used.deductible).unwrap_or(Cents::ZERO),
            out_of_pocket: left_of(&terms.out_of_pocket, &used.out_of_pocket),
            tier_used: accumulators.tier,
        }
    }
}

/// The smaller of what is left for the person and for the family, over the figures that exist.
fn left_of(limit: &Limit, used: &Used) -> Option<Cents> {
    let individual = limit.individual.map(|limit| limit.above(used.individual));
    let family = limit.family.map(|limit| limit.above(used.family));
    match (individual, family) {
        (Some(individual), Some(family)) => Some(individual.min(family)),
        (individual, family) => individual.or(family),
    }
}

/// Steps 3 to 6: shares between patient and plan what is the plan's so far. `None` where the tiers
/// do not cover it.
pub(super) fn share(split: &mut Split, rules: &Rules<'_>, left: &Left) -> Option<()> {
    let mut rest = split.plan;
    let deductible = if rules.deductible_applies {
        left.deductible
    } else {
        Cents::ZERO
    };
    match rules.order {
        CostShareOrder::DeductibleFirst => {
            split.deductible = rest.take(deductible);
            split.copay = rest.take(rules.copay);
        }
        CostShareOrder::CopayFirst => {
            split.copay = rest.take(rules.copay);
            split.deductible = rest.take(deductible);
        }
    }
    split.copay_taken = !split.copay.is_zero();
    split.plan = match rules.coinsurance {
        Coinsurance::Flat(rate) => rest.share(rate.complement()),
        Coinsurance::Tiers(tiers) => {
            split.tiered = rest;
            plan_share_by_tiers(rest, tiers, left.tier_used)?
        }
    };
    // A share is no more than what it is of.
    split.coinsurance = rest.without_part(split.plan);
    if let Some(most) = left.out_of_pocket {
        move_above(split, most);
    }
    split.deductible_used = split.deductible;
    Some(())
}

/// Step 6: what exceeds the out-of-pocket maximum moves to the plan, coinsurance first.
fn move_above(split: &mut Split, out_of_pocket: Cents) {
    let mut excess = split.shared().above(out_of_pocket);
    if excess.is_zero() {
        return;
    }
    for part in [
        &mut split.coinsurance,
        &mut split.copay,
        &mut split.deductible,
    ] {
        let moved = part.take(excess);
        excess = excess.above(moved);
        split.plan.put(moved);
    }
}

/// The plan's share of `rest`, which starts where `used` ends: slices summed unrounded, rounded
/// once.
fn plan_share_by_tiers(rest: Cents, tiers: &[Tier], used: Cents) -> Option<Cents> {
    let mut shares = Unrounded::ZERO;
    let mut rest = rest;
    let mut from = used;
    for tier in tiers {
        let slice = match tier.up_to {
            Some(end) => rest.take(end.above(from)),
            None => rest.take(Cents::MAX),
        };
        shares.add(slice, tier.coinsurance.complement());
        from = from.max(tier.up_to.unwrap_or(from));
    }
    rest.is_zero().then(|| shares.round())
}
