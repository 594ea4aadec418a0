//! What the patient bears of a line (steps 3 to 6).

use super::accumulators::{Accumulators, Deltas, Used};
use super::benefit::Entry;
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
    #[inline(always)]
    pub(super) fn of(
        plan: &Plan<'a>,
        network: Network,
        benefit: &impl Entry,
        copay_taken: bool,
    ) -> Self {
        let copay = benefit.copay().unwrap_or(plan.copay);
        let copay_instead = plan.cost_share_order == CostShareOrder::CopayFirst && !copay.is_zero();
        let coinsurance = match benefit.coinsurance() {
            Some(own) => Coinsurance::Flat(own),
            None if network.is_in() && !plan.tiers.is_empty() => Coinsurance::Tiers(plan.tiers),
            None => Coinsurance::Flat(terms(plan, network).coinsurance),
        };
        Self {
            order: plan.cost_share_order,
            deductible_applies: benefit.deductible_applies().unwrap_or(!copay_instead),
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

/// What the member can still be asked to bear, and the plan to pay. Where there is no limit,
/// [`Cents::MAX`], which no claim exceeds.
#[derive(Clone, Copy)]
pub(super) struct Left {
    deductible: Cents,
    out_of_pocket: Cents,
    tier_used: Cents,
    /// In the year and in a lifetime, whichever is less.
    plan: Cents,
    /// What is left for the year beyond that, and for a lifetime: nothing in one of them.
    year_beyond: Cents,
    lifetime_beyond: Cents,
}

impl Left {
    pub(super) fn of(plan: &Plan<'_>, network: Network, accumulators: &Accumulators) -> Self {
        let terms = terms(plan, network);
        let used = accumulators.of_network(network);
        let above = |maximum: Option<Cents>, used| {
            maximum.map_or(Cents::MAX, |maximum: Cents| maximum.above(used))
        };
        let annual = above(plan.annual_maximum, accumulators.annual);
        let lifetime = above(plan.lifetime_maximum, accumulators.lifetime);
        let paid = annual.min(lifetime);
        Self {
            deductible: left_of(&terms.deductible, &used.deductible).unwrap_or(Cents::ZERO),
            out_of_pocket: left_of(&terms.out_of_pocket, &used.out_of_pocket).unwrap_or(Cents::MAX),
            tier_used: accumulators.tier,
            plan: paid,
            year_beyond: annual.without_part(paid),
            lifetime_beyond: lifetime.without_part(paid),
        }
    }

    /// Whether the plan can pay this much, in the year and in a lifetime.
    pub(super) fn covers(&self, paid: Cents) -> bool {
        paid <= self.plan
    }

    /// What the plan can still pay in the year.
    pub(super) const fn year(&self) -> Cents {
        let mut left = self.plan;
        left.put_part(self.year_beyond);
        left
    }

    /// What the plan can still pay in a lifetime.
    pub(super) const fn lifetime(&self) -> Cents {
        let mut left = self.plan;
        left.put_part(self.lifetime_beyond);
        left
    }

    /// Takes off what a line has added: person and family use the same, so the smaller of what is left for either falls by
    /// it. No line adds more than is left, and without a limit all lines together do not.
    #[inline(always)]
    pub(super) const fn take_off(&mut self, deltas: &Deltas) {
        self.deductible = self.deductible.without_part(deltas.deductible);
        self.out_of_pocket = self.out_of_pocket.without_part(deltas.out_of_pocket);
        self.plan = self.plan.without_part(deltas.paid);
        // That the tiers have room for it is checked with the other accumulators.
        self.tier_used.put_part(deltas.tier);
    }

    /// What lines have added since `before`, to the accumulators that no category has.
    pub(super) const fn added_since(&self, before: &Self, network: Network) -> Deltas {
        Deltas {
            network,
            category: None,
            deductible: before.deductible.without_part(self.deductible),
            out_of_pocket: before.out_of_pocket.without_part(self.out_of_pocket),
            tier: self.tier_used.without_part(before.tier_used),
            paid: before.plan.without_part(self.plan),
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
#[inline(always)]
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
    let shared = split.shared();
    if shared > left.out_of_pocket {
        *split = move_to_plan(*split, shared.without_part(left.out_of_pocket));
    }
    split.deductible_used = split.deductible;
    Some(())
}

/// Step 6: what exceeds the out-of-pocket maximum moves to the plan, coinsurance first.
// By value, as is whatever few lines come to: the sheet of the others is then never in memory.
#[cold]
#[inline(never)]
fn move_to_plan(mut split: Split, mut excess: Cents) -> Split {
    for part in [
        &mut split.coinsurance,
        &mut split.copay,
        &mut split.deductible,
    ] {
        let moved = part.take(excess);
        excess = excess.above(moved);
        split.plan.put(moved);
    }
    split
}

/// The plan's share of `rest`, which starts where `used` ends: slices summed unrounded, rounded
/// once.
#[inline(never)]
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
